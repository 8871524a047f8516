#include "core/native_stack.hpp"

#include <pthread.h>

namespace waxwing::core::detail {

constinit thread_local NativeStack native_stack;

namespace {

// The thread's own stack, without what guards its end; empty if the system does not tell.
NativeStack own_stack() {
#if defined(__APPLE__)
    const auto top = reinterpret_cast<std::uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
    const usize size = pthread_get_stacksize_np(pthread_self());
    return {top - size, size};
#elif defined(__linux__)
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
    void* low = nullptr;
    usize size = 0, guard = 0;
    const bool known = pthread_attr_getstack(&attributes, &low, &size) == 0 &&
                       pthread_attr_getguardsize(&attributes, &guard) == 0 && guard < size;
    pthread_attr_destroy(&attributes);
    if (!known) return {};
    // Whether the guard is part of the stack depends on the system.
    return {reinterpret_cast<std::uintptr_t>(low) + guard, size - guard};
#else
    return {};
#endif
}

}  // namespace

bool find_native_stack(std::uintptr_t here) {
    native_stack = own_stack();
    if (here - native_stack.low >= native_stack.size) {
        // Callers that are seen later may stand somewhat higher.
        native_stack = {here - assumed_native_stack, assumed_native_stack + native_stack_reserve};
    }
    return here - native_stack.low >= native_stack_reserve;
}

}  // namespace waxwing::core::detail
