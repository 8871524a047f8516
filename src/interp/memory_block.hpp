// The bytes of a linear memory. Where the host allows, address space for all
// the memory may ever need is reserved, so that growing only makes more of it
// accessible and does not move it; otherwise plain allocation.
//
// A small memory starts as a plain allocation, which is faster to make and to
// free than a reservation, and moves to one when it first grows.
#pragma once

#include "core/int.hpp"

namespace waxwing::interp {

class DataImage;

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
    // Puts the image's bytes where they belong, without copying them. Requires:
    // nothing was written yet. False if that cannot be done; then the bytes may
    // be elsewhere, and none are left if the host has no room any more.
    [[nodiscard]] bool map(const DataImage& image);

    u8* base() const { return base_; }
    u64 size() const { return size_; }

private:
    void swap(MemoryBlock& other) noexcept;
    bool reserve(u64 size, u64 most);
    bool grow_elsewhere(u64 new_size);

    u8* base_ = nullptr;
    u64 size_ = 0;
    u64 reserved_ = 0;    // bytes of address space; 0: plain allocation
    u64 later_ = 0;       // what to reserve when it grows; 0: nothing
    bool moves_ = false;  // the address space is what `size_` takes, and growing takes another
};

}  // namespace waxwing::interp
