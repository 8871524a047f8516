// Verbs for the tests of the text format.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/int.hpp"
#include "text/script.hpp"
#include "waxwing/text.hpp"

namespace waxwing::text {

inline std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        if (!text.empty()) text += ' ';
        constexpr char digits[] = "0123456789abcdef";
        text += digits[static_cast<u8>(c) >> 4];
        text += digits[static_cast<u8>(c) & 15];
    }
    return text;
}

// The module in binary behind its header, or "error: ...".
inline std::string binary_of(std::string_view wat, TextOptions options = {.emit_names = false}) {
    const auto bytes = parse_wat(wat, options);
    if (!bytes) return "error: " + std::string(bytes.error().message());
    return std::string(reinterpret_cast<const char*>(bytes->data()) + 8, bytes->size() - 8);
}

inline std::string hex_of(std::string_view wat, TextOptions options = {.emit_names = false}) {
    const std::string bytes = binary_of(wat, options);
    return bytes.starts_with("error") ? bytes : to_hex(bytes);
}

// The instructions of the one function in "(module (func FIELDS))", without locals
// and `end`. Requires a body shorter than 125 bytes.
inline std::string body_of(std::string_view fields, std::string_view before = "",
                           std::string_view after = "") {
    const std::string bytes = binary_of("(module " + std::string(before) + "(func " +
                                        std::string(fields) + ")" + std::string(after) + ")");
    if (bytes.starts_with("error")) return bytes;
    for (usize at = 0; at < bytes.size(); at += 2 + static_cast<u8>(bytes[at + 1])) {
        if (bytes[at] != 10) continue;
        // id, size, count, size, locals, instructions ..., end
        const usize size = static_cast<u8>(bytes[at + 3]);
        return to_hex(std::string_view(bytes).substr(at + 5, size - 2));
    }
    return "no code";
}

inline void expect_malformed(std::string_view wat, std::string_view message, u64 offset,
                             TextOptions options = {}) {
    const auto bytes = parse_wat(wat, options);
    ASSERT_FALSE(bytes) << wat;
    EXPECT_EQ(bytes.error().message(), message) << wat;
    EXPECT_EQ(bytes.error().kind(), ErrorKind::malformed) << wat;
    EXPECT_EQ(bytes.error().code(), Code::compile) << wat;
    EXPECT_EQ(bytes.error().byte_offset(), offset) << wat;
}

}  // namespace waxwing::text
