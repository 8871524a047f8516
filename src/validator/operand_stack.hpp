// The types of the operands, for validation.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "core/int.hpp"
#include "waxwing/types.hpp"

namespace waxwing {

// Whether the lists are equal. Long ones are compared as bytes, since a few bytes of code can
// ask for it.
inline bool are_same(std::span<const ValType> a, std::span<const ValType> b) {
    static_assert(std::has_unique_object_representations_v<ValType>);
    constexpr usize few = 8;
    if (a.size() != b.size()) return false;
    if (a.size() <= few) return std::ranges::equal(a, b);
    return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// Invariant: floor_ <= top_ <= limit_, all into storage_. Operands below the
// floor belong to enclosing blocks and are out of reach.
class OperandStack {
public:
    OperandStack() : storage_(initial_size) { rebase(0, 0); }

    void push(ValType type) {
        if (top_ == limit_) [[unlikely]]
            grow(1);
        *top_++ = type;
    }
    void push(std::span<const ValType> types) {
        if (static_cast<usize>(limit_ - top_) < types.size()) [[unlikely]]
            grow(types.size());
        for (const ValType type : types)
            *top_++ = type;
    }

    bool at_floor() const { return top_ == floor_; }
    // Operands above the floor.
    usize available() const { return static_cast<usize>(top_ - floor_); }
    // The n-th operand from the top, 0 being the last. Requires: available() > n.
    ValType peek(usize n = 0) const { return *(top_ - 1 - n); }
    // Replaces the `count` topmost operands by `type`. Requires: available() >= count > 0.
    void replace(usize count, ValType type) {
        top_ -= count - 1;
        *(top_ - 1) = type;
    }
    void pop(usize count = 1) { top_ -= count; }
    void drop_to_floor() { top_ = floor_; }

    usize height() const { return static_cast<usize>(top_ - storage_.data()); }
    void set_floor(usize height) { floor_ = storage_.data() + height; }
    // The `count` topmost operands, or as many as are above the floor, in order.
    std::span<const ValType> top(usize count) const {
        const usize n = count < available() ? count : available();
        return {top_ - n, n};
    }
    void clear() { top_ = floor_ = storage_.data(); }

private:
    static constexpr usize initial_size = 256;

    [[gnu::noinline, gnu::cold]] void grow(usize room) {
        const usize height = this->height();
        const auto floor = static_cast<usize>(floor_ - storage_.data());
        storage_.resize(2 * storage_.size() + room);
        rebase(height, floor);
    }
    void rebase(usize height, usize floor) {
        top_ = storage_.data() + height;
        floor_ = storage_.data() + floor;
        limit_ = storage_.data() + storage_.size();
    }

    std::vector<ValType> storage_;
    ValType* top_;
    ValType* floor_;
    ValType* limit_;
};

}  // namespace waxwing
