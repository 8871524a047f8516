#include "wasi/clock.hpp"

#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

clockid_t to_host(ClockId id) {
    switch (id) {
    case ClockId::realtime: return CLOCK_REALTIME;
    case ClockId::monotonic: return CLOCK_MONOTONIC;
    case ClockId::process_cputime: return CLOCK_PROCESS_CPUTIME_ID;
    case ClockId::thread_cputime: return CLOCK_THREAD_CPUTIME_ID;
    }
    return CLOCK_REALTIME;
}

Expected<Timestamp> to_timestamp(const timespec& time) {
    if (time.tv_sec < 0) return fail(Errno::overflow);  // set before 1970
    return static_cast<Timestamp>(time.tv_sec) * 1'000'000'000 +
           static_cast<Timestamp>(time.tv_nsec);
}

}  // namespace

Expected<Timestamp> now(ClockId id) {
    timespec time;
    if (::clock_gettime(to_host(id), &time) != 0) return fail_with_errno();
    return to_timestamp(time);
}

// clock_res_get(id) -> nanoseconds
Expected<Timestamp> clock_res_get(Context&, Guest&, ClockId id) {
    timespec time;
    if (::clock_getres(to_host(id), &time) != 0) return fail_with_errno();
    return to_timestamp(time);
}

// clock_time_get(id, precision) -> nanoseconds, since 1970 for realtime
// The precision is a hint, and not needed.
Expected<Timestamp> clock_time_get(Context&, Guest&, ClockId id, Timestamp) { return now(id); }

}  // namespace waxwing::wasi
