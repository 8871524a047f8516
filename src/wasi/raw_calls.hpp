// For who implements the door of system.hpp: what the C library lacks, or says in
// another way.
#pragma once

#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "wasi/system.hpp"

namespace waxwing::wasi::sys {

inline int openat2_of_kernel(int dir, const char* path, const KernelHow& how) {
#ifdef SYS_openat2
    return static_cast<int>(::syscall(SYS_openat2, dir, path, &how, sizeof how));
#else
    static_cast<void>(dir), static_cast<void>(path), static_cast<void>(how);
    errno = ENOSYS;
    return -1;
#endif
}

// From the error as the result.
inline int failed_with(int error) {
    if (error == 0) return 0;
    errno = error;
    return -1;
}

}  // namespace waxwing::wasi::sys
