#include "core/type_registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <thread>

namespace waxwing::core {
namespace {

ValType ref(u32 index) { return ValType::ref(HeapType::defined(index), false); }

SubType sub(CompType comp, bool is_final = true, std::vector<u32> supers = {}) {
    SubType type;
    type.comp = std::move(comp);
    type.is_final = is_final;
    type.supertypes = std::move(supers);
    return type;
}

void add(Module& module, std::vector<SubType> group) {
    module.rec_groups.push_back(
        {static_cast<u32>(module.types.size()), static_cast<u32>(group.size())});
    for (SubType& type : group)
        module.types.push_back(std::move(type));
}

CanonicalTypes canonical(const Module& module) { return *canonicalize(module); }

TEST(TypeRegistry, equal_types_of_different_modules_are_one) {
    Module a;
    add(a, {sub(FuncType{{i32}, {i64}})});
    Module b;
    add(b, {sub(FuncType{{}, {}})});
    add(b, {sub(FuncType{{i32}, {i64}})});
    const CanonicalTypes in_a = canonical(a);
    const CanonicalTypes in_b = canonical(b);
    EXPECT_EQ(in_a[0], in_b[1]);
    EXPECT_NE(in_a[0]->id, in_b[0]->id);
    EXPECT_EQ(&defined_type(in_a[0]->id), in_a[0]);
}

TEST(TypeRegistry, every_part_of_a_type_tells_types_apart) {
    const FieldType plain{i32, false};
    const FieldType mutable_{i32, true};
    Module module;
    add(module, {sub(StructType{{plain}})});
    add(module, {sub(StructType{{mutable_}})});
    add(module, {sub(StructType{{plain}}, false)});
    add(module, {sub(StructType{{plain, plain}})});
    add(module, {sub(ArrayType{plain})});
    add(module, {sub(StructType{{plain}}, true, {2})});
    add(module, {sub(FuncType{{i32}, {}})});
    add(module, {sub(FuncType{{}, {i32}})});
    add(module, {sub(FuncType{{ref(0)}, {}})});
    add(module, {sub(FuncType{{ref(1)}, {}})});
    const CanonicalTypes types = canonical(module);
    for (usize i = 0; i < types.size(); ++i)
        for (usize j = 0; j < i; ++j)
            EXPECT_NE(types[i]->id, types[j]->id) << i << ' ' << j;
}

TEST(TypeRegistry, a_recursive_type_equals_its_copy) {
    Module module;
    add(module, {sub(StructType{{{ref(0), false}}})});
    add(module, {sub(StructType{{{ref(1), false}}})});
    add(module, {sub(StructType{{{ref(0), false}}})});  // refers to the first, not to itself
    const CanonicalTypes types = canonical(module);
    EXPECT_EQ(types[0], types[1]);
    EXPECT_NE(types[0], types[2]);
    EXPECT_EQ(types[0]->sub.struct_()->fields[0].storage, ref(types[0]->id));
    EXPECT_EQ(types[2]->sub.struct_()->fields[0].storage, ref(types[0]->id));
}

TEST(TypeRegistry, position_and_size_of_the_group_matter) {
    const SubType func = sub(FuncType{});
    const SubType fields = sub(StructType{});
    Module module;
    add(module, {func});
    add(module, {func, fields});
    add(module, {fields, func});
    add(module, {func, fields});
    const CanonicalTypes types = canonical(module);
    EXPECT_NE(types[0], types[1]);
    EXPECT_NE(types[1], types[4]);
    EXPECT_EQ(types[1], types[5]);
    EXPECT_EQ(types[2], types[6]);
}

TEST(TypeRegistry, a_type_matches_itself_and_its_declared_supertypes) {
    Module module;
    add(module, {sub(StructType{}, false)});
    add(module, {sub(StructType{}, false, {0})});
    add(module, {sub(StructType{{{i32, false}}}, true, {1})});
    add(module, {sub(StructType{{{i64, false}}}, true, {0})});
    const CanonicalTypes types = canonical(module);
    const auto matches = [&](u32 a, u32 b) { return types[a]->matches(types[b]->id); };
    EXPECT_TRUE(matches(2, 2));
    EXPECT_TRUE(matches(2, 1));
    EXPECT_TRUE(matches(2, 0));
    EXPECT_FALSE(matches(0, 2));
    EXPECT_FALSE(matches(3, 1));
    EXPECT_FALSE(matches(3, 2));
    const u32 supers[] = {types[0]->id, types[1]->id, types[2]->id};
    EXPECT_TRUE(std::ranges::equal(types[2]->supers, supers));
}

TEST(TypeRegistry, supertypes_are_found_within_a_group_and_outside) {
    Module module;
    add(module, {sub(StructType{}, false)});
    add(module, {sub(StructType{}, false, {0}), sub(ArrayType{{i32, false}}),
                 sub(StructType{{{i32, false}}}, false, {1}), sub(StructType{}, false)});
    const CanonicalTypes types = canonical(module);
    const u32 supers[] = {types[0]->id, types[1]->id, types[3]->id};
    EXPECT_TRUE(std::ranges::equal(types[3]->supers, supers));
    EXPECT_TRUE(std::ranges::equal(types[4]->supers, std::span(&types[4]->id, 1)));
    EXPECT_TRUE(types[3]->matches(*types[0]));
    EXPECT_FALSE(types[4]->matches(*types[0]));
}

// A recursion group of `count` function types; those of another `salt` are others.
Module many(u32 count, u32 salt) {
    std::vector<SubType> group(count, sub(FuncType{}));
    group.back() = sub(FuncType{std::vector<ValType>(salt, i32), {}});
    Module module;
    add(module, std::move(group));
    return module;
}

TEST(TypeRegistry, as_many_types_as_there_is_memory_for) {
    // In a type of 32 bits there is room for 64 times the types that a module may have, and
    // each takes more than 100 bytes.
    static_assert(HeapType::max_index >= 500'000'000);
    for (const u32 index : {0u, 1u << 23, HeapType::max_index}) {
        for (const bool nullable : {false, true}) {
            const ValType type = ValType::ref(HeapType::defined(index), nullable);
            EXPECT_TRUE(type.is_ref() && type.kind() == ValType::Kind::ref);
            EXPECT_EQ(type.heap(), HeapType::defined(index));
            EXPECT_EQ(type.is_nullable(), nullable);
        }
    }
    std::vector<CanonicalTypes> held;
    for (u32 salt = 1; salt <= 5; ++salt) {
        held.push_back(canonical(many(20'000, salt)));
        for (const DefinedType* type : held.back().types())
            ASSERT_EQ(&defined_type(type->id), type);
    }
}

TEST(TypeRegistry, too_many_types_are_refused_and_room_comes_back) {
    std::optional<CanonicalTypes> first = canonical(many(10, 11));
    // As many ids as were ever given out, and 15 more.
    u32 top = 0;
    for (const DefinedType* type : first->types())
        top = std::max(top, type->id);
    const usize before = live_type_count();
    set_max_types(static_cast<u32>(before) + 15);
    const auto refused = canonicalize(many(200'000, 12));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), waxwing::Code::compile);
    EXPECT_EQ(refused.error().kind(), ErrorKind::limit);
    EXPECT_EQ(refused.error().message(), "too many types in this process (limit " +
                                             std::to_string(before + 15) + ") (at 0x0)");
    EXPECT_EQ(live_type_count(), before);
    first.reset();
    EXPECT_EQ(live_type_count(), before - 10);
    const auto second = canonicalize(many(10, 13));
    ASSERT_TRUE(second);
    for (const DefinedType* type : second->types())
        EXPECT_LE(type->id, top);  // they are used again
    set_max_types(HeapType::max_index + 1);
}

TEST(TypeRegistry, a_host_function_has_the_final_type_of_its_own_group) {
    Module module;
    add(module, {sub(FuncType{{i32}, {}})});
    add(module, {sub(FuncType{{i32}, {}}, false)});
    const CanonicalTypes types = canonical(module);
    const CanonicalTypes host = *canonicalize(FuncType{{i32}, {}});
    ASSERT_EQ(host.size(), 1u);
    EXPECT_EQ(host[0], types[0]);
    EXPECT_NE(host[0], types[1]);
}

TEST(TypeRegistry, dropped_types_are_forgotten_and_their_ids_used_again) {
    const usize before = live_type_count();
    Module module;
    add(module, {sub(FuncType{{f64, f64, f64}, {v128}})});
    const u32 id = canonical(module)[0]->id;
    for (int i = 0; i < 1000; ++i) {
        const CanonicalTypes types = canonical(module);
        EXPECT_EQ(live_type_count(), before + 1);
        EXPECT_EQ(types[0]->id, id);
    }
    EXPECT_EQ(live_type_count(), before);
}

TEST(TypeRegistry, a_type_lives_as_long_as_one_that_refers_to_it) {
    const usize before = live_type_count();
    CanonicalTypes outer;
    {
        Module module;
        add(module, {sub(StructType{{{f32, true}}})});
        const CanonicalTypes types = canonical(module);
        outer = *canonicalize(FuncType{{ref(types[0]->id)}, {}});
    }
    EXPECT_EQ(live_type_count(), before + 2);
    const u32 inner = outer[0]->func()->params[0].heap().index();
    EXPECT_TRUE(defined_type(inner).sub.struct_());
    outer = {};
    EXPECT_EQ(live_type_count(), before);
}

TEST(TypeRegistry, long_chains_of_references_are_released_without_recursion) {
    const usize before = live_type_count();
    Module module;
    add(module, {sub(StructType{})});
    for (u32 i = 1; i < 200'000; ++i)
        add(module, {sub(StructType{{{ref(i - 1), false}}})});
    canonical(module);
    EXPECT_EQ(live_type_count(), before);
}

TEST(TypeRegistry, threads_agree_on_ids) {
    Module module;
    for (u32 i = 0; i < 50; ++i)
        add(module, {sub(FuncType{std::vector<ValType>(i, f32), {}})});
    const CanonicalTypes kept = canonical(module);
    std::vector<std::thread> threads;
    std::array<bool, 4> agrees{};
    for (usize t = 0; t < agrees.size(); ++t)
        threads.emplace_back([&, t] {
            agrees[t] = true;
            for (int round = 0; round < 200; ++round) {
                const CanonicalTypes types = canonical(module);
                for (usize i = 0; i < types.size(); ++i)
                    agrees[t] =
                        agrees[t] && types[i] == kept[i] && &defined_type(types[i]->id) == kept[i];
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const bool each : agrees)
        EXPECT_TRUE(each);
}

TEST(Subtyping, the_abstract_heap_types_form_four_trees) {
    using enum HeapKind;
    const auto is = [](HeapKind a, HeapKind b) { return is_subtype(HeapType(a), HeapType(b)); };
    for (const HeapKind kind : {none, i31, struct_, array, eq}) {
        EXPECT_TRUE(is(kind, any));
        EXPECT_TRUE(is(kind, eq));
        EXPECT_FALSE(is(kind, func));
        EXPECT_FALSE(is(kind, extern_));
        EXPECT_FALSE(is(kind, exn));
        EXPECT_TRUE(is(none, kind));
    }
    EXPECT_FALSE(is(any, eq));
    EXPECT_FALSE(is(i31, struct_));
    EXPECT_TRUE(is(nofunc, func));
    EXPECT_FALSE(is(none, func));
    EXPECT_FALSE(is(nofunc, any));
    EXPECT_TRUE(is(noextern, extern_));
    EXPECT_TRUE(is(noexn, exn));
    EXPECT_FALSE(is(noexn, extern_));
}

TEST(Subtyping, concrete_types_lie_below_their_kind_and_above_its_bottom) {
    Module module;
    add(module, {sub(FuncType{})});
    add(module, {sub(StructType{})});
    add(module, {sub(ArrayType{{i32, false}})});
    const CanonicalTypes types = canonical(module);
    const HeapType func = HeapType::defined(types[0]->id);
    const HeapType fields = HeapType::defined(types[1]->id);
    const HeapType array = HeapType::defined(types[2]->id);
    EXPECT_TRUE(is_subtype(func, HeapType(HeapKind::func)));
    EXPECT_FALSE(is_subtype(func, HeapType(HeapKind::eq)));
    EXPECT_TRUE(is_subtype(fields, HeapType(HeapKind::struct_)));
    EXPECT_TRUE(is_subtype(fields, HeapType(HeapKind::eq)));
    EXPECT_FALSE(is_subtype(fields, HeapType(HeapKind::array)));
    EXPECT_TRUE(is_subtype(array, HeapType(HeapKind::any)));
    EXPECT_TRUE(is_subtype(HeapType(HeapKind::nofunc), func));
    EXPECT_FALSE(is_subtype(HeapType(HeapKind::none), func));
    EXPECT_TRUE(is_subtype(HeapType(HeapKind::none), array));
    EXPECT_FALSE(is_subtype(fields, array));
    EXPECT_EQ(top_of(func), HeapKind::func);
    EXPECT_EQ(top_of(fields), HeapKind::any);
    EXPECT_EQ(top_of(HeapType(HeapKind::noexn)), HeapKind::exn);
}

TEST(Subtyping, null_is_in_nullable_types_only) {
    const ValType strict = ValType::ref(HeapKind::eq, false);
    EXPECT_TRUE(is_subtype(strict, anyref));
    EXPECT_FALSE(is_subtype(anyref, strict));
    EXPECT_FALSE(is_subtype(eqref, ValType::ref(HeapKind::any, false)));
    EXPECT_FALSE(is_subtype(i32, i64));
    EXPECT_TRUE(is_subtype(ValType(), i64));
}

}  // namespace
}  // namespace waxwing::core
