// What a store may hold in total, and that nothing a guest makes escapes the count.
#include <unistd.h>

#include <fstream>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;

// In bytes.
std::uint64_t resident() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0, pages = 0;
    statm >> total >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void expect_refused(Store& store, std::string_view text, std::string_view message) {
    const std::uint64_t before = store.held_bytes();
    const auto instance = store.instantiate(load(text));
    ASSERT_FALSE(instance);
    EXPECT_EQ(instance.error().code(), Code::instantiate);
    EXPECT_EQ(instance.error().kind(), ErrorKind::limit);
    EXPECT_NE(instance.error().message().find(message), std::string_view::npos)
        << instance.error().message();
    EXPECT_EQ(store.held_bytes(), before);
}

std::string repeated(int count, std::string_view field) {
    std::string text = "(module ";
    for (int i = 0; i < count; ++i)
        text += field;
    return text + ")";
}

TEST(StoreTotal, ManyTablesAreRefusedBeforeOneIsMade) {
    Store store;
    const std::uint64_t before = resident();
    expect_refused(store, repeated(30, "(table 10000000 funcref)"),
                   "bytes, but 1069547520 are left of the store's 1073741824");
    expect_refused(store, repeated(30, "(memory 1000)"), "instance takes 19");
    EXPECT_LT(resident(), before + 16 * mib);
    // Many small ones too.
    Store small({.max_total_bytes = 16 * mib});
    expect_refused(small, repeated(200, "(memory 1)"), "are left of the store's 16777216");
    EXPECT_TRUE(small.instantiate(load(repeated(180, "(memory 1)"))));
    expect_refused(small, repeated(20, "(memory 1)"), "are left of the store's 16777216");
}

TEST(StoreTotal, WhatNobodyTouchesIsNotResident) {
    Store store;
    const std::uint64_t before = resident();
    const Instance instance = must(
        store.instantiate(load(repeated(1, R"((table (export "t") 10000000 funcref) (memory 8000)
            (table $grown (export "g") 0 externref)
            (func (export "grow") (result i32)
              (table.grow $grown (ref.null extern) (i32.const 10000000))))"))));
    EXPECT_EQ(must(must(instance.func("grow")).call())[0].as_i32(), 0);
    EXPECT_LT(resident(), before + 16 * mib);
    EXPECT_GT(store.held_bytes(), 2 * 80'000'000 + 8000 * 64 * kib);
    const Table table = must(instance.table("t"));
    EXPECT_TRUE(must(table.get(9'999'999)).as_ref().is_null());
}

TEST(StoreTotal, MemoriesGrowUpToItTogether) {
    Machine m(R"((module (memory $a 1) (memory $b 1)
        (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
        (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0)))))",
              {}, {.max_total_bytes = 16 * mib});
    // A quarter is the stack's.
    EXPECT_EQ(m.call<int(int)>("a", 100), 1);
    EXPECT_EQ(m.call<int(int)>("b", 100), -1);
    EXPECT_EQ(m.call<int(int)>("b", 80), 1);
    EXPECT_EQ(m.call<int(int)>("a", 20), -1);
    EXPECT_EQ(m.call<int(int)>("a", 0), 101);
    EXPECT_LE(m.store.held_bytes(), 16 * mib);
    EXPECT_GT(m.store.held_bytes(), 15 * mib);
}

TEST(StoreTotal, TablesAndMemoriesShareIt) {
    Machine m(R"((module (memory 1) (table $t 0 funcref) (table $u 0 funcref)
        (func (export "t") (param i32) (result i32)
          (table.grow $t (ref.null func) (local.get 0)))
        (func (export "u") (param i32) (result i32) (table.grow $u (ref.func 0) (local.get 0)))
        (elem declare func 0)
        (func (export "m") (param i32) (result i32) (memory.grow (local.get 0)))))",
              {}, {.max_total_bytes = 16 * mib});
    EXPECT_EQ(m.call<int(int)>("t", 1'000'000), 0);
    EXPECT_EQ(m.call<int(int)>("t", 1'000'000), -1);
    EXPECT_EQ(m.call<int(int)>("u", 1'000'000), -1);
    EXPECT_EQ(m.call<int(int)>("u", 400'000), 0);
    EXPECT_EQ(m.call<int(int)>("m", 24), -1);
    EXPECT_EQ(m.call<int(int)>("m", 10), 1);
}

TEST(StoreTotal, TheHeapSharesItAndGivesBack) {
    Machine m(R"((module (memory 1) (type $bytes (array (mut i8)))
        (global $kept (mut (ref null $bytes)) (ref.null $bytes))
        (func (export "keep") (param i32)
          (global.set $kept (array.new_default $bytes (local.get 0))))
        (func (export "drop") (global.set $kept (ref.null $bytes)))
        (func (export "m") (param i32) (result i32) (memory.grow (local.get 0)))))",
              {}, {.max_total_bytes = 16 * mib});
    EXPECT_EQ(m.call<int(int)>("m", 100), 1);
    expect_trap(m.try_call<void(int)>("keep", 8 << 20), Trap::out_of_memory);
    m.call<void(int)>("keep", 4 << 20);
    EXPECT_EQ(m.call<int(int)>("m", 64), -1);
    m.call<void()>("drop");
    m.store.collect_garbage();
    EXPECT_EQ(m.call<int(int)>("m", 48), 101);
    // Free blocks that are kept for later make room for one large object.
    m.call<void(int)>("keep", 1 << 20);
    EXPECT_LE(m.store.held_bytes(), 16 * mib);
}

