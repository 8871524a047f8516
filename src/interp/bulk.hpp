// Bulk instructions: how much they do, an operand says. An Op is a struct with
//
//   check     Whether all that the operands ask for can be done; and how much that is.
//   advance   Does so many elements of it and moves the operands on: then they ask for the rest.
//
// So metered code pays for an instruction, and does it, piece by piece: it can stop between two
// pieces, and goes on by beginning again. Operands lie from slot `base` on: {base, -, #first}
// {#second}, the latter only if the instruction has `cells` = 3 in all.
#pragma once

#include <algorithm>

#include "interp/fuel.hpp"
#include "interp/machine.hpp"

namespace waxwing::interp {

struct Extent {
    u64 count = 0;  // elements
    u64 width = 1;  // bytes of one
};

// Where the operands of a bulk instruction and its numbers are.
struct BulkOperands {
    ModuleInst& inst;
    u64* base;
    u32 first;
    u32 second;
};

// [offset, offset + length) lies within [0, size).
inline bool in_range(u64 offset, u64 length, u64 size) {
    return length <= size && offset <= size - length;
}

// Elements in one piece.
inline u64 piece_of(const Extent& extent) {
    return std::min(extent.count, fuel::piece_bytes / extent.width);
}

#define BULK_OPERANDS \
    BulkOperands{*inst, fp + pc[1].slot[0], pc[1].word[1], cells > 2 ? pc[2].word[0] : 0}

template <class Op, int cells>
HANDLER bulk(STATE) {
    const BulkOperands at = BULK_OPERANDS;
    Extent rest;
    if (const Trap why = Op::check(at, rest); why != Trap::none) [[unlikely]]
        TRAP(why);
    if (rest.count > 0) Op::advance(at, rest.count);
    NEXT(cells);
}

template <class Op, int cells>
HANDLER metered_bulk(STATE) {
    const BulkOperands at = BULK_OPERANDS;
    Extent rest;
    if (const Trap why = Op::check(at, rest); why != Trap::none) [[unlikely]]
        TRAP(why);
    while (rest.count > 0) {
        const u64 piece = piece_of(rest);
        PAY(static_cast<s64>(fuel::for_bytes(piece * rest.width)), nullptr);
        Op::advance(at, piece);
        rest.count -= piece;
    }
    NEXT(cells);
}

template <class Op, int cells>
Handler bulk_handler(Mode mode) {
    return mode == Mode::metered ? metered_bulk<Op, cells> : bulk<Op, cells>;
}

}  // namespace waxwing::interp
