#include "wasi/clock.hpp"

#include <algorithm>
#include <ctime>
#include <limits>

#include "wasi/functions.hpp"
#include "wasi/system.hpp"

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

Clocks::Clocks(const Clock& config)
    : kind_(config.kind()), time_(config.time()), step_(config.step()), callback_(config.now()) {}

Expected<Timestamp> Clocks::now(ClockId id) {
    if (kind_ == Clock::Kind::system) [[likely]] {
        timespec time;
        if (sys::clock_gettime(to_host(id), &time) != 0) return fail_with_errno();
        return to_timestamp(time);
    }
    if (kind_ == Clock::Kind::callback) return callback_();
    const Timestamp shown = time_;
    if (kind_ == Clock::Kind::stepped)
        time_ += std::min(step_, std::numeric_limits<Timestamp>::max() - time_);
    return shown;
}

Expected<Timestamp> Clocks::resolution(ClockId id) const {
    if (kind_ == Clock::Kind::stepped) return std::max<Timestamp>(step_, 1);
    if (kind_ != Clock::Kind::system) return 1;
    timespec time;
    if (sys::clock_getres(to_host(id), &time) != 0) return fail_with_errno();
    return to_timestamp(time);
}

void Clocks::pass(Timestamp until) {
    if (kind_ == Clock::Kind::stepped) time_ = std::max(time_, until);
}

// clock_res_get(id) -> nanoseconds
Expected<Timestamp> clock_res_get(Context& wasi, Guest&, ClockId id) {
    return wasi.clocks.resolution(id);
}

// clock_time_get(id, precision) -> nanoseconds, since 1970 for realtime
// The precision is a hint, and not needed.
Expected<Timestamp> clock_time_get(Context& wasi, Guest&, ClockId id, Timestamp) {
    return wasi.clocks.now(id);
}

}  // namespace waxwing::wasi
