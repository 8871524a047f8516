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

// One slice at most. An interruption by a signal counts as no event.
void poll_once(std::vector<pollfd>& fds, u64 timeout_ns);

}  // namespace waxwing::wasi
