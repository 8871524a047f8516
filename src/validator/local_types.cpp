#include "validator/local_types.hpp"

#include <algorithm>

namespace waxwing {

void LocalTypes::reset(std::span<const ValType> params, std::span<const core::LocalGroup> groups) {
    params_ = params;
    groups_.clear();
    trail_.clear();
    if (!far_initialised_.empty()) far_initialised_.clear();
    if (near_.size() < params.size()) near_.resize(params.size());
    std::ranges::copy(params, near_.begin());
    near_count_ = static_cast<u32>(params.size());
    count_ = params.size();
    for (const core::LocalGroup& group : groups) {
        if (group.count == 0) continue;
        const u64 room = near_.size() - near_count_;
        const u32 near = static_cast<u32>(std::min<u64>(room, group.count));
        const ValType start = group.type.is_defaultable() ? group.type : ValType();
        std::fill_n(near_.begin() + near_count_, near, start);
        near_count_ += near;
        count_ += group.count;
        groups_.push_back({count_, group.type});
    }
}

ValType LocalTypes::declared(u32 index) const {
    if (index < params_.size()) return params_[index];
    const auto group = std::ranges::upper_bound(groups_, u64{index}, {}, &Group::end);
    return group->type;
}

bool LocalTypes::is_initialised(u32 index) const {
    if (index < near_count_) return !near_[index].is_bottom();
    return declared(index).is_defaultable() || far_initialised_.contains(index);
}

void LocalTypes::initialise(u32 index) {
    if (is_initialised(index)) return;
    if (index < near_count_)
        near_[index] = declared(index);
    else
        far_initialised_.insert(index);
    trail_.push_back(index);
}

void LocalTypes::undo(usize trail) {
    while (trail_.size() > trail) {
        const u32 index = trail_.back();
        trail_.pop_back();
        if (index < near_count_)
            near_[index] = ValType();
        else
            far_initialised_.erase(index);
    }
}

}  // namespace waxwing
