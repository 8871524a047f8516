// Reads a module's bytes. A Reader sees a window of the module and counts
// offsets from the module's first byte; it never reads outside its window.
// The bytes belong to someone else and must outlive it.
#pragma once

#include <span>
#include <string_view>

#include "core/fault.hpp"
#include "core/int.hpp"
#include "core/module.hpp"
#include "waxwing/error.hpp"
#include "waxwing/value.hpp"

namespace waxwing {

class Reader {
public:
    // Requires: the window lies within `module`, which is smaller than 4 GiB.
    Reader(std::span<const u8> module, core::Range window)
        : module_(module), pos_(module.data() + window.offset), end_(pos_ + window.size) {}
    explicit Reader(std::span<const u8> module)
        : Reader(module, {0, static_cast<u32>(module.size())}) {}

    u32 offset() const { return static_cast<u32>(pos_ - module_.data()); }
    u32 remaining() const { return static_cast<u32>(end_ - pos_); }
    u32 end_offset() const { return static_cast<u32>(end_ - module_.data()); }
    bool at_end() const { return pos_ == end_; }

    Result<u8> byte() {
        if (at_end()) [[unlikely]]
            return fail(Fault::unexpected_end, {}, offset());
        return *pos_++;
    }
    // The next byte without taking it; -1 at the end.
    int peek() const { return at_end() ? -1 : *pos_; }

    Result<u32> u32_leb() {
        if (!at_end() && *pos_ < 0x80) [[likely]]
            return *pos_++;
        return slow_u32();
    }
    Result<u64> u64_leb() {
        if (!at_end() && *pos_ < 0x80) [[likely]]
            return *pos_++;
        return slow_u64();
    }
    Result<s32> s32_leb();
    Result<s64> s33_leb();
    Result<s64> s64_leb();
    Result<u32> f32_bits();
    Result<u64> f64_bits();
    Result<V128> v128();

    // The length of what follows, or the count of a vector's elements, each of
    // at least one byte: never more than remaining().
    Result<u32> length();
    // name ::= length, UTF-8 bytes
    Result<std::string_view> name();
    // The next `size` bytes, skipped here.
    Result<core::Range> take(u32 size);
    // A reader of the next `size` bytes, which are skipped here.
    Result<Reader> sub(u32 size);

    [[gnu::cold]] std::unexpected<Error> fail(Fault fault, std::string detail, u32 at) const {
        return std::unexpected(make_error(fault, std::move(detail), at));
    }

private:
    Result<u32> slow_u32();
    Result<u64> slow_u64();
    template <class T, unsigned bits>
    Result<T> leb();
    template <class T>
    Result<T> fixed();

    std::span<const u8> module_;
    const u8* pos_;
    const u8* end_;
};

}  // namespace waxwing
