// What work costs beyond the unit of each instruction: docs/interpreter.md, "Fuel".
//
// Whatever the length of an operand decides is paid for in proportion to it, so that fuel and
// deadlines bound it as they bound everything else. The rates are such that a unit of any work
// takes about as long as a unit of plain instructions. They are part of what a call with a given
// amount of fuel does: changing one changes where programs stop.
#pragma once

#include "core/int.hpp"

namespace waxwing::interp::fuel {

// Memory, table elements and objects of the heap, copied, filled, or made.
inline constexpr u64 bytes_per_unit = 16;
// What is done at once of such work, before it is paid for again: a deadline or the end of fuel
// can be seen in between. A multiple of all elements, so that the sum does not depend on it.
inline constexpr u64 piece_bytes = 64 << 10;
// Slots of frames: locals cleared, values that branches, returns, tail calls and catch clauses
// move.
inline constexpr u32 slots_per_unit = 8;
// Looking for who catches an exception.
inline constexpr u32 per_frame = 16;
inline constexpr u32 per_region = 2;
inline constexpr u32 clauses_per_unit = 2;
// The backtrace of an error that a host function hands on to a guest, which may catch it.
inline constexpr u32 per_shown_frame = 500;
inline constexpr u32 per_translated_byte = 8;

constexpr u64 for_bytes(u64 bytes) { return bytes / bytes_per_unit; }
constexpr u64 for_slots(u64 slots) { return slots / slots_per_unit; }

}  // namespace waxwing::interp::fuel
