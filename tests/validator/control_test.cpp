#include "support.hpp"

namespace waxwing::test {
namespace {

const Instr int_ = op(Opcode::i32_const);
const Instr long_ = op(Opcode::i64_const);
const Instr dead = op(Opcode::unreachable);
const Instr end = op(Opcode::end);

TEST(Control, a_block_gives_what_it_says_and_nothing_more) {
    expect_valid(validate_func({{}, {i32}}, {block(Opcode::block, gives(i32)), int_, end}));
    expect_invalid(validate_func({{}, {}}, {block(Opcode::block), int_, end}),
                   "type mismatch: block requires [] but stack has [i32]", 2);
    expect_invalid(validate_func({{}, {i32}}, {block(Opcode::block, gives(i32)), end}),
                   "type mismatch: instruction requires [i32] but stack has []", 1);
    expect_invalid(validate_func({{}, {i32}}, {int_, int_}),
                   "type mismatch: block requires [i32] but stack has [i32 i32]", 2);
}

TEST(Control, a_block_does_not_reach_operands_of_its_parent) {
    expect_invalid(validate_func({{}, {}}, {int_, block(Opcode::block), op(Opcode::drop)}),
                   "type mismatch: instruction requires an operand but stack has []", 2);
}

TEST(Control, a_block_type_names_a_function_type) {
    expect_invalid(validate_func({{}, {}}, {block(Opcode::block, of_type(7))}), "unknown type 7",
                   0);
    ModuleBuilder builder;
    const u32 array = builder.type(core::ArrayType{{i32, true}});
    builder.func({{}, {}});
    expect_invalid(validate(builder.module, {block(Opcode::loop, of_type(array))}),
                   "type mismatch: type 0 is not a function type", 0);
}

TEST(Control, unreachable_code_supplies_operands_of_any_type) {
    expect_valid(validate_func({{}, {i32}}, {dead, op(Opcode::i64_add), op(Opcode::i64_eqz)}));
    expect_valid(validate_func({{}, {i32}}, {dead}));
    expect_valid(validate_func({{}, {}}, {dead, op(Opcode::select), op(Opcode::drop)}));
    expect_valid(validate_func({{}, {i64}}, {dead, long_, int_, op(Opcode::select)}));
}

TEST(Control, unreachable_code_still_checks_operands_that_are_there) {
    expect_invalid(validate_func({{}, {i32}}, {dead, long_, op(Opcode::i32_eqz)}),
                   "type mismatch: instruction requires [i32] but stack has [i64]", 2);
    expect_invalid(validate_func({{}, {i32}}, {dead, int_, int_}),
                   "type mismatch: block requires [i32] but stack has [i32 i32]", 3);
    expect_invalid(validate_func({{}, {i32}}, {dead, long_, op(Opcode::i32_add)}),
                   "type mismatch: instruction requires [i32 i32] but stack has [i64]", 2);
}

TEST(Control, unreachable_code_still_checks_indices) {
    expect_invalid(validate_func({{}, {}}, {dead, op(Opcode::br, 1)}), "unknown label 1", 1);
    expect_invalid(validate_func({{}, {}}, {dead, op(Opcode::local_get, 0)}), "unknown local 0", 1);
    expect_invalid(validate_func({{}, {}}, {dead, op(Opcode::call, 9)}), "unknown function 9", 1);
    expect_invalid(validate_func({{}, {}}, {dead, op(Opcode::throw_, 0)}), "unknown tag 0", 1);
}

TEST(Control, the_end_of_a_block_makes_its_parent_reachable_again) {
    expect_invalid(validate_func({{}, {}}, {block(Opcode::block), dead, end, op(Opcode::drop)}),
                   "type mismatch: instruction requires an operand but stack has []", 3);
}

TEST(Control, references_of_unknown_type_stay_usable) {
    expect_valid(
        validate_func({{}, {i32}}, {dead, op(Opcode::ref_as_non_null), op(Opcode::ref_is_null)}));
    ModuleBuilder builder;
    const u32 type = builder.type(FuncType{{}, {}});
    builder.func(type);
    expect_valid(
        validate(builder.module, {dead, op(Opcode::ref_as_non_null), op(Opcode::call_ref, type)}));
    expect_valid(validate_func({{}, {}}, {dead, op(Opcode::br_on_null, 0), op(Opcode::drop)}));
    expect_valid(validate_func({{}, {}}, {dead, op(Opcode::any_convert_extern), op(Opcode::drop)}));
}

TEST(Control, an_if_without_else_passes_its_parameters_on) {
    ModuleBuilder builder;
    const u32 type = builder.type(FuncType{{i32}, {i32}});
    const u32 other = builder.type(FuncType{{i32}, {i64}});
    builder.func({{}, {i32}});
    expect_valid(validate(builder.module, {int_, int_, block(Opcode::if_, of_type(type)), end}));
    expect_invalid(validate(builder.module, {int_, int_, block(Opcode::if_, of_type(other)),
                                             op(Opcode::drop), long_, end}),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 5);
    expect_invalid(validate_func({{}, {i32}}, {int_, block(Opcode::if_, gives(i32)), int_, end}),
                   "type mismatch: instruction requires [i32] but stack has []", 3);
}

TEST(Control, both_arms_of_an_if_start_from_its_parameters) {
    ModuleBuilder builder;
    const u32 type = builder.type(FuncType{{i32}, {i64}});
    builder.func({{}, {i64}});
    expect_valid(validate(builder.module, {int_, int_, block(Opcode::if_, of_type(type)), dead,
                                           op(Opcode::else_), op(Opcode::i64_extend_i32_s), end}));
    expect_invalid(validate(builder.module, {int_, int_, block(Opcode::if_, of_type(type)), dead,
                                             op(Opcode::else_), op(Opcode::i64_eqz), end}),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 5);
}

TEST(Control, a_loop_label_takes_the_parameters) {
    expect_valid(
        validate_func({{}, {i32}}, {block(Opcode::loop, gives(i32)), op(Opcode::br, 0), end}));
    ModuleBuilder builder;
    const u32 type = builder.type(FuncType{{i32}, {}});
    builder.func({{}, {}});
    expect_invalid(validate(builder.module, {int_, block(Opcode::loop, of_type(type)),
                                             op(Opcode::drop), op(Opcode::br, 0), end}),
                   "type mismatch: instruction requires [i32] but stack has []", 3);
}

TEST(Control, br_if_leaves_the_types_of_the_label) {
    const Body body = {block(Opcode::block, gives(anyref)),
                       int_,
                       op(Opcode::ref_i31),
                       int_,
                       op(Opcode::br_if, 0),
                       op(Opcode::i31_get_s),
                       op(Opcode::drop),
                       dead,
                       end};
    expect_invalid(validate_func({{}, {anyref}}, body),
                   "type mismatch: instruction requires [i31ref] but stack has [anyref]", 5);
}

TEST(Control, br_table_checks_every_label_against_the_same_operands) {
    const std::vector<u32> labels = {0, 1, 0};
    const Body inner_long = {block(Opcode::block, gives(i32)), block(Opcode::block, gives(i64)),
                             int_, int_, table_of(labels, 1)};
    expect_invalid(validate_func({{}, {}}, inner_long),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 4);
    const Body unrelated = {block(Opcode::block, gives(f32)),
                            block(Opcode::block, gives(i64)),
                            dead,
                            int_,
                            table_of(labels, 1),
                            end,
                            op(Opcode::drop),
                            op(Opcode::f32_const),
                            end,
                            op(Opcode::drop)};
    expect_valid(validate_func({{}, {}}, unrelated));
    const Body arity = {block(Opcode::block), block(Opcode::block, gives(i64)), dead, int_,
                        table_of(labels, 1)};
    expect_invalid(validate_func({{}, {}}, arity),
                   "type mismatch: br_table targets need the same number of operands, but label 0 "
                   "takes 1 and the default 0",
                   4);
    const std::vector<u32> far = {0, 5};
    expect_invalid(validate_func({{}, {}}, {int_, table_of(far, 0)}), "unknown label 5", 1);
}

TEST(Control, tail_calls_return_what_the_caller_returns) {
    ModuleBuilder builder;
    const u32 gives_i32 = builder.func({{}, {i32}});
    builder.func({{}, {i64}});
    expect_invalid(validate(builder.module, {op(Opcode::return_call, gives_i32)}),
                   "type mismatch: tail call of a function of type [] -> [i32] does not return "
                   "what the caller does",
                   0);
    builder.func({{}, {i32}});
    expect_valid(validate(builder.module, {op(Opcode::return_call, gives_i32)}));
}

TEST(Control, call_indirect_needs_a_table_of_functions_and_an_index_of_its_address_type) {
    ModuleBuilder builder;
    const u32 type = builder.type(FuncType{{f64}, {}});
    builder.table(externref);
    builder.table(funcref, AddressType::i64);
    builder.func({{}, {}});
    const Instr f64_const = op(Opcode::f64_const);
    expect_valid(validate(builder.module, {f64_const, long_, op(Opcode::call_indirect, type, 1)}));
    expect_invalid(validate(builder.module, {f64_const, int_, op(Opcode::call_indirect, type, 1)}),
                   "type mismatch: instruction requires [i64] but stack has [i32]", 2);
    expect_invalid(validate(builder.module, {f64_const, int_, op(Opcode::call_indirect, type, 0)}),
                   "type mismatch: table 0 has elements of type externref, which are not functions",
                   2);
    expect_invalid(validate(builder.module, {op(Opcode::call_indirect, type, 2)}),
                   "unknown table 2", 0);
}

TEST(Control, throw_takes_what_the_tag_carries) {
    ModuleBuilder builder;
    builder.module.tags.push_back({builder.type(FuncType{{i32}, {}}), 0});
    builder.func({{}, {}});
    expect_valid(validate(builder.module, {int_, op(Opcode::throw_, 0)}));
    expect_invalid(validate(builder.module, {op(Opcode::throw_, 0)}),
                   "type mismatch: instruction requires [i32] but stack has []", 0);
    expect_invalid(validate(builder.module, {long_, op(Opcode::throw_, 0)}),
                   "type mismatch: instruction requires [i32] but stack has [i64]", 1);
}

TEST(Control, catch_labels_are_counted_outside_of_the_try_table) {
    ModuleBuilder builder;
    builder.module.tags.push_back({builder.type(FuncType{{i32}, {}}), 0});
    const u32 caught = builder.type(FuncType{{}, {i32, ValType::ref(HeapKind::exn, false)}});
    builder.func({{}, {}});
    using Kind = CatchClause::Kind;
    const std::vector<CatchClause> with_ref = {{Kind::catch_ref, 0, 0}};
    const std::vector<CatchClause> plain = {{Kind::catch_all, 0, 1}, {Kind::catch_, 0, 0}};
    const std::vector<CatchClause> far = {{Kind::catch_all, 0, 2}};
    const auto body = [&](const std::vector<CatchClause>& clauses) {
        Instr try_table = block(Opcode::try_table);
        try_table.catches = clauses;
        return Body{block(Opcode::block, of_type(caught)),
                    try_table,
                    end,
                    dead,
                    end,
                    op(Opcode::throw_ref)};
    };
    expect_valid(validate(builder.module, body(with_ref)));
    expect_invalid(validate(builder.module, body(plain)),
                   "type mismatch: catch clause does not fit label 0", 1);
    expect_invalid(validate(builder.module, body(far)), "unknown label 2", 1);
}

TEST(Control, a_million_nested_blocks_are_no_deeper_than_one) {
    Body body(1'000'000, block(Opcode::block));
    body.insert(body.end(), 1'000'000, end);
    expect_valid(validate_func({{}, {}}, body));
    body.pop_back();
    body.pop_back();
    body.push_back(op(Opcode::br, 3));
    expect_invalid(validate_func({{}, {}}, body), "unknown label 3", 1'999'998);
}

// Each of a thousand operands compared for each label would be 10^9 steps.
TEST(Control, a_label_named_often_is_compared_once) {
    ModuleBuilder builder;
    const u32 wide = builder.type(FuncType{{}, std::vector<ValType>(1000, i32)});
    builder.func({{}, {}});
    const std::vector<u32> labels(1'000'000, 0);
    Body body = {block(Opcode::block, of_type(wide))};
    body.insert(body.end(), 1001, int_);
    body.push_back(table_of(labels, 0));
    body.push_back(end);
    body.insert(body.end(), 1000, op(Opcode::drop));
    expect_valid(validate(builder.module, body));
}

TEST(Control, calls_cannot_pile_up_operands_without_bound) {
    ModuleBuilder builder;
    const u32 wide = builder.func({{}, std::vector<ValType>(1000, i32)});
    builder.func({{}, {}});
    const auto result = validate(builder.module, Body(2000, op(Opcode::call, wide)));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::limit);
    EXPECT_EQ(result.error().message(), "too many operands (limit 65536) (at 0x42)");
}

}  // namespace
}  // namespace waxwing::test
