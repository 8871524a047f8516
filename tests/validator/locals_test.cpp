#include "support.hpp"

namespace waxwing::test {
namespace {

const ValType func_ref = ValType::ref(HeapKind::func, false);
const Instr end = op(Opcode::end);
const Instr drop = op(Opcode::drop);
const Instr dead = op(Opcode::unreachable);

TEST(Locals, parameters_come_first_then_each_group) {
    const std::vector<core::LocalGroup> locals = {{2, i64}, {0, f32}, {1, f64}};
    const auto get = [&](u32 index, ValType type) {
        return validate_func({{i32}, {type}}, {op(Opcode::local_get, index)}, locals);
    };
    expect_valid(get(0, i32));
    expect_valid(get(1, i64));
    expect_valid(get(2, i64));
    expect_valid(get(3, f64));
    expect_invalid(get(4, i32), "unknown local 4", 0);
    expect_invalid(get(2, i32), "type mismatch: instruction requires [i32] but stack has [i64]", 1);
}

TEST(Locals, tee_gives_the_declared_type) {
    const Body body = {op(Opcode::i32_const), op(Opcode::ref_i31), op(Opcode::local_tee, 0),
                       op(Opcode::i31_get_s)};
    expect_invalid(validate_func({{}, {i32}}, body, {{1, anyref}}),
                   "type mismatch: instruction requires [i31ref] but stack has [anyref]", 3);
}

TEST(Locals, a_local_without_default_is_read_only_after_it_was_set) {
    const std::vector<core::LocalGroup> locals = {{1, func_ref}};
    expect_invalid(validate_func({{func_ref}, {}}, {op(Opcode::local_get, 1), drop}, locals),
                   "uninitialized local 1", 0);
    expect_valid(validate_func(
        {{func_ref}, {}},
        {op(Opcode::local_get, 0), op(Opcode::local_set, 1), op(Opcode::local_get, 1), drop},
        locals));
    expect_valid(validate_func(
        {{func_ref}, {}},
        {op(Opcode::local_get, 0), op(Opcode::local_tee, 1), drop, op(Opcode::local_get, 1), drop},
        locals));
}

TEST(Locals, initialisation_ends_with_its_block) {
    const std::vector<core::LocalGroup> locals = {{1, func_ref}};
    const Instr set[] = {op(Opcode::local_get, 0), op(Opcode::local_set, 1)};
    expect_invalid(
        validate_func({{func_ref}, {}},
                      {block(Opcode::block), set[0], set[1], end, op(Opcode::local_get, 1)},
                      locals),
        "uninitialized local 1", 4);
    expect_invalid(validate_func({{func_ref}, {}},
                                 {op(Opcode::i32_const), block(Opcode::if_), set[0], set[1],
                                  op(Opcode::else_), op(Opcode::local_get, 1)},
                                 locals),
                   "uninitialized local 1", 5);
    expect_valid(validate_func(
        {{func_ref}, {}},
        {set[0], set[1], block(Opcode::block), set[0], set[1], end, op(Opcode::local_get, 1), drop},
        locals));
}

TEST(Locals, unreachable_code_initialises_nothing) {
    expect_invalid(validate_func({{}, {}}, {dead, op(Opcode::local_get, 0)}, {{1, func_ref}}),
                   "uninitialized local 0", 1);
}

TEST(Locals, the_last_of_very_many_behaves_like_the_first) {
    const std::vector<core::LocalGroup> locals = {{20'000, i32}, {20'000, func_ref}, {9'999, f64}};
    const FuncType type{{func_ref}, {}};
    expect_valid(
        validate_func(type, {op(Opcode::f64_const), op(Opcode::local_set, 49'999)}, locals));
    expect_invalid(validate_func(type, {op(Opcode::local_get, 50'000)}, locals),
                   "unknown local 50000", 0);
    expect_invalid(validate_func(type, {op(Opcode::local_get, 40'000)}, locals),
                   "uninitialized local 40000", 0);
    expect_valid(validate_func(type, {op(Opcode::local_get, 20'000), drop}, locals));
    const Body nested = {block(Opcode::block),
                         op(Opcode::local_get, 0),
                         op(Opcode::local_set, 40'000),
                         op(Opcode::local_get, 40'000),
                         drop,
                         end,
                         op(Opcode::local_get, 40'000)};
    expect_invalid(validate_func(type, nested, locals), "uninitialized local 40000", 6);
}

TEST(Locals, a_local_type_must_exist) {
    expect_invalid(validate_func({{}, {}}, {}, {{1, ref_null(5)}}), "unknown type 5", 0);
}

// Writing out 50,000 types for each of 200,000 functions would take minutes.
TEST(Locals, declaring_very_many_locals_costs_little) {
    ModuleBuilder builder;
    builder.func({{}, {}}, {{50'000, i64}});
    ModuleValidator module(builder.module);
    ASSERT_TRUE(module.check());
    FuncValidator validator(module);
    for (int i = 0; i < 200'000; ++i) {
        ASSERT_TRUE(validator.begin_function(0));
        ASSERT_TRUE(walk(validator, {}));
    }
}

}  // namespace
}  // namespace waxwing::test
