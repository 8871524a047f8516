// Whose turn it is with an instance. A thread that has it may take it again: a
// host function may come back to the instance it serves. Free, it costs two
// atomic operations to take and give back; std::recursive_timed_mutex, four times that.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/int.hpp"

namespace waxwing::detail {

class Turn {
public:
    bool try_lock() {
        const std::thread::id me = std::this_thread::get_id();
        if (owner_.load(std::memory_order_relaxed) != me && !take(me)) return false;
        ++depth_;
        return true;
    }
    void lock() {
        if (!try_lock()) wait(nullptr);
    }
    bool try_lock_for(std::chrono::milliseconds time) { return try_lock() || wait(&time); }
    void unlock() {
        if (--depth_ > 0) return;
        owner_.exchange(std::thread::id());
        if (waiting_.load() > 0) wake();
    }

private:
    bool take(std::thread::id me) {
        std::thread::id nobody;
        return owner_.compare_exchange_strong(nobody, me);
    }
    bool wait(const std::chrono::milliseconds* time);
    void wake();

    std::atomic<std::thread::id> owner_;
    u32 depth_ = 0;  // the owner's
    // Who waits says so before trying again, and who leaves looks after leaving:
    // one of them sees the other.
    std::atomic<u32> waiting_ = 0;
    std::mutex mutex_;  // guards nothing but the waiting
    std::condition_variable left_;
};

}  // namespace waxwing::detail
