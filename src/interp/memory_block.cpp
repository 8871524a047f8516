#include "interp/memory_block.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace waxwing::interp {
namespace {

u64 round_to_page(u64 size) {
    static const u64 page = static_cast<u64>(sysconf(_SC_PAGESIZE));
    return (size + page - 1) & ~(page - 1);
}

}  // namespace

void MemoryBlock::swap(MemoryBlock& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(reserved_, other.reserved_);
}

MemoryBlock::~MemoryBlock() {
    if (reserved_)
        munmap(base_, reserved_);
    else
        std::free(base_);
}

bool MemoryBlock::allocate(u64 size, u64 most, bool reserve) {
    if (reserve && most > 0 && most >= size) {
        const u64 span = round_to_page(most);
        void* at =
            mmap(nullptr, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at != MAP_FAILED) {
            if (size == 0 || mprotect(at, round_to_page(size), PROT_READ | PROT_WRITE) == 0) {
                base_ = static_cast<u8*>(at);
                size_ = size;
                reserved_ = span;
                return true;
            }
            munmap(at, span);
        }
    }
    if (size > 0) {
        base_ = static_cast<u8*>(std::calloc(size, 1));
        if (!base_) return false;
    }
    size_ = size;
    return true;
}

bool MemoryBlock::grow(u64 new_size) {
    if (new_size <= size_) return true;
    if (reserved_) {
        if (new_size > reserved_) return false;
        const u64 from = round_to_page(size_);
        const u64 to = round_to_page(new_size);
        if (to > from && mprotect(base_ + from, to - from, PROT_READ | PROT_WRITE) != 0)
            return false;
    } else {
        auto* moved = static_cast<u8*>(std::realloc(base_, new_size));
        if (!moved) return false;
        std::memset(moved + size_, 0, new_size - size_);
        base_ = moved;
    }
    size_ = new_size;
    return true;
}

}  // namespace waxwing::interp
