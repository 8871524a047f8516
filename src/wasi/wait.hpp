// Waiting in slices, so that a guest that is to stop does.
#pragma once

#include <poll.h>

#include <vector>

#include "wasi/guest.hpp"

namespace waxwing::wasi {

// How late a stop may be noticed.
inline constexpr u64 slice_ns = 10'000'000;

// Until `fd` is ready for `events`, or in error. Without `block`: `again` if it
// is not. The interruption if the guest is to stop.
Expected<void> wait_for(Guest& guest, int fd, short events, bool block);

// One slice at most. An interruption by a signal is no event, and no error.
Expected<void> poll_once(std::vector<pollfd>& fds, u64 timeout_ns);

// What is tried again when a signal has interrupted it, or when it would have
// blocked: until the guest is to stop.
class Retries {
public:
    Retries(Guest& guest, bool block) : guest_(guest), block_(block) {}

    // After a call that failed with errno: its error, unless it may be made again.
    // again: it would block, and is not to.  intr: signals come too fast for it.
    Expected<void> after_failure();

private:
    Guest& guest_;
    bool block_;
    int interruptions_ = 0;
};

}  // namespace waxwing::wasi
