#include "allocation.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

std::size_t held = 0;
std::size_t most = 0;

// More than any test may hold at once: stop before the machine suffers.
constexpr std::size_t ceiling = std::size_t{3} << 30;

void* count(void* block) {
    if (!block) {
        std::fputs("robustness: out of memory\n", stderr);
        std::abort();
    }
    held += malloc_usable_size(block);
    most = std::max(most, held);
    return block;
}

void* allocate(std::size_t size) {
    if (size > ceiling || held + size > ceiling) {
        std::fprintf(stderr, "robustness: an allocation of %zu bytes, with %zu held\n", size, held);
        std::abort();
    }
    return count(std::malloc(size ? size : 1));
}

void* allocate(std::size_t size, std::align_val_t align) {
    const auto unit = static_cast<std::size_t>(align);
    return count(
        std::aligned_alloc(unit, (std::max<std::size_t>(size, 1) + unit - 1) / unit * unit));
}

void release(void* block) {
    if (block) held -= malloc_usable_size(block);
    std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t align) { return allocate(size, align); }
void* operator new[](std::size_t size, std::align_val_t align) { return allocate(size, align); }
// Whoever asks this way is prepared for a no.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return size > ceiling || held + size > ceiling ? nullptr : allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return operator new(size, std::nothrow);
}
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }

namespace waxwing::test {

AllocationScope::AllocationScope() : before_(held) { most = held; }

std::size_t AllocationScope::peak() const { return most > before_ ? most - before_ : 0; }

}  // namespace waxwing::test
