// Instances that use each other's objects.
#include <tuple>

#include "support.hpp"

namespace waxwing::test {
namespace {

std::string error_of(Store& store, std::string_view text, const Imports& imports) {
    auto made = store.instantiate(load(text), imports);
    if (made) return "no error";
    EXPECT_EQ(made.error().code(), Code::instantiate);
    EXPECT_EQ(made.error().kind(), ErrorKind::unlinkable);
    return std::string(made.error().message());
}

TEST(Linking, UnknownImportsAreAllListed) {
    Store store;
    Imports imports;
    imports.func("env", "known", [] {});
    EXPECT_EQ(error_of(store, R"((module
        (import "env" "f" (func (param i32) (result i64))) (import "env" "known" (func))
        (import "env" "m" (memory 1 2)) (import "other" "t" (table 3 funcref))
        (import "env" "g" (global (mut f32)))))",
                       imports),
              "unknown import \"env\" \"f\" (function [i32] -> [i64]); \"env\" \"m\" (memory 1 2); "
              "\"other\" \"t\" (table 3 funcref); \"env\" \"g\" (global mut f32)");
}

TEST(Linking, MismatchesSayWhatIsWantedAndWhatIsGiven) {
    Store store;
    Imports imports;
    imports.func("env", "f", [](int) {});
    imports.define("env", "m", must(store.memory({.limits = {1, 5}})));
    imports.define("env", "t", must(store.table({.limits = {2, {}}}, Value::null(funcref))));
    imports.define("env", "g", must(store.global({i32, true}, Value::i32(0))));
    const auto text = [&](const std::string& import) {
        return error_of(store, "(module (import \"env\" " + import + "))", imports);
    };
    const std::string begin = "incompatible import type for \"env\" ";
    EXPECT_EQ(text("\"f\" (func (param i64))"),
              begin + "\"f\": wanted function [i64] -> [], given function [i32] -> []");
    EXPECT_EQ(text("\"f\" (memory 1)"),
              begin + "\"f\": wanted memory 1, given function [i32] -> []");
    EXPECT_EQ(text("\"m\" (memory 2)"), begin + "\"m\": wanted memory 2, given memory 1 5");
    EXPECT_EQ(text("\"m\" (memory 1 4)"), begin + "\"m\": wanted memory 1 4, given memory 1 5");
    EXPECT_EQ(text("\"t\" (table 2 3 funcref)"),
              begin + "\"t\": wanted table 2 3 funcref, given table 2 funcref");
    EXPECT_EQ(text("\"t\" (table 3 funcref)"),
              begin + "\"t\": wanted table 3 funcref, given table 2 funcref");
    EXPECT_EQ(text("\"t\" (table 1 externref)"),
              begin + "\"t\": wanted table 1 externref, given table 2 funcref");
    EXPECT_EQ(text("\"g\" (global i32)"), begin + "\"g\": wanted global i32, given global mut i32");
    EXPECT_EQ(text("\"g\" (global (mut i64))"),
              begin + "\"g\": wanted global mut i64, given global mut i32");
    EXPECT_EQ(text("\"g\" (func)"),
              begin + "\"g\": wanted function [] -> [], given global mut i32");
    EXPECT_EQ(text("\"m\" (memory 1 5)"), "no error");
    EXPECT_EQ(text("\"m\" (memory 1)"), "no error");
}

TEST(Linking, AGrownMemoryIsJudgedByItsSize) {
    Store store;
    Imports imports;
    const Memory memory = must(store.memory({.limits = {1, 5}}));
    imports.define("env", "m", memory);
    EXPECT_NE(error_of(store, R"((module (import "env" "m" (memory 3))))", imports), "no error");
    must(memory.grow(2));
    EXPECT_EQ(error_of(store, R"((module (import "env" "m" (memory 3))))", imports), "no error");
}

