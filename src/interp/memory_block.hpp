// The bytes of a linear memory. Where the host allows, address space for all
// the memory may ever need is reserved at once, so that growing only makes more
// of it accessible and never moves it; otherwise plain allocation.
#pragma once

#include "core/int.hpp"

namespace waxwing::interp {

class MemoryBlock {
public:
    MemoryBlock() = default;
    MemoryBlock(MemoryBlock&& other) noexcept { swap(other); }
    MemoryBlock& operator=(MemoryBlock&& other) noexcept {
        swap(other);
        return *this;
    }
    ~MemoryBlock();

    // `size` zero bytes, to grow up to `most` bytes. False if the host has no room.
    [[nodiscard]] bool allocate(u64 size, u64 most, bool reserve);
    // Zero bytes are added. False, and nothing changed, if the host has no room.
    [[nodiscard]] bool grow(u64 new_size);

    u8* base() const { return base_; }
    u64 size() const { return size_; }
    bool is_reserved() const { return reserved_ != 0; }

private:
    void swap(MemoryBlock& other) noexcept;

    u8* base_ = nullptr;
    u64 size_ = 0;
    u64 reserved_ = 0;  // bytes of address space; 0: plain allocation
};

}  // namespace waxwing::interp
