// A write raises a signal in its thread when it goes to a pipe without a reader
// (SIGPIPE), or beyond the size that a file may have (SIGXFSZ).
#pragma once

#include <signal.h>

#include "wasi/system.hpp"

namespace waxwing::wasi {

// While it is there the signal is held back and, if it was ours, taken away: the
// process's own handling of signals is not touched.
class SignalGuard {
public:
    explicit SignalGuard(int signal) {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, signal);
        ::pthread_sigmask(SIG_BLOCK, &signals_, &old_mask_);
        if (!::sigismember(&old_mask_, signal)) return;
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, signal) == 1;
    }
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
    ~SignalGuard() {
        const int error = errno;
        if (raised_ && !was_pending_) take_away();
        ::pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
        errno = error;
    }
    void raised() { raised_ = true; }

private:
    void take_away() {
        const timespec zero{};
        for (int i = 0; i < max_interruptions; ++i)
            if (sys::sigtimedwait(&signals_, &zero) >= 0 || errno != EINTR) return;
    }

    bool was_pending_ = false;
    bool raised_ = false;
    sigset_t signals_;
    sigset_t old_mask_;
};

}  // namespace waxwing::wasi
