#include "core/opcode.hpp"
#include "support.hpp"

namespace waxwing::test {
namespace {

ValType value_type(OperandType type) {
    switch (type) {
    case OperandType::i64: return i64;
    case OperandType::f32: return f32;
    case OperandType::f64: return f64;
    case OperandType::v128: return v128;
    default: return i32;  // of the memory, too
    }
}

Instr constant(ValType type) {
    switch (type.kind()) {
    case ValType::Kind::i64: return op(Opcode::i64_const);
    case ValType::Kind::f32: return op(Opcode::f32_const);
    case ValType::Kind::f64: return op(Opcode::f64_const);
    case ValType::Kind::v128: return op(Opcode::v128_const);
    default: return op(Opcode::i32_const);
    }
}

struct Row {
    Opcode opcode;
    const OpcodeInfo& info;
    std::vector<ValType> inputs;
    std::vector<ValType> outputs;

    Instr instr() const {
        if (!has_memarg(info.immediates)) {
            Instr in = op(opcode);
            in.vec = {};
            return in;
        }
        return access(opcode, {.align_log2 = natural_alignment_log2(info.immediates)});
    }
    Body with_operands(usize count) const {
        Body body;
        for (usize i = 0; i < count; ++i)
            body.push_back(constant(inputs[i]));
        body.push_back(instr());
        return body;
    }
};

std::vector<Row> rows() {
    std::vector<Row> rows;
    for (usize i = 0; i < opcode_count; ++i) {
        const OpcodeInfo& info = opcode_table[i];
        if (!info.has_fixed_type) continue;
        Row row{static_cast<Opcode>(i), info, {}, {}};
        for (u8 n = 0; n < info.type.input_count; ++n)
            row.inputs.push_back(value_type(info.type.inputs[n]));
        for (u8 n = 0; n < info.type.output_count; ++n)
            row.outputs.push_back(value_type(info.type.outputs[n]));
        rows.push_back(row);
    }
    return rows;
}

Result<void> validate_with_memory(FuncType type, const Body& body) {
    ModuleBuilder builder;
    builder.memory();
    builder.func(std::move(type));
    return validate(builder.module, body);
}

TEST(FixedTypes, every_row_takes_its_inputs_and_gives_its_outputs) {
    for (const Row& row : rows()) {
        SCOPED_TRACE(row.info.name);
        expect_valid(validate_with_memory({{}, row.outputs}, row.with_operands(row.inputs.size())));
    }
}

TEST(FixedTypes, no_row_does_with_an_operand_less) {
    for (const Row& row : rows()) {
        SCOPED_TRACE(row.info.name);
        const usize count = row.inputs.size() - 1;
        const auto result = validate_with_memory({{}, row.outputs}, row.with_operands(count));
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().byte_offset(), count);
        EXPECT_TRUE(result.error().message().starts_with("type mismatch: instruction requires ["));
    }
}

TEST(FixedTypes, no_row_takes_a_reference_for_an_operand) {
    for (const Row& row : rows()) {
        for (usize i = 0; i < row.inputs.size(); ++i) {
            SCOPED_TRACE(row.info.name);
            Body body = row.with_operands(row.inputs.size());
            body[i] = heap(Opcode::ref_null, HeapKind::func);
            const auto result = validate_with_memory({{}, row.outputs}, body);
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().byte_offset(), row.inputs.size());
        }
    }
}

TEST(FixedTypes, every_memory_access_needs_a_memory_and_at_most_natural_alignment) {
    for (const Row& row : rows()) {
        if (!has_memarg(row.info.immediates)) continue;
        SCOPED_TRACE(row.info.name);
        Body body = row.with_operands(row.inputs.size());
        const usize last = body.size() - 1;
        expect_invalid(validate_func({{}, row.outputs}, body), "unknown memory 0", last);
        body[last].mem.align_log2 += 1;
        expect_invalid(validate_with_memory({{}, row.outputs}, body),
                       "alignment must not be larger than natural", last);
    }
}

