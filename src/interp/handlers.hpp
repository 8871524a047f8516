// The handlers, by what they do. The compiler asks here for the variant it needs.
// Each comment gives the instruction's cells after the handler's own:
//   {a, b, c, d}  four slots     {a, b, #w}  two slots and a 32-bit word
#pragma once

#include "core/opcode.hpp"
#include "interp/dispatch.hpp"
#include "interp/objects.hpp"
#include "interp/operands.hpp"
#include "interp/simd_shape.hpp"

namespace waxwing::interp {

// dst = op(lhs, rhs).  {dst, lhs, rhs} or {dst, lhs, #imm32} or {dst, lhs} {imm64}.
// With the immediate on the left the slot of rhs stands in lhs's place.
// Null for combinations that the compiler never asks for.
Handler binary_handler(Opcode op, Src lhs, Src rhs, Dst dst);
// Variants that exist: a commutative operation has no slot-acc and imm-* ones.
bool is_commutative(Opcode op);

// dst = op(a).  {dst, a}
Handler unary_handler(Opcode op, Src a, Dst dst);

// dst = lhs op rhs.  As binary; lhs is slot or acc, rhs slot or imm.
Handler compare_handler(Opcode op, Src lhs, Src rhs, Dst dst);
// if ((lhs op rhs) == sense) go to target.  {-, lhs, rhs} {target}, {-, lhs, #imm32} {target},
// {-, lhs} {imm64} {target}
Handler branch_handler(Opcode op, Src lhs, Src rhs, bool sense);

// dst = memory[addr + offset].  {dst, addr, #offset}; imm: {dst} {address}
Handler load_handler(Opcode op, Src addr, Dst dst);
// memory[addr + offset] = value.  {addr, value, #offset}; value imm: {addr, -, #offset} {imm64};
// addr imm: {-, value} {address}
Handler store_handler(Opcode op, Src addr, Src value);
// Any memory, any address type.  {dst or value, addr, #memory} {offset}
Handler load_any_handler(Opcode op, AddressType address);
Handler store_any_handler(Opcode op, AddressType address);

// dst = cond ? a : b.  {dst, a, b, cond}
Handler select_handler(SlotKind kind, Src cond, Dst dst);

// Vector instructions; their forms are with their shapes. Null for variants that
// a shape does not have.
SimdShape simd_shape(Opcode op);
Handler simd_handler(Opcode op, SimdVariant variant);

// Moves.  copy {dst, src}   copy2 {dst, src, dst, src}, in this order
// copy_run {dst, src, count}: so many slots
Handler copy_handler(SlotKind kind);
Handler copy2_handler();
Handler copy_run_handler();
Handler const32_handler();  // {dst, -, #imm}, zero-extended
HANDLER_DECL(const64);      // {dst} {imm}
HANDLER_DECL(const128);     // {dst} {low} {high}

Handler br_handler();  // {target}
// {-, index, #count} {target} * (count + 1), or if values are moved
// {-, index, #count} {from, slots} {#distance from here, to} * (count + 1)
Handler br_table_handler(Src index, bool moves);
HANDLER_DECL(unreachable);

// Results are in place, or the one result is moved there.
Handler ret_handler();                           // {link}
Handler return_handler(SlotKind kind, Src src);  // {link, src} or {link, -, #imm32}

// Calls: arguments lie from slot `delta` on, where results will be.
Handler call_handler();                  // {entry} {#delta}
Handler call_import_handler(Mode mode);  // {-, -, #delta} {#func}
// {-, index, #delta} {#table, #type}
Handler call_indirect_handler(Mode mode, Src index, AddressType address);
Handler call_ref_handler(Mode mode);  // {-, ref, #delta} {}
// Tail calls: `count` argument slots from `args` on replace the frame.
Handler return_call_handler();                    // {entry} {link, args, count}
Handler return_call_import_handler(Mode mode);    // {link, args, count} {#func}
Handler return_call_indirect_handler(Mode mode);  // {link, args, count, index} {#table, #type}
Handler return_call_ref_handler(Mode mode);       // {link, args, count, ref} {}

Handler global_get_handler(SlotKind kind, Dst dst);  // {dst, -, #global}
Handler global_set_handler(SlotKind kind, Src src);  // {-, src, #global}

// Rare instructions: operands in consecutive slots from `base` on, the result
// (if any) in `base`.  {base, -, #first index} {#second index, ...}
Handler stack_handler(Opcode op, Mode mode);

// Throws an exception with the tag; its values lie from slot `base` on.
Handler throw_handler();      // {base, -, #tag}
Handler throw_ref_handler();  // {-, ref}
// A host function failed: ends the call with the activation's error, or continues
// where the exception that this is is caught.
HANDLER_DECL(fail);
HANDLER_DECL(fail_in_tail_call);  // the caller's frame does not count any more

// Operands from `base` on, results there.  {base, -, #memory} {offset}
Handler atomic_handler(Opcode op);
Handler wide_handler(Opcode op);

Handler fuel_handler();  // {cost}

// Code that is not part of any function.
extern const Cell leave_call_code[];      // ends the call from the host
extern const Cell leave_instance_code[];  // goes back to the calling instance
Handler translate_stub_handler();         // translates the function that it stands in for

// Runs from the activation's pc, fp, inst and accumulators until it stops.
void run(Activation& activation) noexcept;

}  // namespace waxwing::interp
