#include "interp/memory_block.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "interp/data_image.hpp"

namespace waxwing::interp {
namespace {

// Up to here clearing memory costs less than the calls that reserve it.
constexpr u64 small_size = 64 << 10;

u64 round_to_page(u64 size) {
    static const u64 page = static_cast<u64>(sysconf(_SC_PAGESIZE));
    return (size + page - 1) & ~(page - 1);
}

}  // namespace

void MemoryBlock::swap(MemoryBlock& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(reserved_, other.reserved_);
    std::swap(later_, other.later_);
    std::swap(moves_, other.moves_);
}

MemoryBlock::~MemoryBlock() {
    if (reserved_)
        munmap(base_, reserved_);
    else
        std::free(base_);
}

// Address space for `most` bytes, of which `size` are accessible. False, and
// nothing changed, if the host refuses.
bool MemoryBlock::reserve(u64 size, u64 most) {
    const u64 span = round_to_page(most);
    const u64 accessible = round_to_page(size);
    const int protection = accessible == span ? PROT_READ | PROT_WRITE : PROT_NONE;
    void* at = mmap(nullptr, span, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return false;
    if (accessible < span && accessible > 0 &&
        mprotect(at, accessible, PROT_READ | PROT_WRITE) != 0) {
        munmap(at, span);
        return false;
    }
    base_ = static_cast<u8*>(at);
    size_ = size;
    reserved_ = span;
    return true;
}

bool MemoryBlock::allocate(u64 size, u64 most, bool reserve) {
    if (reserve && most > 0 && most >= size) {
        if (size <= small_size)
            later_ = most;
        else if (this->reserve(size, most))
            return true;
    }
    if (size > small_size) return moves_ = this->reserve(size, size);
    if (size > 0) {
        base_ = static_cast<u8*>(std::calloc(size, 1));
        if (!base_) return false;
    }
    size_ = size;
    return true;
}

bool MemoryBlock::grow(u64 new_size) {
    if (new_size <= size_) return true;
    if (later_ >= new_size) {
        MemoryBlock moved;
        if (moved.reserve(new_size, later_)) {
            if (size_) std::memcpy(moved.base_, base_, size_);
            swap(moved);
            return true;
        }
    }
    if (moves_ || !reserved_) return grow_elsewhere(new_size);
    if (new_size > reserved_) return false;
    const u64 from = round_to_page(size_);
    const u64 to = round_to_page(new_size);
    if (to > from && mprotect(base_ + from, to - from, PROT_READ | PROT_WRITE) != 0) return false;
    size_ = new_size;
    return true;
}

// Where nothing is reserved. What is large is mapped: then pages are moved, not bytes, and the new
// ones are zero without being written, so that it takes no longer the more there is.
bool MemoryBlock::grow_elsewhere(u64 new_size) {
    if (moves_) {
        const u64 span = round_to_page(new_size);
        void* at = mremap(base_, reserved_, span, MREMAP_MAYMOVE);
        if (at == MAP_FAILED) return false;
        base_ = static_cast<u8*>(at);
        reserved_ = span;
        size_ = new_size;
        return true;
    }
    if (new_size > small_size) {
        MemoryBlock moved;
        if (!moved.reserve(new_size, new_size)) return false;
        if (size_) std::memcpy(moved.base_, base_, size_);
        moved.moves_ = true;
        swap(moved);
        return true;
    }
    auto* moved = static_cast<u8*>(std::realloc(base_, new_size));
    if (!moved) return false;
    std::memset(moved + size_, 0, new_size - size_);
    base_ = moved;
    size_ = new_size;
    return true;
}

bool MemoryBlock::map(const DataImage& image) {
    if (!reserved_ || moves_ || image.offset() + image.size() > round_to_page(size_)) return false;
    if (mmap(base_ + image.offset(), image.size(), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image.file(), 0) != MAP_FAILED)
        return true;
    // The old pages may be gone all the same.
    const u64 size = size_, most = reserved_;
    *this = MemoryBlock();
    (void)reserve(size, most);
    return false;
}

}  // namespace waxwing::interp
