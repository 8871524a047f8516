// Whether fuel and deadlines bound what a guest does: for tests, and for fuzzing.
//
// 1. A unit of fuel buys about the same time whatever it is spent on. How much that is depends on
//    the machine, so what is measured is compared with plain instructions.
// 2. A call ends soon after its deadline, or after it is cancelled.
//
// Time is that of the calling thread's processor, so that a loaded machine does not matter.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <span>
#include <vector>

#include "waxwing/store.hpp"

namespace waxwing::cost {

// What the documentation promises (docs/interpreter.md, "Fuel").
inline constexpr double most_times_the_median = 10;
inline constexpr std::chrono::milliseconds most_overrun{50};
// Of any work on any machine that tests run on. For modules that nobody knows: they are allowed
// what is not paid for, such as translating, on top.
inline constexpr double most_ns_per_unit = 60;
inline constexpr double most_unpaid_ns = 100e6;

inline double now_ns(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}
inline double thread_ns() { return now_ns(CLOCK_THREAD_CPUTIME_ID); }

struct Spent {
    double ns = 0;
    std::uint64_t fuel = 0;
    bool is_bounded() const {
        return ns <= most_unpaid_ns + most_ns_per_unit * static_cast<double>(fuel);
    }
};

// What a call takes that may use so much fuel, however it ends.
inline Spent spend(const Func& func, std::span<const Value> args, std::uint64_t fuel) {
    Spent spent;
    const double begin = thread_ns();
    (void)func.call(args, {.fuel = fuel, .fuel_used = &spent.fuel});
    spent.ns = thread_ns() - begin;
    return spent;
}

// Processor time of the thread since `start`, less what the clock says it may have had until the
// deadline: how far beyond it the thread has worked.
class Overrun {
public:
    explicit Overrun(std::chrono::nanoseconds until_deadline)
        : allowed_(static_cast<double>(until_deadline.count())) {}
    double ns() const { return std::max(thread_ns() - begin_ - allowed_, 0.0); }
    bool is_bounded() const {
        return ns() <= std::chrono::duration<double, std::nano>(most_overrun).count();
    }

private:
    double begin_ = thread_ns();
    double allowed_;
};

}  // namespace waxwing::cost
