// What a vector instruction's operands are, and with that its form in code:
// each shape is one handler template and one way of compiling.
#pragma once

#include "core/int.hpp"

namespace waxwing::interp {

enum class SimdShape : u8 {
    vectors,     // dst = op(a, b, c), one to three vectors.  {dst, a, b, c}
    shuffle,     // dst = op(a, b, immediate).  {dst, a, b} {low} {high}
    test,        // scalar = op(a).  {dst, a}
    extract,     // scalar = lane of a.  {dst, a, lane}
    splat,       // dst = op(scalar).  {dst, scalar}
    shift,       // dst = op(a, scalar).  {dst, scalar, a}; imm: the number in the slot's place
    replace,     // dst = op(a, scalar, lane).  {dst, scalar, a, lane}
    load,        // dst = op(memory[addr + offset]).  {dst, addr} {offset}
    load_lane,   // dst = op(a, memory[addr + offset], lane).  {dst, addr, a, lane} {offset}
    store,       // memory[addr + offset] = a.  {-, addr, a} {offset}
    store_lane,  // memory[addr + offset] = lane of a.  {-, addr, a, lane} {offset}
};

// Which handler of an instruction is wanted, besides what its shape says.
enum class SimdVariant : u8 {
    plain = 0,
    // test, extract: by Dst
    to_slot = 0,
    to_acc = 1,
    // splat, shift, replace and memory: where the scalar or address is
    from_slot = 0,
    from_acc = 1,
    from_imm = 2,  // shift only
    // Any memory, by address type; the address is in a slot.  ... {offset} {#memory}
    any_memory32 = 2,
    any_memory64 = 3,
};
inline constexpr usize simd_variant_count = 4;

}  // namespace waxwing::interp
