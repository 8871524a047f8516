// Constants, parametric instructions, locals, globals, tables and memories.
#include "core/try.hpp"
#include "validator/func_validator.hpp"

namespace waxwing {

Result<void> FuncValidator::i32_const(const Instr&) {
    push(i32);
    return {};
}
Result<void> FuncValidator::i64_const(const Instr&) {
    push(i64);
    return {};
}
Result<void> FuncValidator::f32_const(const Instr&) {
    push(f32);
    return {};
}
Result<void> FuncValidator::f64_const(const Instr&) {
    push(f64);
    return {};
}
Result<void> FuncValidator::v128_const(const Instr&) {
    push(v128);
    return {};
}

Result<void> FuncValidator::drop(const Instr&) {
    TRY(pop_any());
    return {};
}

// select : [t t i32] -> [t]   if t is a number or a vector
Result<void> FuncValidator::select(const Instr&) {
    TRY(pop(i32));
    const ValType second = TRY(pop_any());
    const ValType first = TRY(pop_any());
    const bool same = first == second || first.is_bottom() || second.is_bottom();
    if (first.is_ref() || second.is_ref() || !same)
        return mismatch(": instruction requires two equal numbers or vectors but stack has [" +
                        to_string(first) + " " + to_string(second) + "]");
    push(first.is_bottom() ? second : first);
    return {};
}

// select t : [t t i32] -> [t]
Result<void> FuncValidator::select_t(const Instr& in) {
    if (in.types.size() != 1) return fail(Fault::invalid_result_arity);
    const ValType type = in.types.front();
    TRY(check_value_type(type));
    TRY(pop({type, type, i32}));
    push(type);
    return {};
}

// local.get x : [] -> [t]   if x : t is initialised
Result<void> FuncValidator::local_get(const Instr& in) {
    ValType type = locals_.quick(in.index);
    if (type.is_bottom()) [[unlikely]]
        type = TRY(local_slow(in.index));
    push(type);
    return {};
}

// local.set x : [t] -> []   and x is initialised
Result<void> FuncValidator::local_set(const Instr& in) {
    const ValType type = locals_.quick(in.index);
    if (type.is_bottom()) [[unlikely]]
        return set_local_slow(in.index, false);
    return pop(type);
}

// local.tee x : [t] -> [t]   and x is initialised
Result<void> FuncValidator::local_tee(const Instr& in) {
    const ValType type = locals_.quick(in.index);
    if (type.is_bottom()) [[unlikely]]
        return set_local_slow(in.index, true);
    TRY(pop(type));
    push(type);
    return {};
}

Result<ValType> FuncValidator::local_slow(u32 index) const {
    if (index >= locals_.count()) return fail(Fault::unknown_local, index);
    if (!locals_.is_initialised(index)) return fail(Fault::uninitialized_local, index);
    return locals_.declared(index);
}

Result<void> FuncValidator::set_local_slow(u32 index, bool tee) {
    if (index >= locals_.count()) return fail(Fault::unknown_local, index);
    const ValType type = locals_.declared(index);
    TRY(pop(type));
    locals_.initialise(index);
    if (tee) push(type);
    return {};
}

// global.get x : [] -> [t]   if x : mut? t; in a constant expression, not mut
Result<void> FuncValidator::global_get(const Instr& in) {
    const core::Global* target = TRY(global(in.index));
    if (is_constant_ && target->type.is_mutable)
        return fail(Fault::constant_expression_required,
                    ": global " + std::to_string(in.index) + " is mutable");
    push(target->type.type);
    return {};
}

// global.set x : [t] -> []   if x : mut t
Result<void> FuncValidator::global_set(const Instr& in) {
    const core::Global* target = TRY(global(in.index));
    if (!target->type.is_mutable) return fail(Fault::immutable_global, in.index);
    return pop(target->type.type);
}

// table.get x : [at] -> [t]   if x : at t
Result<void> FuncValidator::table_get(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    TRY(pop(address_of(*target)));
    push(target->type.element);
    return {};
}

// table.set x : [at t] -> []
Result<void> FuncValidator::table_set(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    return pop({address_of(*target), target->type.element});
}

// table.size x : [] -> [at]
Result<void> FuncValidator::table_size(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    push(address_of(*target));
    return {};
}

// table.grow x : [t at] -> [at]
Result<void> FuncValidator::table_grow(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    TRY(pop({target->type.element, address_of(*target)}));
    push(address_of(*target));
    return {};
}

// table.fill x : [at t at] -> []
Result<void> FuncValidator::table_fill(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    const ValType address = address_of(*target);
    return pop({address, target->type.element, address});
}

namespace {

// Lengths fit both sides of a copy.
ValType smaller(ValType a, ValType b) { return a == i64 && b == i64 ? i64 : i32; }

}  // namespace

// table.copy x y : [at1 at2 min(at1, at2)] -> []   if x : at1 t1, y : at2 t2 and t2 <: t1
Result<void> FuncValidator::table_copy(const Instr& in) {
    const core::Table* target = TRY(table(in.index));
    const core::Table* source = TRY(table(in.index2));
    if (!is_subtype(source->type.element, target->type.element))
        return mismatch(": elements of type " + to_string(source->type.element) +
                        " do not fit a table of " + to_string(target->type.element));
    const ValType to = address_of(*target);
    const ValType from = address_of(*source);
    return pop({to, from, smaller(to, from)});
}

// table.init x y : [at i32 i32] -> []   if x : at t1, y : t2 and t2 <: t1
Result<void> FuncValidator::table_init(const Instr& in) {
    const core::Table* target = TRY(table(in.index2));
    const core::ElemSegment* source = TRY(elem(in.index));
    if (!is_subtype(source->type, target->type.element))
        return mismatch(": elements of type " + to_string(source->type) +
                        " do not fit a table of " + to_string(target->type.element));
    return pop({address_of(*target), i32, i32});
}

Result<void> FuncValidator::elem_drop(const Instr& in) {
    TRY(elem(in.index));
    return {};
}

// memory.size x : [] -> [at]   if x : at
Result<void> FuncValidator::memory_size(const Instr& in) {
    const core::Memory* target = TRY(memory(in.index));
    push(address_of(*target));
    return {};
}

// memory.grow x : [at] -> [at]
Result<void> FuncValidator::memory_grow(const Instr& in) {
    const core::Memory* target = TRY(memory(in.index));
    TRY(pop(address_of(*target)));
    push(address_of(*target));
    return {};
}

// memory.fill x : [at i32 at] -> []
Result<void> FuncValidator::memory_fill(const Instr& in) {
    const core::Memory* target = TRY(memory(in.index));
    const ValType address = address_of(*target);
    return pop({address, i32, address});
}

// memory.copy x y : [at1 at2 min(at1, at2)] -> []   if x : at1, y : at2
Result<void> FuncValidator::memory_copy(const Instr& in) {
    const core::Memory* target = TRY(memory(in.index));
    const core::Memory* source = TRY(memory(in.index2));
    const ValType to = address_of(*target);
    const ValType from = address_of(*source);
    return pop({to, from, smaller(to, from)});
}

// memory.init x y : [at i32 i32] -> []   if x : at
Result<void> FuncValidator::memory_init(const Instr& in) {
    const core::Memory* target = TRY(memory(in.index2));
    TRY(data(in.index));
    return pop({address_of(*target), i32, i32});
}

Result<void> FuncValidator::data_drop(const Instr& in) { return data(in.index); }

Result<void> FuncValidator::atomic_fence(const Instr&) { return {}; }

}  // namespace waxwing
