// Builds the binary format.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "core/int.hpp"

namespace waxwing {

class Writer {
public:
    Writer() = default;
    explicit Writer(std::vector<u8>&& bytes) : bytes_(std::move(bytes)) {}

    void byte(u8 value) { bytes_.push_back(value); }
    void bytes(const Writer& other) { append(other.bytes_.data(), other.size()); }
    void bytes(std::string_view text) {
        append(reinterpret_cast<const u8*>(text.data()), text.size());
    }
    void u32_leb(u32 value) { u64_leb(value); }
    void u64_leb(u64 value) {
        for (; value >= 0x80; value >>= 7)
            byte(static_cast<u8>(value | 0x80));
        byte(static_cast<u8>(value));
    }
    void s64_leb(s64 value) {
        while (value < -64 || value > 63) {
            byte(static_cast<u8>(value | 0x80));
            value >>= 7;
        }
        byte(static_cast<u8>(value & 0x7F));
    }
    template <class Bits>
    void little_endian(Bits value) {
        for (usize i = 0; i < sizeof(Bits); ++i)
            byte(static_cast<u8>(value >> 8 * i));
    }
    // name ::= vec(byte)
    void name(std::string_view text) {
        u64_leb(text.size());
        bytes(text);
    }
    // A part with its size before it.
    void sized(const Writer& part) {
        u64_leb(part.size());
        bytes(part);
    }

    usize size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    const u8* data() const { return bytes_.data(); }
    void truncate(usize size) { bytes_.resize(size); }
    void clear() { bytes_.clear(); }
    void set(usize at, int value) { bytes_[at] = static_cast<u8>(value); }
    void append(const u8* data, usize size) {
        // What is small beside what comes should not double because of a byte behind it.
        if (size > bytes_.size() && size > bytes_.capacity() - bytes_.size())
            bytes_.reserve(bytes_.size() + size + size / 8 + 16);
        bytes_.insert(bytes_.end(), data, data + size);
    }
    // Puts `count` zeros in front of what stands at `at`.
    void insert(usize at, usize count) {
        bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(at), count, 0);
    }
    std::string_view view(usize from = 0) const {
        return {reinterpret_cast<const char*>(bytes_.data()) + from, bytes_.size() - from};
    }
    std::vector<u8> take() { return std::exchange(bytes_, {}); }

    usize capacity() const { return bytes_.capacity(); }
    void reserve(usize size) { bytes_.reserve(size); }
    // Empties it, and gives its memory back if that is more than `most` bytes.
    void reset(usize most) {
        if (bytes_.capacity() > most)
            bytes_ = {};
        else
            bytes_.clear();
    }

private:
    std::vector<u8> bytes_;
};

}  // namespace waxwing
