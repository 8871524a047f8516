#include "support.hpp"

namespace waxwing::test {
namespace {

const Instr int_ = op(Opcode::i32_const);
const Instr drop = op(Opcode::drop);
const Instr dead = op(Opcode::unreachable);
const Instr end = op(Opcode::end);
const Instr get0 = op(Opcode::local_get, 0);

core::FieldType var(ValType type) { return {type, true}; }
core::FieldType constant(ValType type) { return {type, false}; }

TEST(References, ref_func_needs_a_declared_function) {
    ModuleBuilder builder;
    builder.func({{}, {}});
    expect_invalid(validate(builder.module, {op(Opcode::ref_func, 0), drop}),
                   "undeclared function reference 0", 0);
    builder.elem(funcref, {0});
    expect_valid(validate(builder.module, {op(Opcode::ref_func, 0), drop}));
    expect_invalid(validate(builder.module, {op(Opcode::ref_func, 1)}), "unknown function 1", 0);
}

TEST(References, a_constant_expression_declares_the_functions_it_names) {
    ModuleBuilder builder;
    builder.func({{}, {}});
    ModuleValidator module(builder.module);
    ASSERT_TRUE(module.check());
    FuncValidator validator(module);
    ASSERT_TRUE(validator.begin_const({.expected = funcref}));
    ASSERT_TRUE(walk(validator, {op(Opcode::ref_func, 0)}));
    ASSERT_TRUE(validator.begin_function(0));
    expect_valid(walk(validator, {op(Opcode::ref_func, 0), drop}));
}

TEST(References, select_without_a_type_takes_no_references) {
    const FuncType type{{funcref}, {}};
    expect_invalid(validate_func(type, {get0, get0, int_, op(Opcode::select)}),
                   "type mismatch: instruction requires two equal numbers or vectors but stack "
                   "has [funcref funcref]",
                   3);
    const std::vector<ValType> one = {funcref};
    const std::vector<ValType> two = {funcref, funcref};
    Instr select = op(Opcode::select_t);
    select.types = one;
    expect_valid(validate_func(type, {get0, get0, int_, select, drop}));
    select.types = two;
    expect_invalid(validate_func(type, {get0, get0, int_, select}), "invalid result arity", 3);
    select.types = {};
    expect_invalid(validate_func(type, {get0, get0, int_, select}), "invalid result arity", 3);
}

TEST(References, hierarchies_do_not_mix) {
    const HeapKind tops[] = {HeapKind::any, HeapKind::func, HeapKind::extern_, HeapKind::exn};
    const HeapKind bottoms[] = {HeapKind::none, HeapKind::nofunc, HeapKind::noextern,
                                HeapKind::noexn};
    for (usize i = 0; i < 4; ++i)
        for (usize j = 0; j < 4; ++j)
            EXPECT_EQ(validate_func(
                          {{ValType::ref(bottoms[i], true)}, {ValType::ref(tops[j], true)}}, {get0})
                          .has_value(),
                      i == j);
}

TEST(References, a_cast_stays_within_the_hierarchy) {
    expect_valid(
        validate_func({{anyref}, {i31ref}}, {get0, heap(Opcode::ref_cast_null, HeapKind::i31)}));
    expect_invalid(validate_func({{anyref}, {i32}}, {get0, heap(Opcode::ref_test, HeapKind::func)}),
                   "type mismatch: instruction requires [funcref] but stack has [anyref]", 1);
    expect_invalid(
        validate_func({{anyref}, {i32}}, {get0, heap(Opcode::ref_test, HeapType::defined(9))}),
        "unknown type 9", 1);
}

TEST(References, br_on_cast_carries_the_target_and_leaves_the_difference) {
    const ValType any = ValType::ref(HeapKind::any, false);
    const Body nullable_target = {block(Opcode::block, gives(i31ref)),
                                  get0,
                                  cast(Opcode::br_on_cast, 0, anyref, i31ref),
                                  op(Opcode::local_set, 1),
                                  dead,
                                  end};
    expect_valid(validate_func({{anyref, any}, {i31ref}}, nullable_target));
    const Body plain_target = {
        block(Opcode::block, gives(i31ref)),
        get0,
        cast(Opcode::br_on_cast, 0, anyref, ValType::ref(HeapKind::i31, false)),
        op(Opcode::local_set, 1),
        dead,
        end};
    expect_invalid(validate_func({{anyref, any}, {i31ref}}, plain_target),
                   "type mismatch: instruction requires [(ref any)] but stack has [anyref]", 3);
    expect_invalid(
        validate_func({{}, {anyref}}, {dead, cast(Opcode::br_on_cast, 0, eqref, anyref)}),
        "type mismatch: anyref is not a subtype of eqref", 1);
    expect_invalid(
        validate_func({{anyref}, {}}, {get0, cast(Opcode::br_on_cast, 0, anyref, eqref)}),
        "type mismatch: label 0 does not take eqref", 1);
}

TEST(References, br_on_cast_fail_carries_the_difference_and_leaves_the_target) {
    const Body body = {get0, cast(Opcode::br_on_cast_fail, 0, anyref, i31ref),
                       op(Opcode::i31_get_s), drop, dead};
    expect_valid(validate_func({{anyref}, {ValType::ref(HeapKind::any, false)}}, body));
}

TEST(References, null_checks_move_nullability) {
    const ValType func = ValType::ref(HeapKind::func, false);
    expect_valid(validate_func({{funcref}, {func}}, {get0, op(Opcode::ref_as_non_null)}));
    expect_valid(validate_func({{funcref}, {func}}, {get0, op(Opcode::br_on_non_null, 0), dead}));
    expect_valid(validate_func({{funcref, func}, {}},
                               {get0, op(Opcode::br_on_null, 0), op(Opcode::local_set, 1)}));
    expect_invalid(validate_func({{funcref}, {}}, {get0, op(Opcode::br_on_non_null, 0)}),
                   "type mismatch: label 0 does not take a reference", 1);
}

TEST(References, conversions_keep_nullability) {
    const ValType any = ValType::ref(HeapKind::any, false);
    const ValType host = ValType::ref(HeapKind::extern_, false);
    expect_valid(validate_func({{host}, {any}}, {get0, op(Opcode::any_convert_extern)}));
    expect_valid(validate_func({{i31ref}, {externref}}, {get0, op(Opcode::extern_convert_any)}));
    expect_invalid(validate_func({{externref}, {any}}, {get0, op(Opcode::any_convert_extern)}),
                   "type mismatch: instruction requires [(ref any)] but stack has [anyref]", 2);
}

class Aggregates : public testing::Test {
protected:
    ModuleBuilder builder;
    const u32 pair = builder.type(core::StructType{{var(i64), constant(ValType::Kind::i8)}});
    const u32 bytes = builder.type(core::ArrayType{var(ValType::Kind::i8)});
    const u32 frozen = builder.type(core::ArrayType{constant(i64)});
    const u32 funcs = builder.type(core::ArrayType{var(funcref)});
    const u32 strict = builder.type(core::ArrayType{var(ValType::ref(HeapKind::func, false))});

