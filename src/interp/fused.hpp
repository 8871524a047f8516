// Handlers that do the work of two instructions, the first of which hands its
// result to the second. Dispatch is what an interpreter pays for; these halve it
// where profiles of real programs say that it matters (see profile.hpp).
//
// Cells after the handler's own: {dst, a, b, c} {#x, #y}, then a target if it
// branches. An immediate of an i64 operation is sign-extended from 32 bits.
#pragma once

#include "interp/handlers.hpp"

namespace waxwing::interp {

// Null where no such handler exists.

// dst = (a op1 b) op2 c, or c op2 (a op1 b) if reversed.  {dst, a, b, c} {#b, #c}
Handler binary2_handler(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
// dst = memory[addr + #x] op c.  {dst, addr, c} {#x, #c}
Handler load_binary_handler(Opcode load, Opcode op, Src addr, Src c, Dst dst);
// dst = memory[(a + b) + #x].  {dst, a, b} {#x, #b}
Handler load_add_handler(Opcode load, Src a, Src b, Dst dst);
// dst = memory[memory[addr + #x] + #y].  {dst, addr} {#x, #y}
Handler load_load_handler(Opcode load, Src addr, Dst dst);
// memory[addr + #x] = a op b.  {addr, a, b} {#x, #b}
Handler binary_store_handler(Opcode op, Opcode store, Src a, Src b);
// memory[(a + b) + #x] = value.  {value, a, b} {#x, #b}
Handler store_add_handler(Opcode store, Src a, Src b, Src value);
// memory[to + #x] = memory[from + #y].  {to, from} {#x, #y}
Handler load_store_handler(Opcode load, Opcode store, Src from);
// t = a op b, also into dst if slot; branch if (t cmp c).  {dst, a, b, c} {#b, #c} {target}
Handler binary_branch_handler(Opcode op, Opcode cmp, Src a, Src b, Src c, Dst dst);
// t = memory[addr + #x], also into dst if slot; branch if (t cmp c).  {dst, addr, c} {#x, #c}
// {target}
Handler load_branch_handler(Opcode load, Opcode cmp, Src addr, Src c, Dst dst);
// dst = (a cmp b) ? x : y.  {dst, x, y, a} {b, #b}
Handler compare_select_handler(Opcode cmp, Src a, Src b, Dst dst);
// dst = a + #x, dst2 = b + #y, one after the other.  {dst, a, dst2, b} {#x, #y}
Handler add_add_handler();
// t = global - #x, global = t, dst = t: how a function makes room on the shadow stack.
// {dst, -, #x} {#global}
Handler global_sub_tee_handler();
// global = a + #x.  {-, a, #x} {#global}
Handler global_set_add_handler();

}  // namespace waxwing::interp