TEST(Linking, ObjectsOfAnotherStoreAreRefused) {
    Store here, there;
    const Instance foreign = must(there.instantiate(load(R"((module (func (export "f"))
        (memory (export "m") 1) (global (export "g") i32 (i32.const 1)) (table (export "t") 1 funcref)))")));
    Imports imports;
    imports.instance("x", foreign);
    EXPECT_EQ(error_of(here, R"((module (import "x" "f" (func))))", imports),
              "import \"x\" \"f\" belongs to another store");
    EXPECT_EQ(error_of(here, R"((module (import "x" "m" (memory 1))))", imports),
              "import \"x\" \"m\" belongs to another store");
    EXPECT_EQ(error_of(here, R"((module (import "x" "g" (global i32))))", imports),
              "import \"x\" \"g\" belongs to another store");
    EXPECT_EQ(error_of(here, R"((module (import "x" "t" (table 1 funcref))))", imports),
              "import \"x\" \"t\" belongs to another store");
}

// Two instances that call each other ---------------------------------------------------

// `math` knows its own memory, global and functions; `main` has others of the
// same indices. Whoever runs must see its own.
struct Pair {
    Store store;
    Instance math, main;

    static constexpr const char* math_text = R"((module $math
        (memory (export "memory") 1) (global $g (export "g") (mut i32) (i32.const 100))
        (table (export "table") 4 funcref)
        (type $unary (func (param i32) (result i32)))
        (func $own (param i32) (result i32) local.get 0 global.get $g i32.add)
        (func (export "add_g") (type $unary) local.get 0 call $own)
        (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store)
        (func (export "load") (type $unary) local.get 0 i32.load)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
        (func (export "call_0") (type $unary) local.get 0 i32.const 0 call_indirect (type $unary)
          global.get $g i32.add)
        (func (export "tail_0") (type $unary) local.get 0 i32.const 0 return_call_indirect (type $unary))
        (func (export "ref_call") (param i32 (ref null $unary)) (result i32)
          local.get 0 local.get 1 call_ref $unary global.get $g i32.add)
        (func (export "ref_tail") (param i32 (ref null $unary)) (result i32)
          local.get 0 local.get 1 return_call_ref $unary)
        (func (export "two") (param i32) (result i32 i64)
          local.get 0 i32.const 1 i32.add local.get 0 i64.extend_i32_s)))";

    static constexpr const char* main_text = R"((module $main
        (type $unary (func (param i32) (result i32)))
        (import "math" "add_g" (func $add_g (type $unary)))
        (import "math" "store" (func $store (param i32 i32)))
        (import "math" "load" (func $load (type $unary)))
        (import "math" "call_0" (func $call_0 (type $unary)))
        (import "math" "tail_0" (func $tail_0 (type $unary)))
        (import "math" "ref_call" (func $ref_call (param i32 (ref null $unary)) (result i32)))
        (import "math" "ref_tail" (func $ref_tail (param i32 (ref null $unary)) (result i32)))
        (import "math" "two" (func $two (param i32) (result i32 i64)))
        (import "math" "table" (table $shared 4 funcref))
        (memory 1) (global $g (mut i32) (i32.const 7)) (elem declare func $minus_g $add_g)
        (elem (table $shared) (i32.const 0) func $minus_g $add_g)
        (func $minus_g (type $unary) local.get 0 global.get $g i32.sub)
        (func (export "direct") (type $unary) local.get 0 call $add_g global.get $g i32.mul)
        (func (export "indirect") (type $unary)
          local.get 0 i32.const 1 call_indirect $shared (type $unary) global.get $g i32.mul)
        (func (export "by_ref") (type $unary) local.get 0 ref.func $add_g call_ref $unary global.get $g i32.mul)
        (func (export "back_indirect") (type $unary) local.get 0 call $call_0 global.get $g i32.mul)
        (func (export "back_tail") (type $unary) local.get 0 call $tail_0 global.get $g i32.mul)
        (func (export "back_ref") (type $unary)
          local.get 0 ref.func $minus_g call $ref_call global.get $g i32.mul)
        (func (export "back_ref_tail") (type $unary)
          local.get 0 ref.func $minus_g call $ref_tail global.get $g i32.mul)
        (func (export "tail") (type $unary) local.get 0 return_call $add_g)
        (func (export "tail_indirect") (type $unary)
          local.get 0 i32.const 1 return_call_indirect $shared (type $unary))
        (func (export "tail_ref") (type $unary) local.get 0 ref.func $add_g return_call_ref $unary)
        (func $to_tail (type $unary) local.get 0 return_call $add_g)
        (func (export "after_tail") (type $unary) local.get 0 call $to_tail global.get $g i32.mul)
        (func (export "memories") (result i32)
          i32.const 8 i32.const 11 i32.store
          i32.const 8 i32.const 22 call $store
          i32.const 8 i32.load i32.const 100 i32.mul i32.const 8 call $load i32.add)
        (func (export "two") (param i32) (result i64 i32) (local i32 i64)
          local.get 0 call $two local.set 2 local.set 1 local.get 2 local.get 1)))";

    Pair()
        : math(must(store.instantiate(load(math_text)))), main([this] {
              Imports imports;
              imports.instance("math", math);
              return must(store.instantiate(load(main_text), imports));
          }()) {}

    int call(const char* name, int arg) { return must(must(main.func<int(int)>(name))(arg)); }
    int metered(const char* name, int arg) {
        return must(must(main.func(name)).call(values(Value::i32(arg)), {.fuel = 1000}))[0]
            .as_i32();
    }
};

