#include "failing.hpp"

#include <errno.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

// What the library itself calls, by way of the linker.
extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t count, std::size_t size);
void* __real_realloc(void* block, std::size_t size);
void __real_free(void* block);
void* __real_mmap(void* at, std::size_t size, int protection, int flags, int fd, off_t offset);
void* __real_mmap64(void* at, std::size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void* at, std::size_t size);
int __real_mprotect(void* at, std::size_t size, int protection);
int __real_memfd_create(const char* name, unsigned flags);
}

namespace waxwing::test {
namespace {

Held now;
// What the running attempt asks for; null while none is armed.
struct Watch {
    Failure failure;
    std::size_t seen = 0;
    std::size_t failed = 0;
};
Watch* watch = nullptr;

bool fails(std::size_t size) {
    if (!watch || size < watch->failure.least) return false;
    const std::size_t number = ++watch->seen;
    const Failure& failure = watch->failure;
    if (number != failure.first && !(failure.all_after && number > failure.first)) return false;
    ++watch->failed;
    return true;
}

void* count(void* block) {
    if (!block) return nullptr;
    ++now.blocks;
    now.block_bytes += malloc_usable_size(block);
    return block;
}
void uncount(void* block) {
    if (!block) return;
    --now.blocks;
    now.block_bytes -= malloc_usable_size(block);
}

void* allocate(std::size_t size) {
    return fails(size) ? nullptr : count(__real_malloc(size + !size));
}
void* allocate(std::size_t size, std::align_val_t align) {
    const auto unit = static_cast<std::size_t>(align);
    if (fails(size)) return nullptr;
    return count(std::aligned_alloc(unit, (size + !size + unit - 1) / unit * unit));
}
template <class... Align>
void* allocate_or_throw(std::size_t size, Align... align) {
    if (void* block = allocate(size, align...)) return block;
    throw std::bad_alloc();
}
template <class Map>
void* map(Map real, void* at, std::size_t size, int protection, int flags, int fd, off_t offset) {
    if (fails(size)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void* const made = real(at, size, protection, flags, fd, offset);
    if (made != MAP_FAILED && !(flags & MAP_FIXED)) now.mapped_bytes += size;
    return made;
}
void release(void* block) {
    uncount(block);
    __real_free(block);
}

}  // namespace

Held held() { return now; }

static Watch armed_watch;

Attempt::Armed::Armed(Attempt& attempt) : attempt_(attempt) {
    armed_watch = {attempt.failure_, attempt.seen_, attempt.failed_};
    watch = &armed_watch;
}
Attempt::Armed::~Armed() {
    watch = nullptr;
    attempt_.seen_ = armed_watch.seen;
    attempt_.failed_ = armed_watch.failed;
}

std::size_t fail_each(std::size_t least, const Scenario& scenario) {
    constexpr std::size_t most = 20'000;  // more is a mistake of the test
    {
        // What is kept for good is made now.
        Attempt without(Failure{});
        scenario(without);
    }
    std::size_t number = 1;
    for (bool some = true; some && number < most; ++number) {
        some = false;
        for (const bool all_after : {false, true}) {
            const std::string what = "request " + std::to_string(number) +
                                     (all_after ? " and all after it" : "") + " of " +
                                     std::to_string(least) + " bytes or more fails";
            const testing::ScopedTrace trace(__FILE__, __LINE__, what);
            const Held before = held();
            Attempt attempt({number, least, all_after});
            scenario(attempt);
            const Held after = held();
            if (!(before == after)) {
                ADD_FAILURE() << what << ": kept " << after.blocks - before.blocks << " blocks, "
                              << after.block_bytes - before.block_bytes << " bytes and "
                              << after.mapped_bytes - before.mapped_bytes << " mapped";
            }
            some = some || attempt.failed() > 0;
            if (testing::Test::HasFailure()) return number;
        }
    }
    EXPECT_LT(number, most);
    return number - 2;
}

}  // namespace waxwing::test

using namespace waxwing::test;

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, std::align_val_t align) {
    return allocate_or_throw(size, align);
}
void* operator new[](std::size_t size, std::align_val_t align) {
    return allocate_or_throw(size, align);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
    return allocate(size, align);
}
void* operator new[](std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
    return allocate(size, align);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
    release(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
    release(block);
}

extern "C" {
void* __wrap_malloc(std::size_t size) { return fails(size) ? nullptr : count(__real_malloc(size)); }
void* __wrap_calloc(std::size_t number, std::size_t size) {
    return fails(number * size) ? nullptr : count(__real_calloc(number, size));
}
void* __wrap_realloc(void* block, std::size_t size) {
    if (fails(size)) return nullptr;
    uncount(block);
    return count(__real_realloc(block, size));
}
void __wrap_free(void* block) {
    uncount(block);
    __real_free(block);
}
void* __wrap_mmap(void* at, std::size_t size, int protection, int flags, int fd, off_t offset) {
    return map(__real_mmap, at, size, protection, flags, fd, offset);
}
void* __wrap_mmap64(void* at, std::size_t size, int protection, int flags, int fd, off_t offset) {
    return map(__real_mmap64, at, size, protection, flags, fd, offset);
}
int __wrap_munmap(void* at, std::size_t size) {
    const int done = __real_munmap(at, size);
    if (done == 0) now.mapped_bytes -= size;
    return done;
}
int __wrap_mprotect(void* at, std::size_t size, int protection) {
    if (fails(size)) {
        errno = ENOMEM;
        return -1;
    }
    return __real_mprotect(at, size, protection);
}
int __wrap_memfd_create(const char* name, unsigned flags) {
    if (fails(large)) {
        errno = ENOMEM;
        return -1;
    }
    return __real_memfd_create(name, flags);
}
}
