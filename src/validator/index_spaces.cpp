// What an index in an instruction refers to, or that it refers to nothing.
#include "core/try.hpp"
#include "validator/func_validator.hpp"

namespace waxwing {

Result<const core::SubType*> FuncValidator::type_at(u32 index) const {
    if (index >= module_.types.size()) return fail(Fault::unknown_type, index);
    return &module_.types[index];
}

Result<const FuncType*> FuncValidator::func_type(u32 index) const {
    const core::SubType* type = TRY(type_at(index));
    if (const FuncType* func = type->func()) return func;
    return mismatch(": type " + std::to_string(index) + " is not a function type");
}

Result<const core::StructType*> FuncValidator::struct_type(u32 index) const {
    const core::SubType* type = TRY(type_at(index));
    if (const core::StructType* fields = type->struct_()) return fields;
    return mismatch(": type " + std::to_string(index) + " is not a structure type");
}

Result<const core::ArrayType*> FuncValidator::array_type(u32 index) const {
    const core::SubType* type = TRY(type_at(index));
    if (const core::ArrayType* array = type->array()) return array;
    return mismatch(": type " + std::to_string(index) + " is not an array type");
}

Result<const core::ArrayType*> FuncValidator::mutable_array_type(u32 index) const {
    const core::ArrayType* type = TRY(array_type(index));
    if (!type->element.is_mutable) return fail(Fault::immutable_array);
    return type;
}

Result<const core::Function*> FuncValidator::function(u32 index) const {
    if (index >= module_.functions.size()) return fail(Fault::unknown_function, index);
    return &module_.functions[index];
}

Result<const core::Table*> FuncValidator::table(u32 index) const {
    if (index >= module_.tables.size()) return fail(Fault::unknown_table, index);
    return &module_.tables[index];
}

Result<const core::Memory*> FuncValidator::memory(u32 index) const {
    if (index >= module_.memories.size()) return fail(Fault::unknown_memory, index);
    return &module_.memories[index];
}

Result<const core::Global*> FuncValidator::global(u32 index) const {
    if (index >= visible_globals_) [[unlikely]] {
        if (index >= visible_with_gc_) return fail(Fault::unknown_global, index);
        return std::unexpected(
            make_error(Fault::unknown_global,
                       std::to_string(index) + ": global.get of a global that is not imported",
                       Feature::gc, at_));
    }
    return &module_.globals[index];
}

Result<const FuncType*> FuncValidator::tag(u32 index) const {
    if (index >= module_.tags.size()) return fail(Fault::unknown_tag, index);
    return module_.types[module_.tags[index].type].func();
}

Result<const core::ElemSegment*> FuncValidator::elem(u32 index) const {
    if (index >= module_.elems.size()) return fail(Fault::unknown_elem_segment, index);
    return &module_.elems[index];
}

Result<void> FuncValidator::data(u32 index) const {
    if (index >= module_.datas.size()) return fail(Fault::unknown_data_segment, index);
    return {};
}

Result<void> FuncValidator::check_heap_type(HeapType type) const {
    if (!type.is_concrete() || type.index() < module_.types.size()) return {};
    return fail(Fault::unknown_type, type.index());
}

Result<void> FuncValidator::check_value_type(ValType type) const {
    if (!type.is_ref()) return {};
    return check_heap_type(type.heap());
}

}  // namespace waxwing
