#include "support.hpp"

namespace waxwing::test {
namespace {

core::StructType fields(std::vector<core::FieldType> list) { return {std::move(list)}; }

TEST(ModuleValidator, an_empty_module_is_valid) { expect_valid(validate(core::Module())); }

TEST(ModuleValidator, types_refer_backward_or_into_their_group) {
    ModuleBuilder forward;
    forward.type(FuncType{{ref(1)}, {}});
    forward.type(FuncType{{}, {}});
    expect_invalid(validate(forward.module), "unknown type 1", 0);
    ModuleBuilder group;
    group.rec({ModuleBuilder::sub(FuncType{{ref(1)}, {}}), ModuleBuilder::sub(FuncType{{}, {}})});
    expect_valid(validate(group.module));
}

TEST(ModuleValidator, a_supertype_is_open_earlier_single_and_structurally_matching) {
    ModuleBuilder builder;
    builder.type(fields({{anyref, false}}), false);
    builder.type(fields({{eqref, false}, {i32, true}}), false, {0});
    builder.type(fields({{eqref, false}, {i32, true}}), true, {1});
    expect_valid(validate(builder.module));
    const auto with = [&](core::CompType comp, std::vector<u32> supers) {
        ModuleBuilder copy = builder;
        copy.type(std::move(comp), true, std::move(supers));
        return validate(copy.module);
    };
    expect_invalid(with(fields({{i32, false}}), {0}), "sub type 3 does not match super type 0", 3);
    expect_invalid(with(fields({}), {0}), "sub type 3 does not match super type 0", 3);
    expect_invalid(with(fields({{eqref, false}, {i32, true}}), {2}),
                   "sub type 3 does not match super type 2, which is final", 3);
    expect_invalid(with(fields({{eqref, false}, {i32, false}}), {1}),
                   "sub type 3 does not match super type 1", 3);
    expect_invalid(with(fields({{eqref, false}}), {0, 1}),
                   "sub type 3 has more than one super type", 3);
    expect_invalid(with(fields({{eqref, false}}), {3}), "unknown type 3", 3);
    expect_invalid(with(core::ArrayType{{anyref, false}}, {0}),
                   "sub type 3 does not match super type 0", 3);
}

TEST(ModuleValidator, functions_vary_against_in_parameters_and_along_in_results) {
    ModuleBuilder builder;
    builder.type(FuncType{{eqref}, {eqref}}, false);
    builder.type(FuncType{{anyref}, {i31ref}}, false, {0});
    expect_valid(validate(builder.module));
    builder.type(FuncType{{i31ref}, {eqref}}, true, {0});
    expect_invalid(validate(builder.module), "sub type 2 does not match super type 0", 2);
}

TEST(ModuleValidator, chains_of_supertypes_are_bounded) {
    ModuleBuilder builder;
    builder.type(fields({}), false);
    for (u32 i = 1; i < 63; ++i)
        builder.type(fields({}), false, {i - 1});
    expect_valid(validate(builder.module));
    builder.type(fields({}), false, {62});
    const auto result = validate(builder.module);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "type 63 is too deep a subtype (limit 63) (at 0x3f)");
}

TEST(ModuleValidator, functions_have_function_types) {
    ModuleBuilder builder;
    builder.module.functions.push_back({4, 0x2a});
    expect_invalid(validate(builder.module), "unknown type 4", 0x2a);
    ModuleBuilder array;
    array.module.functions.push_back({array.type(core::ArrayType{{i32, false}}), 0x2a});
    expect_invalid(validate(array.module), "type mismatch: type 0 is not a function type", 0x2a);
}

Result<void> validate_memory(MemoryType type) {
    core::Module module;
    module.memories.push_back({type, 9});
    return validate(module);
}

TEST(ModuleValidator, memories_stay_within_their_address_space) {
    expect_valid(validate_memory({.limits = {65536, 65536}}));
    expect_invalid(validate_memory({.limits = {65537, {}}}),
                   "memory size must be at most 65536 pages (4GiB)", 9);
    expect_invalid(validate_memory({.limits = {0, 65537}}),
                   "memory size must be at most 65536 pages (4GiB)", 9);
    expect_valid(validate_memory({.limits = {u64{1} << 48, {}}, .address = AddressType::i64}));
    expect_invalid(
        validate_memory({.limits = {(u64{1} << 48) + 1, {}}, .address = AddressType::i64}),
        "memory size must be at most 2^48 pages", 9);
    expect_invalid(validate_memory({.limits = {2, 1}}),
                   "size minimum must not be greater than maximum: 2 > 1", 9);
    expect_invalid(validate_memory({.limits = {1, {}}, .shared = true}),
                   "shared memory must have maximum", 9);
}

TEST(ModuleValidator, pages_are_of_one_byte_or_of_64_kibibytes) {
    expect_valid(validate_memory({.limits = {0, 0xFFFFFFFF}, .page_size_log2 = 0}));
    expect_invalid(validate_memory({.limits = {0, u64{1} << 32}, .page_size_log2 = 0}),
                   "memory size must be at most 4294967295 bytes", 9);
    expect_valid(validate_memory(
        {.limits = {0, ~u64{0}}, .address = AddressType::i64, .page_size_log2 = 0}));
    expect_invalid(validate_memory({.page_size_log2 = 12}),
                   "invalid custom page size: must be 1 or 65536 bytes", 9);
    expect_invalid(validate_memory({.page_size_log2 = 64}),
                   "invalid custom page size: must be 1 or 65536 bytes", 9);
}

TEST(ModuleValidator, several_memories_need_the_feature) {
    ModuleBuilder builder;
    builder.memory();
    builder.memory();
    expect_valid(validate(builder.module));
    builder.module.features = Features().with(Feature::multi_memory, false);
    builder.module.memories[1].offset = 0x11;
    expect_invalid(validate(builder.module),
                   "multiple memories: the feature multi-memory is switched off", 0x11);
}

TEST(ModuleValidator, several_tables_need_the_feature) {
    ModuleBuilder builder;
    builder.table(funcref);
    builder.table(funcref);
    expect_valid(validate(builder.module));
    builder.module.features = Features().with(Feature::reference_types, false);
    expect_invalid(validate(builder.module),
                   "multiple tables: the feature reference-types is switched off", 0);
}

TEST(ModuleValidator, tables_are_bounded_and_need_an_initial_value) {
    core::Module module;
    module.tables.push_back({{funcref, {u64{1} << 32, {}}, AddressType::i32}, {}, 3});
    expect_invalid(validate(module), "table size must be at most 2^32-1", 3);
    module.tables[0].type.address = AddressType::i64;
    expect_valid(validate(module));
    module.tables[0].type.element = ValType::ref(HeapKind::func, false);
    expect_invalid(validate(module), "type mismatch: a table of (ref func) needs an initializer",
                   3);
    module.tables[0].init = core::Expr{{40, 3}};
    expect_valid(validate(module));
}

TEST(ModuleValidator, tags_have_no_results) {
    ModuleBuilder builder;
    builder.module.tags.push_back({builder.type(FuncType{{}, {i32}}), 6});
    expect_invalid(validate(builder.module), "non-empty tag result type", 6);
}

TEST(ModuleValidator, exports_exist_and_have_different_names) {
    ModuleBuilder builder;
    builder.memory();
    auto& exports = builder.module.exports;
    exports = {{"b", ExternKind::memory, 0, 1},
               {"a", ExternKind::memory, 0, 2},
               {"", ExternKind::memory, 0, 3}};
    expect_valid(validate(builder.module));
    exports.push_back({"a", ExternKind::memory, 0, 4});
    exports.push_back({"b", ExternKind::memory, 0, 5});
    expect_invalid(validate(builder.module), "duplicate export name \"a\"", 4);
    exports[3] = {"c", ExternKind::tag, 0, 4};
    expect_invalid(validate(builder.module), "unknown tag 0", 4);
}

TEST(ModuleValidator, start_takes_and_gives_nothing) {
    ModuleBuilder builder;
    builder.func({{i32}, {}});
    builder.module.start = core::Start{0, 8};
    expect_invalid(validate(builder.module),
                   "start function 0 must have type [] -> [], not [i32] -> []", 8);
    builder.module.start = core::Start{1, 8};
    expect_invalid(validate(builder.module), "unknown function 1", 8);
}

TEST(ModuleValidator, active_segments_fit_what_they_fill) {
    ModuleBuilder builder;
    builder.table(externref);
    builder.elem(funcref);
    core::ElemSegment& elem = builder.module.elems[0];
    expect_valid(validate(builder.module));
    elem.mode = core::SegmentMode::active;
    expect_invalid(validate(builder.module),
                   "type mismatch: element segment of funcref does not fit a table of externref",
                   0);
    elem.table = 1;
    expect_invalid(validate(builder.module), "unknown table 1", 0);
    elem = {};
    elem.type = funcref;
    elem.funcs = {2};
    expect_invalid(validate(builder.module), "unknown function 2", 0);
    builder.module.elems.clear();
    builder.module.datas.emplace_back().mode = core::SegmentMode::active;
    expect_invalid(validate(builder.module), "unknown memory 0", 0);
}

TEST(ModuleValidator, constant_expressions_are_listed_with_what_they_may_see) {
    ModuleBuilder builder;
    core::Module& module = builder.module;
    module.imported_globals = 1;
    builder.global(i32, false);
    builder.global(i64, false);
    builder.global(f32, false);
    module.globals[1].init = {{10, 1}};
    module.globals[2].init = {{20, 1}};
    builder.memory(AddressType::i64);
    core::DataSegment& data = module.datas.emplace_back();
    data.mode = core::SegmentMode::active;
    data.memory_offset = {{30, 1}};
    builder.table(ValType::ref(HeapKind::func, false));
    module.tables[0].init = core::Expr{{5, 1}};

    ModuleValidator validator(module);
    expect_valid(validator.check());
    const auto& exprs = validator.const_exprs();
    ASSERT_EQ(exprs.size(), 4u);
    EXPECT_EQ(exprs[0].body.offset, 5u);  // the table's sees imported globals only
    EXPECT_EQ(exprs[0].visible_globals, 1u);
    EXPECT_EQ(exprs[1].expected, i64);
    EXPECT_EQ(exprs[1].visible_globals, 1u);
    EXPECT_EQ(exprs[2].visible_globals, 2u);
    EXPECT_EQ(exprs[3].expected, i64);  // the memory's address type
    EXPECT_EQ(exprs[3].visible_globals, 3u);
}

TEST(ConstExprs, only_some_instructions_are_constant) {
    const core::Module module;
    const ConstExpr expr{.expected = i32};
    const Instr one = op(Opcode::i32_const);
    expect_valid(validate_const(module, expr, {one}));
    expect_valid(validate_const(module, expr, {one, one, op(Opcode::i32_mul)}));
    expect_invalid(validate_const(module, expr, {one, one, op(Opcode::i32_div_s)}),
                   "constant expression required: i32.div_s is not constant", 2);
    expect_invalid(validate_const(module, expr, {one, op(Opcode::nop)}),
                   "constant expression required: nop is not constant", 1);
    expect_invalid(validate_const(module, expr, {op(Opcode::i64_const)}),
                   "type mismatch: instruction requires [i32] but stack has [i64]", 1);
    expect_invalid(validate_const(module, expr, {one, one}),
                   "type mismatch: block requires [i32] but stack has [i32 i32]", 2);
}

TEST(ConstExprs, without_the_feature_there_is_no_arithmetic) {
    core::Module module;
    module.features = Features().with(Feature::extended_const, false);
    const Instr one = op(Opcode::i32_const);
    expect_invalid(
        validate_const(module, {.expected = i32}, {one, one, op(Opcode::i32_add)}),
        "constant expression required: i32.add: the feature extended-const is switched off", 2);
}

TEST(ConstExprs, globals_are_visible_and_immutable) {
    ModuleBuilder builder;
    builder.global(i32, false);
    builder.global(i32, true);
    builder.module.imported_globals = 2;
    const auto get = [&](u32 index, u32 visible) {
        return validate_const(builder.module, {.expected = i32, .visible_globals = visible},
                              {op(Opcode::global_get, index)});
    };
    expect_valid(get(0, 1));
    expect_invalid(get(0, 0), "unknown global 0", 0);
    expect_invalid(get(1, 2), "constant expression required: global 1 is mutable", 0);
}

}  // namespace
}  // namespace waxwing::test
