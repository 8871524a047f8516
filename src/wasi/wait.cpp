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
    Retries retries(guest, block);
    for (u64 timeout = 0;;) {
        const int count = poll_for(&poll, 1, timeout);
        if (count > 0) return {};
        if (count == 0) {
            errno = EAGAIN;
            timeout = slice_ns;
        }
        TRY(retries.after_failure());
    }
}

Expected<void> poll_once(std::vector<pollfd>& fds, u64 timeout_ns) {
    for (pollfd& each : fds)
        each.revents = 0;
    if (poll_for(fds.data(), fds.size(), timeout_ns) >= 0) return {};
    if (errno != EINTR) return fail_with_errno();
    for (pollfd& each : fds)
        each.revents = 0;
    return {};
}

Expected<void> Retries::after_failure() {
    if (errno != EINTR && errno != EAGAIN) return fail_with_errno();
    if (errno == EAGAIN && !block_) return fail(Errno::again);
    if (errno == EINTR && ++interruptions_ == max_interruptions) return fail(Errno::intr);
    if (guest_.should_stop()) return std::unexpected(guest_.interrupted());
    return {};
}

}  // namespace waxwing::wasi