TEST(StoreTotal, SegmentsGlobalsAndFunctionsCount) {
    std::string items;
    for (int i = 0; i < 10'000; ++i)
        items += " 0";
    Machine m("(module (func) (table 10000 funcref) (elem $e func" + items +
              ") (func (export \"drop\") (elem.drop $e)))");
    const std::uint64_t with = m.store.held_bytes();
    m.call<void()>("drop");
    EXPECT_EQ(m.store.held_bytes(), with - 80'000);
    m.call<void()>("drop");
    EXPECT_EQ(m.store.held_bytes(), with - 80'000);

    Store small({.max_total_bytes = 256 * kib});
    expect_refused(small, repeated(10'000, "(global i32 (i32.const 0))"), "instance takes");
    expect_refused(small, repeated(10'000, "(func)"), "instance takes");
    expect_refused(small, "(module (func) (elem func" + items + items + items + "))",
                   "instance takes");
    EXPECT_TRUE(small.instantiate(load(repeated(100, "(global i32 (i32.const 0)) (func)"))));
}

TEST(StoreTotal, ObjectsOfTheHostsCount) {
    Store store({.max_total_bytes = 1 * mib});
    EXPECT_TRUE(store.memory({.limits = {.min = 8}}));
    const auto memory = store.memory({.limits = {.min = 5}});
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().message(),
              "memory takes 327680 bytes, but 262144 are left of the store's 1048576");
    const auto table = store.table({.limits = {.min = 40'000}}, Value::null(funcref));
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().message(),
              "table takes 320000 bytes, but 262144 are left of the store's 1048576");
    EXPECT_TRUE(store.memory({.limits = {.min = 4}}));
    EXPECT_EQ(store.held_bytes(), 1 * mib);
}

TEST(StoreTotal, TheStackTakesAQuarterAtMost) {
    constexpr std::string_view recursion =
        "(module (func $f (export \"f\") (call $f)) (func (export \"g\")))";
    Machine small(recursion, {}, {.max_total_bytes = 64 * kib});
    EXPECT_EQ(small.store.limits().max_stack_bytes, 16 * kib);
    small.call<void()>("g");
    expect_trap(small.try_call<void()>("f"), Trap::call_stack_exhausted);
    EXPECT_LE(small.store.held_bytes(), 64 * kib);
    Store none({.max_total_bytes = 0});
    expect_refused(none, "(module)", "are left of the store's 0");
}

TEST(StoreTotal, ManyMemoriesTakeFewAreasOfAddressSpace) {
    const auto areas = [] {
        std::ifstream maps("/proc/self/maps");
        std::size_t count = 0;
        for (std::string line; std::getline(maps, line);)
            ++count;
        return count;
    };
    Store store;
    const std::size_t before = areas();
    EXPECT_TRUE(store.instantiate(load(repeated(2000, "(memory 3 10)"))));
    EXPECT_TRUE(store.instantiate(load(repeated(2000, "(table 10000 20000 funcref)"))));
    EXPECT_LT(areas(), before + 200);
}

TEST(Memory, ASizeInPagesFitsItsType) {
    const auto bytes = must(parse_wat(R"((module (memory 0xffffffff (pagesize 1))
        (func (export "size") (result i32) memory.size)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "last") (result i32) (i32.load8_u (i32.const 0xfffffffe)))
        (func (export "beyond") (result i32) (i32.load8_u (i32.const 0xffffffff)))))"));
    LoadOptions options;
    options.features = options.features.with(Feature::custom_page_sizes);
    Store store({.max_total_bytes = std::uint64_t{5} << 30});
    const Instance instance = must(store.instantiate(must(Module::load(Bytes(bytes), options))));
    const auto call = [&](const char* name, std::vector<Value> args = {}) {
        return must(must(instance.func(name)).call(args))[0].as_i32();
    };
    EXPECT_EQ(call("grow", values(Value::i32(1))), -1);
    EXPECT_EQ(call("size"), -1);  // 0xffffffff
    EXPECT_EQ(call("last"), 0);
    expect_trap(must(instance.func("beyond")).call(), Trap::memory_out_of_bounds);
}

}  // namespace
}  // namespace waxwing::test