TEST(CrossInstance, EveryKindOfCallRunsInTheRightInstance) {
    Pair pair;
    const std::pair<const char*, int> expected[] = {
        {"direct", (5 + 100) * 7},      {"indirect", (5 + 100) * 7},
        {"by_ref", (5 + 100) * 7},      {"back_indirect", (5 - 7 + 100) * 7},
        {"back_tail", (5 - 7) * 7},     {"back_ref", (5 - 7 + 100) * 7},
        {"back_ref_tail", (5 - 7) * 7}, {"tail", 105},
        {"tail_indirect", 105},         {"tail_ref", 105},
        {"after_tail", 105 * 7},
    };
    for (int round = 0; round < 2; ++round) {
        for (const auto& [name, result] : expected) {
            EXPECT_EQ(pair.call(name, 5), result) << name;
            EXPECT_EQ(pair.metered(name, 5), result) << name;
        }
    }
}

TEST(CrossInstance, SeveralResultsComeBackInOrder) {
    Pair pair;
    const auto two = must(pair.main.func<std::tuple<std::int64_t, int>(int)>("two"));
    EXPECT_EQ(must(two(-3)), std::tuple(std::int64_t{-3}, -2));
}

TEST(CrossInstance, MemoriesOfTheSameIndexAreKeptApart) {
    Pair pair;
    EXPECT_EQ(must(must(pair.main.func<int()>("memories"))()), 1122);
}

TEST(CrossInstance, MemoryGrownInTheOtherInstanceIsSeenAfterTheReturn) {
    for (const bool reserve : {true, false}) {
        Store store({.reserve_address_space = reserve});
        Imports imports;
        const Instance owner = must(store.instantiate(load(R"((module
            (memory (export "memory") 1) (func (export "grow") (param i32) (result i32)
              local.get 0 memory.grow drop
              i32.const 500000 i32.const 55 i32.store memory.size)))")));
        imports.instance("o", owner);
        const Instance user = must(store.instantiate(load(R"((module
            (import "o" "memory" (memory 1)) (import "o" "grow" (func $grow (param i32) (result i32)))
            (func (export "f") (result i32)
              i32.const 0 i32.const 1 i32.store
              i32.const 9 call $grow
              i32.const 0 i32.load i32.add
              i32.const 500000 i32.load i32.add)))"),
                                                     imports));
        EXPECT_EQ(must(must(user.func<int()>("f"))()), 10 + 1 + 55);
    }
}

