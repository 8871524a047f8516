#include "print/context.hpp"

namespace waxwing::print {
namespace {

Arity of(const FuncType* type) {
    if (!type) return {};
    return {static_cast<u32>(type->params.size()), static_cast<u32>(type->results.size())};
}

Arity plus_input(Arity arity) { return {arity.inputs + 1, arity.outputs}; }

u32 field_count(const Context& context, u32 type) {
    if (type >= context.module.types.size()) return 0;
    const core::StructType* structure = context.module.types[type].struct_();
    return structure ? static_cast<u32>(structure->fields.size()) : 0;
}

}  // namespace

Arity arity_of(const Context& context, const BlockType& block) {
    switch (block.kind) {
    case BlockType::Kind::empty: return {};
    case BlockType::Kind::value: return {0, 1};
    case BlockType::Kind::type: break;
    }
    return of(context.func_type(block.type_index));
}

Arity arity_of(const Context& context, const Instr& in, u32 label, u32 results) {
    const OpcodeInfo& entry = info(in.op);
    if (entry.has_fixed_type) return {entry.type.input_count, entry.type.output_count};
    switch (in.op) {
    case Opcode::local_get:
    case Opcode::global_get:
    case Opcode::memory_size:
    case Opcode::table_size:
    case Opcode::i32_const:
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const:
    case Opcode::v128_const:
    case Opcode::ref_null:
    case Opcode::ref_func:
    case Opcode::struct_new_default: return {0, 1};

    case Opcode::drop:
    case Opcode::local_set:
    case Opcode::global_set:
    case Opcode::throw_ref: return {1, 0};

    case Opcode::local_tee:
    case Opcode::memory_grow:
    case Opcode::table_get:
    case Opcode::ref_is_null:
    case Opcode::ref_as_non_null:
    case Opcode::ref_test:
    case Opcode::ref_test_null:
    case Opcode::ref_cast:
    case Opcode::ref_cast_null:
    case Opcode::ref_i31:
    case Opcode::i31_get_s:
    case Opcode::i31_get_u:
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any:
    case Opcode::struct_get:
    case Opcode::struct_get_s:
    case Opcode::struct_get_u:
    case Opcode::array_len:
    case Opcode::array_new_default: return {1, 1};

    case Opcode::table_set:
    case Opcode::struct_set: return {2, 0};
    case Opcode::array_set:
    case Opcode::table_fill:
    case Opcode::memory_fill:
    case Opcode::memory_copy:
    case Opcode::memory_init:
    case Opcode::table_copy:
    case Opcode::table_init: return {3, 0};
    case Opcode::array_fill:
    case Opcode::array_init_data:
    case Opcode::array_init_elem: return {4, 0};
    case Opcode::array_copy: return {5, 0};

    case Opcode::ref_eq:
    case Opcode::table_grow:
    case Opcode::array_new:
    case Opcode::array_new_data:
    case Opcode::array_new_elem:
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u: return {2, 1};
    case Opcode::select:
    case Opcode::select_t: return {3, 1};
    case Opcode::struct_new: return {field_count(context, in.index), 1};
    case Opcode::array_new_fixed: return {in.index2, 1};

    case Opcode::call: return of(context.type_of(in.index));
    case Opcode::return_call: return {of(context.type_of(in.index)).inputs, 0};
    case Opcode::call_indirect:
    case Opcode::call_ref: return plus_input(of(context.func_type(in.index)));
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref: return {of(context.func_type(in.index)).inputs + 1, 0};
    case Opcode::throw_:
        if (in.index >= context.module.tags.size()) return {};
        return {of(context.func_type(context.module.tags[in.index].type)).inputs, 0};

    case Opcode::br: return {label, 0};
    case Opcode::br_table: return {label + 1, 0};
    case Opcode::br_if: return {label + 1, label};
    case Opcode::br_on_null: return {label + 1, label + 1};
    case Opcode::br_on_non_null: return {label, label == 0 ? 0 : label - 1};
    case Opcode::br_on_cast:
    case Opcode::br_on_cast_fail: return {label, label};
    case Opcode::return_: return {results, 0};
    default: return {};
    }
}

}  // namespace waxwing::print
