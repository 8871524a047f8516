// The locals of a function: their types, and which of them hold a value yet.
#pragma once

#include <span>
#include <unordered_set>
#include <vector>

#include "core/int.hpp"
#include "core/module.hpp"
#include "waxwing/types.hpp"

namespace waxwing {

// Types stand in an array, up to a bound: a few bytes can declare very many
// locals, so that writing out all of them is not for us. The rest are found in
// the groups they were declared in.
//
// A local of a type without default starts uninitialised, and returns to that at
// the end of the block that initialised it. In the array it has the type bottom
// while uninitialised, so that reading any other local costs one look.
class LocalTypes {
public:
    // Requires: `groups` outlive the next call.
    void reset(std::span<const ValType> params, std::span<const core::LocalGroup> groups);

    // The type of an initialised local that stands in the array, else bottom.
    ValType quick(u32 index) const { return index < near_count_ ? near_[index] : ValType(); }

    u64 count() const { return count_; }
    // Requires: index < count().
    ValType declared(u32 index) const;
    bool is_initialised(u32 index) const;
    void initialise(u32 index);

    // Initialisations so far that a block's end takes back.
    usize trail() const { return trail_.size(); }
    void undo_to(usize trail) {
        if (trail_.size() > trail) [[unlikely]]
            undo(trail);
    }

private:
    static constexpr usize near_size = 4096;
    struct Group {
        u64 end;  // index of the first local after the group
        ValType type;
    };

    void undo(usize trail);

    std::vector<ValType> near_ = std::vector<ValType>(near_size);
    u32 near_count_ = 0;  // of near_ in use
    std::vector<Group> groups_;
    std::span<const ValType> params_;
    u64 count_ = 0;
    std::vector<u32> trail_;
    std::unordered_set<u32> far_initialised_;
};

}  // namespace waxwing