TEST(CrossInstance, GlobalsAndTablesAreShared) {
    Store store;
    Imports imports;
    const Instance owner = must(store.instantiate(load(R"((module
        (global $g (export "g") (mut i64) (i64.const 5)) (table (export "t") 2 10 funcref)
        (func (export "get") (result i64) global.get $g)
        (func (export "run") (param i32) (result i32) local.get 0 call_indirect (result i32))
        (func (export "size") (result i32) table.size 0)))")));
    imports.instance("o", owner);
    const Instance user = must(store.instantiate(load(R"((module
        (import "o" "g" (global $g (mut i64))) (import "o" "t" (table $t 2 funcref))
        (elem declare func $nine)
        (func $nine (result i32) i32.const 9)
        (func (export "set") (param i64) local.get 0 global.set $g)
        (func (export "grow") (result i32) ref.func $nine i32.const 3 table.grow $t)))"),
                                                 imports));
    must(must(user.func("set")).call(values(Value::i64(-77))));
    EXPECT_EQ(must(must(owner.func("get")).call())[0], Value::i64(-77));
    EXPECT_EQ(must(owner.global("g")).get(), Value::i64(-77));
    EXPECT_EQ(must(must(user.func("grow")).call())[0], Value::i32(2));
    EXPECT_EQ(must(must(owner.func("size")).call())[0], Value::i32(5));
    EXPECT_EQ(must(must(owner.func("run")).call(values(Value::i32(4))))[0], Value::i32(9));
    expect_trap(must(owner.func("run")).call(values(Value::i32(1))), Trap::uninitialized_element,
                "uninitialized element 1");
    expect_trap(must(owner.func("run")).call(values(Value::i32(5))), Trap::undefined_element);
}

