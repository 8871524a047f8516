// Modules put together byte by byte, for what no honest tool would write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace waxwing::test {

class Bytes {
public:
    Bytes() = default;
    Bytes(std::initializer_list<int> bytes) { add(bytes); }

    Bytes& add(std::initializer_list<int> bytes) {
        for (const int byte : bytes)
            data_.push_back(static_cast<std::byte>(byte));
        return *this;
    }
    Bytes& add(const Bytes& other) {
        data_.insert(data_.end(), other.data_.begin(), other.data_.end());
        return *this;
    }
    Bytes& text(std::string_view text) {
        for (const char c : text)
            data_.push_back(static_cast<std::byte>(c));
        return *this;
    }
    // Unsigned LEB128.
    Bytes& leb(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            data_.push_back(static_cast<std::byte>(value | 0x80));
        data_.push_back(static_cast<std::byte>(value));
        return *this;
    }
    // Signed LEB128.
    Bytes& sleb(std::int64_t value) {
        for (; value >= 0x40 || value < -0x40; value >>= 7)
            data_.push_back(static_cast<std::byte>(value | 0x80));
        data_.push_back(static_cast<std::byte>(value & 0x7F));
        return *this;
    }
    Bytes& repeat(std::size_t times, const Bytes& what) {
        data_.reserve(data_.size() + times * what.size());
        for (std::size_t i = 0; i < times; ++i)
            data_.insert(data_.end(), what.data_.begin(), what.data_.end());
        return *this;
    }
    // The size of `content`, then `content`.
    Bytes& sized(const Bytes& content) { return leb(content.size()).add(content); }
    Bytes& section(int id, const Bytes& content) { return add({id}).sized(content); }

    std::size_t size() const { return data_.size(); }
    operator std::span<const std::byte>() const { return data_; }

private:
    std::vector<std::byte> data_;
};

// Magic and version 1.
inline Bytes header() { return {0x00, 'a', 's', 'm', 1, 0, 0, 0}; }

// One function without parameters or results, with this code (locals included).
inline Bytes one_function(const Bytes& code) {
    return header()
        .section(1, {1, 0x60, 0, 0})
        .section(3, {1, 0})
        .section(10, Bytes{1}.sized(code));
}

}  // namespace waxwing::test
