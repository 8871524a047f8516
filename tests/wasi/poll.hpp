// poll_oneoff with subscriptions put together by the test.
#pragma once

#include <chrono>

#include "machine.hpp"

namespace waxwing::wasi {

using std::chrono::steady_clock;

inline constexpr u32 in_at = 0x10000, events_at = 0x20000;

struct Poll {
    explicit Poll(const WasiConfig& config = {}) : m(config) {}

    Poll& clock(u64 userdata, u32 id, u64 timeout, u16 flags = 0) {
        return add({.userdata = userdata,
                    .tag = 0,
                    .subject = id,
                    .timeout = timeout,
                    .clock_flags = flags});
    }
    Poll& readable(u64 userdata, u32 fd) {
        return add({.userdata = userdata, .tag = 1, .subject = fd});
    }
    Poll& writable(u64 userdata, u32 fd) {
        return add({.userdata = userdata, .tag = 2, .subject = fd});
    }
    Poll& add(const Subscription& subscription) {
        m.put(in_at + count++ * 48, subscription);
        return *this;
    }
    Errno run() {
        const auto start = steady_clock::now();
        const Errno code = m.call("poll_oneoff", {in_at, events_at, count, m.out_at});
        elapsed = steady_clock::now() - start;
        count = 0;
        events.clear();
        if (code == Errno::success)
            for (u32 i = 0; i < m.get<u32>(m.out_at); ++i)
                events.push_back(m.get<Event>(events_at + i * 32));
        return code;
    }

    Machine m;
    u32 count = 0;
    std::vector<Event> events;
    steady_clock::duration elapsed{};
};

}  // namespace waxwing::wasi