    Result<void> with_null(u32 type, Body body, Instr last) {
        builder.func({{}, {}});
        body.insert(body.begin(), heap(Opcode::ref_null, HeapType::defined(type)));
        body.push_back(last);
        return validate(builder.module, body);
    }
};

TEST_F(Aggregates, a_structure_is_made_of_its_fields) {
    builder.func({{}, {ref(pair)}});
    expect_valid(
        validate(builder.module, {op(Opcode::i64_const), int_, op(Opcode::struct_new, pair)}));
    expect_invalid(validate(builder.module, {int_, int_, op(Opcode::struct_new, pair)}),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 2);
    expect_valid(validate(builder.module, {op(Opcode::struct_new_default, pair)}));
    expect_invalid(validate(builder.module, {op(Opcode::struct_new, bytes)}),
                   "type mismatch: type 1 is not a structure type", 0);
}

TEST_F(Aggregates, fields_are_read_as_packed_or_not_and_written_if_mutable) {
    expect_valid(with_null(pair, {op(Opcode::struct_get, pair, 0)}, drop));
    expect_valid(with_null(pair, {op(Opcode::struct_get_u, pair, 1)}, drop));
    expect_invalid(with_null(pair, {}, op(Opcode::struct_get, pair, 1)),
                   "type mismatch: i8 is packed and needs an extension", 1);
    expect_invalid(with_null(pair, {}, op(Opcode::struct_get_s, pair, 0)),
                   "type mismatch: extension of i64, which is not packed", 1);
    expect_invalid(with_null(pair, {}, op(Opcode::struct_get, pair, 2)), "unknown field 2", 1);
    expect_invalid(with_null(pair, {int_}, op(Opcode::struct_set, pair, 1)), "immutable field 1",
                   2);
}

TEST_F(Aggregates, arrays_are_written_if_mutable) {
    expect_valid(with_null(bytes, {int_, int_}, op(Opcode::array_set, bytes)));
    expect_invalid(with_null(frozen, {int_, op(Opcode::i64_const)}, op(Opcode::array_set, frozen)),
                   "immutable array", 3);
    expect_invalid(
        with_null(frozen, {int_, op(Opcode::i64_const), int_}, op(Opcode::array_fill, frozen)),
        "immutable array", 4);
}

TEST_F(Aggregates, copies_need_matching_elements) {
    const auto copy = [&](u32 to, u32 from) {
        return with_null(to, {int_, heap(Opcode::ref_null, HeapType::defined(from)), int_, int_},
                         op(Opcode::array_copy, to, from));
    };
    expect_valid(copy(bytes, bytes));
    expect_valid(copy(funcs, strict));
    expect_invalid(copy(strict, funcs),
                   "array types do not match: funcref does not fit an array of (ref func)", 5);
    expect_invalid(copy(bytes, frozen), "array types do not match: i64 does not fit an array of i8",
                   5);
}

TEST_F(Aggregates, segments_fit_the_elements) {
    builder.elem(externref);
    builder.module.datas.emplace_back().mode = core::SegmentMode::passive;
    expect_invalid(with_null(funcs, {int_, int_}, op(Opcode::array_new_elem, funcs, 0)),
                   "type mismatch: elements of type externref do not fit an array of funcref", 3);
    expect_invalid(with_null(funcs, {int_, int_}, op(Opcode::array_new_elem, funcs, 4)),
                   "unknown elem segment 4", 3);
    expect_invalid(with_null(funcs, {int_, int_}, op(Opcode::array_new_data, funcs, 0)),
                   "array type is not numeric or vector", 3);
    expect_invalid(with_null(bytes, {int_, int_}, op(Opcode::array_new_data, bytes, 1)),
                   "unknown data segment 1", 3);
    expect_valid(with_null(bytes, {int_, int_, int_}, op(Opcode::array_init_data, bytes, 0)));
}

TEST_F(Aggregates, a_fixed_array_counts_its_operands_without_trusting_the_count) {
    builder.func({{}, {}});
    expect_valid(
        validate(builder.module, {int_, int_, op(Opcode::array_new_fixed, bytes, 2), drop}));
    expect_invalid(validate(builder.module, {int_, op(Opcode::array_new_fixed, bytes, 0xFFFFFFFF)}),
                   "type mismatch: instruction requires 4294967295 operands of type i32 but stack "
                   "has 1",
                   1);
    expect_valid(validate(builder.module,
                          {dead, int_, op(Opcode::array_new_fixed, bytes, 0xFFFFFFFF), drop}));
}

TEST_F(Aggregates, defaults_need_defaultable_elements) {
    builder.func({{}, {}});
    expect_invalid(validate(builder.module, {int_, op(Opcode::array_new_default, strict)}),
                   "type mismatch: (ref func) has no default", 1);
}

}  // namespace
}  // namespace waxwing::test