TEST(FixedTypes, lanes_are_below_the_lane_count) {
    for (const Row& row : rows()) {
        const u8 lanes = lane_count(row.info.immediates);
        if (lanes == 0) continue;
        SCOPED_TRACE(row.info.name);
        Body body = row.with_operands(row.inputs.size());
        Instr& last = body.back();
        const bool shuffle = row.info.immediates == Immediates::shuffle;
        u8& lane = shuffle ? last.vec.bytes[7] : last.lane;
        lane = static_cast<u8>(lanes - 1);
        expect_valid(validate_with_memory({{}, row.outputs}, body));
        lane = lanes;
        expect_invalid(validate_with_memory({{}, row.outputs}, body),
                       "invalid lane index " + std::to_string(lanes), body.size() - 1);
    }
}

TEST(FixedTypes, atomic_accesses_are_aligned_naturally) {
    const Body body = {op(Opcode::i32_const), access(Opcode::i64_atomic_load, {.align_log2 = 2})};
    expect_invalid(validate_with_memory({{}, {i64}}, body), "atomic alignment must be natural", 1);
}

TEST(FixedTypes, a_mismatch_names_all_that_was_required_and_found) {
    expect_invalid(validate_func({{}, {i32}}, {op(Opcode::i32_const), op(Opcode::i64_const),
                                               op(Opcode::i32_add)}),
                   "type mismatch: instruction requires [i32 i32] but stack has [i32 i64]", 2);
    expect_invalid(validate_func({{}, {i32}}, {op(Opcode::i64_const), op(Opcode::i32_eqz)}),
                   "type mismatch: instruction requires [i32] but stack has [i64]", 1);
}

TEST(FixedTypes, an_error_names_its_function) {
    ModuleBuilder builder;
    builder.func({{}, {}});
    builder.func({{}, {}});
    const auto result = validate(builder.module, {op(Opcode::drop)});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().function(), 1u);
    EXPECT_EQ(result.error().message(),
              "type mismatch: instruction requires an operand but stack has [] (at 0x0, func 1)");
}

TEST(FixedTypes, a_64_bit_memory_is_addressed_by_i64_and_takes_large_offsets) {
    ModuleBuilder builder;
    builder.memory(AddressType::i64);
    builder.func({{}, {i32}});
    const Instr load = access(Opcode::i32_load, {.offset = u64{1} << 40});
    expect_valid(validate(builder.module, {op(Opcode::i64_const), load}));
    expect_invalid(validate(builder.module, {op(Opcode::i32_const), load}),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 1);
    expect_invalid(validate_with_memory({{}, {i32}}, {op(Opcode::i32_const), load}),
                   "offset out of range", 1);
}

TEST(FixedTypes, an_access_is_typed_by_the_memory_it_names) {
    ModuleBuilder builder;
    builder.memory();
    builder.memory(AddressType::i64);
    builder.func({{}, {}});
    const Instr store = access(Opcode::i32_store, {.memory = 1});
    expect_valid(validate(builder.module, {op(Opcode::i64_const), op(Opcode::i32_const), store}));
    expect_invalid(validate(builder.module, {op(Opcode::i32_const), op(Opcode::i32_const), store}),
                   "type mismatch: instruction requires [i64 i32] but stack has [i32 i32]", 2);
    expect_invalid(validate(builder.module, {access(Opcode::i32_store, {.memory = 2})}),
                   "unknown memory 2", 0);
}

TEST(FixedTypes, copies_between_address_types_are_as_long_as_the_smaller_allows) {
    ModuleBuilder builder;
    builder.memory();
    builder.memory(AddressType::i64);
    builder.func({{}, {}});
    expect_valid(validate(builder.module, {op(Opcode::i64_const), op(Opcode::i32_const),
                                           op(Opcode::i32_const), op(Opcode::memory_copy, 1, 0)}));
    expect_invalid(validate(builder.module, {op(Opcode::i64_const), op(Opcode::i64_const),
                                             op(Opcode::i32_const), op(Opcode::memory_copy, 1, 1)}),
                   "type mismatch: instruction requires [i64 i64 i64] but stack has [i64 i64 i32]",
                   3);
}

}  // namespace
}  // namespace waxwing::test
