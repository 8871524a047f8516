// The types of a module as the text needs them: where each stands in the type section,
// and which function types may be used by who only says what they are.
#pragma once

#include <string_view>

#include "core/writer.hpp"
#include "text/blocks.hpp"
#include "text/hash_index.hpp"

namespace waxwing::text {

class TypeTable {
public:
    // Contents of the type section, without the number of groups.
    Writer& binary() { return binary_; }
    u32 group_count = 0;

    u32 size() const { return static_cast<u32>(types_.size()); }
    // Adds the type whose comptype begins at `start` of binary().
    void add(usize start, bool is_func) {
        types_.push_back(static_cast<u32>(start << 2 | (is_func ? func : 0)));
    }
    // Lets find() find it, unless there is an equal one already. Requires: is_func(type).
    void offer(u32 type);
    // The type that was offered with this functype, or HashIndex::none.
    u32 find(std::string_view functype) const;

    bool is_func(u32 type) const { return types_[type] & func; }
    // Requires: is_func(type).
    u32 param_count(u32 type) const;
    // functype ::= 60 vec(valtype) vec(valtype).  Equal types have equal bytes, and none
    // begins another.
    bool equals(u32 type, std::string_view functype) const {
        return is_func(type) && binary_.view(start(type)).starts_with(functype);
    }

private:
    static constexpr u32 func = 1, offered = 2;
    struct View;
    usize start(u32 type) const { return types_[type] >> 2; }
    std::string_view functype(u32 type) const;

    Writer binary_;
    Blocks<u32> types_;  // start << 2 | offered | func
    HashIndex by_functype_;
};

}  // namespace waxwing::text
