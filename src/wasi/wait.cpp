#include "wasi/wait.hpp"

#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// How many of `fds` have an event; a negative number on failure.
int poll_for(pollfd* fds, nfds_t count, u64 timeout_ns) {
    const timespec timeout{static_cast<time_t>(timeout_ns / 1'000'000'000),
                           static_cast<long>(timeout_ns % 1'000'000'000)};
    return sys::ppoll(fds, count, &timeout);
}

}  // namespace

Expected<void> wait_for(Guest& guest, int fd, short events, bool block) {
    pollfd poll{fd, events, 0};
    for (u64 timeout = 0;; timeout = slice_ns) {
        const int count = poll_for(&poll, 1, timeout);
        if (count > 0) return {};
        if (count < 0 && errno != EINTR) return fail_with_errno();
        if (!block) return fail(Errno::again);
        if (guest.should_stop()) return std::unexpected(guest.interrupted());
    }
}

void poll_once(std::vector<pollfd>& fds, u64 timeout_ns) {
    for (pollfd& each : fds)
        each.revents = 0;
    if (poll_for(fds.data(), fds.size(), timeout_ns) < 0)
        for (pollfd& each : fds)
            each.revents = 0;
}

}  // namespace waxwing::wasi
