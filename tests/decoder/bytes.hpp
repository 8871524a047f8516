// Helpers to write modules byte by byte and to say what they must decode to.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/instr.hpp"
#include "core/module.hpp"
#include "decoder/instr_reader.hpp"
#include "decoder/module_decoder.hpp"

namespace waxwing::test {

using Bytes = std::vector<u8>;

// Concatenates bytes, texts and other Bytes.
inline void append(Bytes& out, int byte) { out.push_back(static_cast<u8>(byte)); }
inline void append(Bytes& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
}
inline void append(Bytes& out, const char* text) { append(out, std::string_view(text)); }
inline void append(Bytes& out, const Bytes& more) {
    out.insert(out.end(), more.begin(), more.end());
}
template <class... Parts>
Bytes bytes(const Parts&... parts) {
    Bytes out;
    (append(out, parts), ...);
    return out;
}

inline Bytes leb(u64 value) {
    Bytes out;
    do {
        const bool more = value >> 7;
        out.push_back(static_cast<u8>((value & 0x7F) | (more ? 0x80 : 0)));
        value >>= 7;
    } while (value);
    return out;
}

template <class... Parts>
Bytes section(int id, const Parts&... parts) {
    const Bytes contents = bytes(parts...);
    return bytes(id, leb(contents.size()), contents);
}

// A module of these sections; the first starts at offset 8.
template <class... Sections>
Bytes module(const Sections&... parts) {
    return bytes(0, "asm", 1, 0, 0, 0, parts...);
}

// A module with one function of type [] -> [] and these locals and instructions,
// and a count of no data segments.
inline constexpr u32 body_offset = 0x1A;
inline Bytes function_module(const Bytes& body) {
    const Bytes function = bytes(0, body);
    return module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(12, 0),
                  section(10, 1, leb(function.size()), function));
}

// Reads every instruction of every function; the number of them.
inline Result<usize> walk(const core::Module& module) {
    usize count = 0;
    Instr in{};
    for (const core::Code& code : module.code) {
        InstrReader reader(module, code.instructions);
        while (!reader.done()) {
            if (auto next = reader.next(in); !next) return std::unexpected(next.error());
            ++count;
        }
    }
    return count;
}

inline Result<usize> decode_and_walk(const Bytes& bytes, Features features = {}) {
    const auto module = decode_module(bytes, features);
    if (!module) return std::unexpected(module.error());
    return walk(*module);
}

inline void expect_error(const Bytes& bytes, ErrorKind kind, std::string_view text, u64 offset,
                         Features features = {}) {
    const auto result = decode_and_walk(bytes, features);
    ASSERT_FALSE(result.has_value()) << "expected: " << text;
    EXPECT_TRUE(result.error().message().starts_with(text))
        << "message:  " << result.error().message() << "\nexpected: " << text;
    EXPECT_EQ(result.error().kind(), kind);
    EXPECT_EQ(result.error().byte_offset(), offset);
}

inline void expect_malformed(const Bytes& bytes, std::string_view text, u64 offset,
                             Features features = {}) {
    expect_error(bytes, ErrorKind::malformed, text, offset, features);
}

inline core::Module expect_decoded(const Bytes& bytes, Features features = {}) {
    auto module = decode_module(bytes, features);
    if (!module) {
        ADD_FAILURE() << module.error().message();
        return {};
    }
    return *std::move(module);
}

}  // namespace waxwing::test