TEST(CrossInstance, TailCallsBackAndForthUseNoStack) {
    Store store({.max_stack_bytes = 2048});
    Imports imports;
    const Instance table_owner =
        must(store.instantiate(load(R"((module (table (export "t") 2 funcref)))")));
    imports.instance("t", table_owner);
    const char* text =
        R"((module (import "t" "t" (table 2 funcref)) (type $t (func (param i32 i32) (result i32)))
        (global $me i32 (i32.const ME)) (elem (i32.const ME) func $f)
        (func $f (export "f") (type $t)
          local.get 0 i32.eqz if local.get 1 return end
          local.get 0 i32.const 1 i32.sub
          local.get 1 global.get $me i32.const 2 i32.mul i32.add i32.const 1 i32.sub
          i32.const 1 global.get $me i32.sub return_call_indirect (type $t))))";
    std::vector<Instance> made;
    for (const char* me : {"0", "1"}) {
        std::string own = text;
        for (auto at = own.find("ME"); at != std::string::npos; at = own.find("ME"))
            own.replace(at, 2, me);
        made.push_back(must(store.instantiate(load(own), imports)));
    }
    const auto f = must(made[0].func<int(int, int)>("f"));
    EXPECT_EQ(must(f(100'000, 0)), 0);
    EXPECT_EQ(must(f(100'001, 0)), -1);
}

TEST(CrossInstance, DeepRecursionThroughTwoInstancesTrapsAndRecovers) {
    Store store({.max_stack_bytes = 128 << 10});
    Imports imports;
    const Instance a = must(store.instantiate(load(R"((module (table (export "t") 1 funcref)
        (func (export "f") (param i32) (result i32)
          local.get 0 i32.eqz if (result i32) i32.const 0 else
          local.get 0 i32.const 1 i32.sub i32.const 0 call_indirect (param i32) (result i32)
          i32.const 1 i32.add end)))")));
    imports.instance("a", a);
    const Instance b = must(store.instantiate(load(R"((module (import "a" "t" (table 1 funcref))
        (import "a" "f" (func $f (param i32) (result i32))) (elem (i32.const 0) func $g)
        (func $g (export "g") (param i32) (result i32) local.get 0 call $f i32.const 100 i32.add)))"),
                                              imports));
    const auto g = must(b.func<int(int)>("g"));
    EXPECT_EQ(must(g(100)), 100 * 101 + 100);
    expect_trap(g(1 << 30), Trap::call_stack_exhausted, "call stack exhausted");
    EXPECT_EQ(must(g(100)), 100 * 101 + 100);
}

TEST(Instantiation, WritesMadeBeforeATrapStayInImportedObjects) {
    Store store;
    Imports imports;
    const Memory memory = must(store.memory({.limits = {1, 1}}));
    const Table table = must(store.table({.limits = {2, {}}}, Value::null(funcref)));
    imports.define("x", "m", memory);
    imports.define("x", "t", table);
    const auto failed = store.instantiate(
        load(R"((module (import "x" "m" (memory 1)) (import "x" "t" (table 2 funcref))
        (func $f (result i32) i32.const 77) (elem (i32.const 1) func $f)
        (data (i32.const 5) "abc") (data (i32.const 65535) "xy")))"),
        imports);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Code::instantiate);
    EXPECT_EQ(failed.error().kind(), ErrorKind::trap);
    EXPECT_EQ(failed.error().message(), "out of bounds memory access (data segment 1)");
    EXPECT_EQ(must(memory.read(5, 1))[0], std::byte{'a'});
    EXPECT_EQ(must(memory.read(65535, 1))[0], std::byte{0});
    // The function stays callable although its module has no instance.
    const Func f = must(Func::from_ref(must(table.get(1)).as_ref()));
    EXPECT_EQ(must(f.call())[0].as_i32(), 77);
}

TEST(Instantiation, AFailedElementSegmentIsNamed) {
    Store store;
    const auto failed = store.instantiate(
        load(R"((module (table 1 funcref) (func $f) (elem (i32.const 1) func $f)))"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message(), "out of bounds table access (elem segment 0)");
}

TEST(Instantiation, ATrapInTheStartFunctionFailsIt) {
    Store store;
    const auto failed = store.instantiate(load("(module (func $boom unreachable) (start $boom))"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Code::instantiate);
    EXPECT_EQ(failed.error().trap(), Trap::unreachable);
    ASSERT_EQ(failed.error().backtrace().size(), 1u);
    EXPECT_EQ(failed.error().backtrace()[0].function, "boom");
}

TEST(Instantiation, LimitsOfTheStoreAreKept) {
    const Module one = load("(module (memory 1) (table 1 funcref))");
    Store instances({.max_instances = 2});
    must(instances.instantiate(one));
    must(instances.instantiate(one));
    auto third = instances.instantiate(one);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind(), ErrorKind::limit);
    EXPECT_EQ(third.error().message(), "too many instances");
    Store memories({.max_memories = 1});
    must(memories.instantiate(one));
    auto second = memories.instantiate(one);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message(), "too many memories");
    Store tables({.max_tables = 0});
    auto none = tables.instantiate(one);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().message(), "too many tables");
}

TEST(Instantiation, GlobalsAreInitializedFromConstantExpressions) {
    Store store;
    Imports imports;
    imports.define("x", "g", must(store.global({i32, false}, Value::i32(-6))));
    const Instance instance =
        must(store.instantiate(load(R"((module (import "x" "g" (global $x i32))
        (global (export "a") i32 (i32.mul (global.get $x) (i32.sub (i32.const 3) (i32.const 10))))
        (global (export "b") i64 (i64.add (i64.const -1) (i64.mul (i64.const 4) (i64.const 5))))
        (global $c (export "c") f64 (f64.const -0.5))
        (global (export "d") f64 (global.get $c))
        (global $e (export "e") (mut i32) (i32.const -1))
        (func (export "e64") (result i64) global.get $e i64.extend_i32_u)
        (func (export "e_below") (result i32) global.get $e i32.const -2 i32.gt_u)))"),
                               imports));
    EXPECT_EQ(must(instance.global("a")).get(), Value::i32(42));
    EXPECT_EQ(must(instance.global("b")).get(), Value::i64(19));
    EXPECT_EQ(must(instance.global("d")).get(), Value::f64(-0.5));
    EXPECT_EQ(must(instance.global("e")).get(), Value::i32(-1));
    EXPECT_EQ(must(must(instance.func<std::int64_t()>("e64"))()), 0xFFFFFFFF);
    EXPECT_EQ(must(must(instance.func<int()>("e_below"))()), 1);
}

}  // namespace
}  // namespace waxwing::test
