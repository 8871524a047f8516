// Which exceptions a function catches where: looked at when one is thrown, so
// that entering and leaving a try_table costs nothing.
#pragma once

#include <vector>

#include "core/instr.hpp"

namespace waxwing::interp {

struct TryTable {
    // catch clause: the values that the tag carries, then the exception if the
    // clause asks for it, go to slots from `slot` on; execution continues at `target`.
    struct Clause {
        CatchClause::Kind kind;
        u16 slot;
        u32 tag;     // index, unless catch_all*
        u32 target;  // cell, from the start of the function's code
    };
    // The body of a try_table: cells [begin, end).
    struct Region {
        u32 begin;
        u32 end;
        u32 parent;        // the region around it, or `none`
        u32 first_clause;  // of `clauses`
        u32 clause_count;
    };
    static constexpr u32 none = 0xFFFFFFFF;

    std::vector<Region> regions;  // by ascending begin, outer before inner
    std::vector<Clause> clauses;

    // The innermost region that contains the cell, or `none`.
    u32 find(u32 cell) const;
};

}  // namespace waxwing::interp
