// How much native stack the running thread has left. What nests as deep as a
// guest or an input likes asks here before it goes one step deeper: calls from
// the host, since a guest may call the host and the host any guest again.
//
// On the thread's own stack its real end counts. On another one (fibers,
// coroutines), whose end nobody knows, so much is assumed below the place where
// it was first seen.
#pragma once

#include "core/int.hpp"

namespace waxwing::core {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr usize native_frame_factor = 4;  // sanitizers make frames larger
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
inline constexpr usize native_frame_factor = 4;
#else
inline constexpr usize native_frame_factor = 1;
#endif
#else
inline constexpr usize native_frame_factor = 1;
#endif

// In bytes. What must be left for going deeper: a host function has it for
// itself and for what it calls, until that asks again.
inline constexpr usize native_stack_reserve = native_frame_factor * (64 << 10);
// In bytes, of a stack that is not the thread's own.
inline constexpr usize assumed_native_stack = native_frame_factor * (128 << 10);

namespace detail {
// Addresses from `low` on that belong to the stack; none as long as it is not known.
struct NativeStack {
    std::uintptr_t low = 0;
    usize size = 0;
};
extern constinit thread_local NativeStack native_stack;
bool find_native_stack(std::uintptr_t here);
}  // namespace detail

// At least native_stack_reserve bytes are left.
inline bool has_native_stack() {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const usize left = here - detail::native_stack.low;
    if (left < detail::native_stack.size) [[likely]]
        return left >= native_stack_reserve;
    return detail::find_native_stack(here);
}

}  // namespace waxwing::core
