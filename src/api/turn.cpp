#include "api/turn.hpp"

namespace waxwing::detail {

bool Turn::wait(const std::chrono::milliseconds* time) {
    const std::thread::id me = std::this_thread::get_id();
    std::unique_lock lock(mutex_);
    ++waiting_;
    bool taken = true;
    if (time)
        taken = left_.wait_for(lock, *time, [&] { return take(me); });
    else
        left_.wait(lock, [&] { return take(me); });
    --waiting_;
    if (taken) depth_ = 1;
    return taken;
}

void Turn::wake() {
    const std::scoped_lock lock(mutex_);
    left_.notify_one();
}

}  // namespace waxwing::detail
