// The system calls that a guest can cause: all of them go through this door.
//
// 1. Nothing else in src/wasi calls the system (tests/architecture checks it), so
//    that a test can put a door of its own here, which makes each call fail in
//    turn (tests/wasi/failing_calls_test.cpp).
// 2. A call that fails is an error for the guest. Where it means something else,
//    it is one number that does, and no other.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "wasi/expected.hpp"

namespace waxwing::wasi::sys {

// What openat2(2) is asked for.
struct KernelHow {
    u64 flags;
    u64 mode;
    u64 resolve;
};
using LimitedResource = decltype(RLIMIT_NOFILE);

#define CALL(result, name, parameters, ...) result name parameters;
#include "wasi/system.def"

}  // namespace waxwing::wasi::sys

namespace waxwing::wasi {

// How often a call is repeated that a signal interrupts each time: where signals
// come faster than it ends, it gets nowhere.
inline constexpr int max_interruptions = 100;

// The result of a call, made again when a signal interrupts it. Its error; intr.
template <class Call>
Expected<s64> uninterrupted(Call call) {
    for (int interruptions = 0;;) {
        const s64 result = call();
        if (result >= 0) return result;
        if (errno != EINTR || ++interruptions == max_interruptions) return fail_with_errno();
    }
}

}  // namespace waxwing::wasi
