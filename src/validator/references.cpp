// References, casts, structures and arrays.
#include "core/try.hpp"
#include "validator/func_validator.hpp"

namespace waxwing {
namespace {

ValType unpacked(ValType storage) { return storage.is_packed() ? i32 : storage; }

ValType ref_to(u32 type_index, bool nullable) {
    return ValType::ref(HeapType::defined(type_index), nullable);
}

}  // namespace

// ref.null ht : [] -> [(ref null ht)]
Result<void> FuncValidator::ref_null(const Instr& in) {
    TRY(check_heap_type(in.heap));
    push(ValType::ref(in.heap, true));
    return {};
}

Result<void> FuncValidator::ref_is_null(const Instr&) {
    TRY(pop_ref());
    push(i32);
    return {};
}

// ref.func x : [] -> [(ref t)]   if x : t; in a body, if x is declared
Result<void> FuncValidator::ref_func(const Instr& in) {
    const core::Function* target = TRY(function(in.index));
    if (is_constant_)
        owner_.declare(in.index);
    else if (!owner_.is_declared(in.index))
        return fail(Fault::undeclared_function_reference, in.index);
    push(ref_to(target->type, false));
    return {};
}

Result<void> FuncValidator::ref_eq(const Instr&) {
    TRY(pop({eqref, eqref}));
    push(i32);
    return {};
}

// ref.as_non_null : [(ref null ht)] -> [(ref ht)]
Result<void> FuncValidator::ref_as_non_null(const Instr&) {
    const ValType operand = TRY(pop_ref());
    push(ValType::ref(operand.heap(), false));
    return {};
}

// ref.test rt : [rt'] -> [i32]   if rt' is of the same hierarchy
Result<void> FuncValidator::ref_test(const Instr& in) { return test_or_cast(in, i32); }
Result<void> FuncValidator::ref_test_null(const Instr& in) { return test_or_cast(in, i32); }

// ref.cast rt : [rt'] -> [rt]
Result<void> FuncValidator::ref_cast(const Instr& in) {
    return test_or_cast(in, ValType::ref(in.heap, false));
}
Result<void> FuncValidator::ref_cast_null(const Instr& in) {
    return test_or_cast(in, ValType::ref(in.heap, true));
}

Result<void> FuncValidator::test_or_cast(const Instr& in, ValType result) {
    TRY(check_heap_type(in.heap));
    TRY(pop(ValType::ref(owner_.top_of(in.heap), true)));
    push(result);
    return {};
}

Result<void> FuncValidator::any_convert_extern(const Instr&) {
    return convert(externref, HeapKind::any);
}
Result<void> FuncValidator::extern_convert_any(const Instr&) {
    return convert(anyref, HeapKind::extern_);
}

// [(ref null1? ht)] -> [(ref null2? ht')]   if null1? = null2?
Result<void> FuncValidator::convert(ValType from, HeapKind to) {
    const bool nullable = !operands_.at_floor() && operands_.peek().is_nullable();
    TRY(pop(from));
    push(ValType::ref(to, nullable));
    return {};
}

Result<void> FuncValidator::ref_i31(const Instr&) {
    TRY(pop(i32));
    push(ValType::ref(HeapKind::i31, false));
    return {};
}
Result<void> FuncValidator::i31_get_s(const Instr&) {
    TRY(pop(i31ref));
    push(i32);
    return {};
}
Result<void> FuncValidator::i31_get_u(const Instr& in) { return i31_get_s(in); }

// struct.new x : [t*] -> [(ref x)]   if x = struct (field t)*, packed ones as i32
Result<void> FuncValidator::struct_new(const Instr& in) {
    const core::StructType* type = TRY(struct_type(in.index));
    for (auto field = type->fields.rbegin(); field != type->fields.rend(); ++field) {
        if (operands_.at_floor() && frames_.back().unreachable) break;
        TRY(pop(unpacked(field->storage)));
    }
    push(ref_to(in.index, false));
    return {};
}

Result<void> FuncValidator::struct_new_default(const Instr& in) {
    const core::StructType* type = TRY(struct_type(in.index));
    for (const core::FieldType& field : type->fields)
        if (!field.storage.is_defaultable())
            return mismatch(": a field of type " + to_string(field.storage) + " has no default");
    push(ref_to(in.index, false));
    return {};
}

Result<const core::FieldType*> FuncValidator::field(const Instr& in) const {
    const core::StructType* type = TRY(struct_type(in.index));
    if (in.index2 >= type->fields.size()) return fail(Fault::unknown_field, in.index2);
    return &type->fields[in.index2];
}

// struct.get x y : [(ref null x)] -> [t]   if field y of x is of type t, and not packed
Result<void> FuncValidator::struct_get(const Instr& in) { return get_field(in, false); }
Result<void> FuncValidator::struct_get_s(const Instr& in) { return get_field(in, true); }
Result<void> FuncValidator::struct_get_u(const Instr& in) { return get_field(in, true); }

Result<void> FuncValidator::get_field(const Instr& in, bool packed) {
    const core::FieldType* target = TRY(field(in));
    TRY(check_packing(target->storage, packed));
    TRY(pop(ref_to(in.index, true)));
    push(unpacked(target->storage));
    return {};
}

Result<void> FuncValidator::check_packing(ValType storage, bool packed) const {
    if (storage.is_packed() == packed) return {};
    return mismatch(packed ? ": extension of " + to_string(storage) + ", which is not packed"
                           : ": " + to_string(storage) + " is packed and needs an extension");
}

// struct.set x y : [(ref null x) t] -> []   if field y of x is mut t
Result<void> FuncValidator::struct_set(const Instr& in) {
    const core::FieldType* target = TRY(field(in));
    if (!target->is_mutable) return fail(Fault::immutable_field, in.index2);
    return pop({ref_to(in.index, true), unpacked(target->storage)});
}

// array.new x : [t i32] -> [(ref x)]   if x = array mut? t
Result<void> FuncValidator::array_new(const Instr& in) {
    const core::ArrayType* type = TRY(array_type(in.index));
    TRY(pop({unpacked(type->element.storage), i32}));
    push(ref_to(in.index, false));
    return {};
}

Result<void> FuncValidator::array_new_default(const Instr& in) {
    const core::ArrayType* type = TRY(array_type(in.index));
    if (!type->element.storage.is_defaultable())
        return mismatch(": " + to_string(type->element.storage) + " has no default");
    TRY(pop(i32));
    push(ref_to(in.index, false));
    return {};
}

// array.new_fixed x n : [t^n] -> [(ref x)]
Result<void> FuncValidator::array_new_fixed(const Instr& in) {
    const core::ArrayType* type = TRY(array_type(in.index));
    TRY(pop_repeated(unpacked(type->element.storage), in.index2));
    push(ref_to(in.index, false));
    return {};
}

// array.new_data x y : [i32 i32] -> [(ref x)]   if x is of numbers or vectors
Result<void> FuncValidator::array_new_data(const Instr& in) {
    const core::ArrayType* type = TRY(array_type(in.index));
    if (type->element.storage.is_ref()) return fail(Fault::array_type_not_numeric);
    TRY(data(in.index2));
    TRY(pop({i32, i32}));
    push(ref_to(in.index, false));
    return {};
}

// array.new_elem x y : [i32 i32] -> [(ref x)]   if y fits x
Result<void> FuncValidator::array_new_elem(const Instr& in) {
    const core::ArrayType* type = TRY(array_type(in.index));
    TRY(fits_elem(*type, in.index2));
    TRY(pop({i32, i32}));
    push(ref_to(in.index, false));
    return {};
}

Result<void> FuncValidator::fits_elem(const core::ArrayType& array, u32 elem_index) const {
    const core::ElemSegment* source = TRY(elem(elem_index));
    if (is_subtype(source->type, array.element.storage)) return {};
    return mismatch(": elements of type " + to_string(source->type) + " do not fit an array of " +
                    to_string(array.element.storage));
}

// array.get x : [(ref null x) i32] -> [t]   if x = array mut? t, and t is not packed
Result<void> FuncValidator::array_get(const Instr& in) { return get_element(in, false); }
Result<void> FuncValidator::array_get_s(const Instr& in) { return get_element(in, true); }
Result<void> FuncValidator::array_get_u(const Instr& in) { return get_element(in, true); }

Result<void> FuncValidator::get_element(const Instr& in, bool packed) {
    const core::ArrayType* type = TRY(array_type(in.index));
    TRY(check_packing(type->element.storage, packed));
    TRY(pop({ref_to(in.index, true), i32}));
    push(unpacked(type->element.storage));
    return {};
}

// array.set x : [(ref null x) i32 t] -> []   if x = array mut t
Result<void> FuncValidator::array_set(const Instr& in) {
    const core::ArrayType* type = TRY(mutable_array_type(in.index));
    return pop({ref_to(in.index, true), i32, unpacked(type->element.storage)});
}

Result<void> FuncValidator::array_len(const Instr&) {
    TRY(pop(arrayref));
    push(i32);
    return {};
}

// array.fill x : [(ref null x) i32 t i32] -> []   if x = array mut t
Result<void> FuncValidator::array_fill(const Instr& in) {
    const core::ArrayType* type = TRY(mutable_array_type(in.index));
    return pop({ref_to(in.index, true), i32, unpacked(type->element.storage), i32});
}

// array.copy x y : [(ref null x) i32 (ref null y) i32 i32] -> []
//   if x = array mut t1, y = array mut? t2 and t2 <: t1
Result<void> FuncValidator::array_copy(const Instr& in) {
    const core::ArrayType* target = TRY(mutable_array_type(in.index));
    const core::ArrayType* source = TRY(array_type(in.index2));
    if (!is_subtype(source->element.storage, target->element.storage))
        return fail(Fault::array_types_do_not_match, ": " + to_string(source->element.storage) +
                                                         " does not fit an array of " +
                                                         to_string(target->element.storage));
    return pop({ref_to(in.index, true), i32, ref_to(in.index2, true), i32, i32});
}

// array.init_data x y : [(ref null x) i32 i32 i32] -> []   if x is mutable, of numbers or vectors
Result<void> FuncValidator::array_init_data(const Instr& in) {
    const core::ArrayType* type = TRY(mutable_array_type(in.index));
    if (type->element.storage.is_ref()) return fail(Fault::array_type_not_numeric);
    TRY(data(in.index2));
    return pop({ref_to(in.index, true), i32, i32, i32});
}

// array.init_elem x y : [(ref null x) i32 i32 i32] -> []   if x is mutable and y fits it
Result<void> FuncValidator::array_init_elem(const Instr& in) {
    const core::ArrayType* type = TRY(mutable_array_type(in.index));
    TRY(fits_elem(*type, in.index2));
    return pop({ref_to(in.index, true), i32, i32, i32});
}

}  // namespace waxwing
