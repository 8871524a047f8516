// Handlers of the gc instructions, as handlers.hpp is for the others.
#pragma once

#include "core/opcode.hpp"
#include "interp/dispatch.hpp"
#include "interp/objects.hpp"
#include "interp/operands.hpp"

namespace waxwing::interp {

// A field or element as it is read: its storage, and what becomes of it.
enum class Access : u8 { i8_s, i8_u, i16_s, i16_u, i32, i64, f32, f64, v128 };

// dst = ref.field.  {dst, ref, #offset}
Handler struct_get_handler(Access access, Src ref, Dst dst);
// ref.field = value.  {ref, value, #offset}
Handler struct_set_handler(Access access, Src value);
// dst = ref[index].  {dst, ref, index} or {dst, ref, #index}; only one is in acc
Handler array_get_handler(Access access, Src ref, Src index, Dst dst);
// ref[index] = value.  {ref, index, value}
Handler array_set_handler(Access access, Src value);
Handler array_len_handler(Src ref, Dst dst);                // {dst, ref}
Handler ref_i31_handler(Src value, Dst dst);                // {dst, value}
Handler i31_get_handler(bool is_signed, Src ref, Dst dst);  // {dst, ref}

// What a cast asks of a reference that is not null.
enum class CastKind : u8 {
    always,
    never,
    i31,
    eq,
    structure,
    array,
    defined,       // an object of a defined type or one of its subtypes
    defined_func,  // likewise, in the func hierarchy
};
// {dst, ref} {#depth, #id}: of the defined type
Handler ref_test_handler(CastKind kind, bool nullable, Src ref, Dst dst);
Handler ref_cast_handler(CastKind kind, bool nullable, Src ref);  // {-, ref} {#depth, #id}
// Branches if the outcome is `sense`.  {-, ref} {#depth, #id} {target}
Handler br_on_cast_handler(CastKind kind, bool nullable, bool sense);

// Makes an object; operands lie from slot `base` on.  {dst, base, #count or segment} {layout}
Handler new_handler(Opcode op, bool is_words, Mode mode, Dst dst);
// array.fill, copy, init_*.  {base, -, #segment}
Handler array_bulk_handler(Opcode op, Mode mode);

}  // namespace waxwing::interp
