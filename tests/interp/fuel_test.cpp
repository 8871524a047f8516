// Fuel: one unit per executed instruction, however the call is cut into slices.
#include <chrono>
#include <optional>

#include "support.hpp"

namespace waxwing::test {
namespace {

using u64 = std::uint64_t;

struct Used {
    std::vector<Value> results;
    u64 fuel = 0;
};

Used used(const Func& f, const std::vector<Value>& args = {}, u64 fuel = 1'000'000) {
    Used made;
    made.results = must(f.call(args, {.fuel = fuel, .fuel_used = &made.fuel}));
    return made;
}
u64 fuel_of(const std::string& body, const std::vector<Value>& args = {}) {
    Machine machine(R"((module (memory 1) (table 100 funcref) (type $v (func))
        (func $three nop i32.const 1 i32.const 2 i32.add drop return)
        (elem (i32.const 0) $three) (func (export "f") )" +
                    body + "))");
    return used(machine.func("f"), args).fuel;
}

TEST(Fuel, StraightCodeCostsItsInstructionsWithoutTheFreeOnes) {
    EXPECT_EQ(fuel_of(""), 0u);
    EXPECT_EQ(fuel_of("nop nop"), 0u);
    EXPECT_EQ(fuel_of("i32.const 1 drop"), 2u);
    EXPECT_EQ(fuel_of("block block end loop end nop end"), 0u);
    EXPECT_EQ(fuel_of("(result i32) i32.const 1 i32.const 2 i32.add i32.const 3 i32.mul"), 5u);
    EXPECT_EQ(fuel_of("(local i32) i32.const 1 local.tee 0 local.get 0 i32.add local.set 0"), 5u);
    EXPECT_EQ(fuel_of("return"), 1u);
}

TEST(Fuel, CodeThatIsNotReachedCostsNothing) {
    EXPECT_EQ(fuel_of("return i32.const 1 drop i32.const 1 drop"), 1u);
    EXPECT_EQ(fuel_of("block br 0 i32.const 1 drop end i32.const 1 drop"), 3u);
    EXPECT_EQ(fuel_of("block br 0 block i32.const 1 drop end end"), 1u);
}

TEST(Fuel, ConditionsCostTheArmThatIsTaken) {
    const std::string body =
        "(param i32) local.get 0 if i32.const 1 drop else i64.const 1 drop nop "
        "i64.const 2 drop end i32.const 1 drop";
    EXPECT_EQ(fuel_of(body, values(Value::i32(1))), 6u);
    EXPECT_EQ(fuel_of(body, values(Value::i32(0))), 8u);
    const std::string no_else = "(param i32) local.get 0 if i32.const 1 drop end";
    EXPECT_EQ(fuel_of(no_else, values(Value::i32(7))), 4u);
    EXPECT_EQ(fuel_of(no_else, values(Value::i32(0))), 2u);
}

TEST(Fuel, BranchesCostOneTakenOrNot) {
    const std::string body = "(param i32) block local.get 0 br_if 0 i32.const 1 drop end";
    EXPECT_EQ(fuel_of(body, values(Value::i32(1))), 2u);
    EXPECT_EQ(fuel_of(body, values(Value::i32(0))), 4u);
    const std::string compared =
        "(param i32) block local.get 0 i32.const 5 i32.lt_u br_if 0 i32.const 1 drop end";
    EXPECT_EQ(fuel_of(compared, values(Value::i32(1))), 4u);
    EXPECT_EQ(fuel_of(compared, values(Value::i32(9))), 6u);
    const std::string table = "(param i32) block block block local.get 0 br_table 0 1 2 end "
                              "i32.const 1 drop end i32.const 1 drop end";
    EXPECT_EQ(fuel_of(table, values(Value::i32(0))), 6u);
    EXPECT_EQ(fuel_of(table, values(Value::i32(1))), 4u);
    EXPECT_EQ(fuel_of(table, values(Value::i32(2))), 2u);
    EXPECT_EQ(fuel_of(table, values(Value::i32(99))), 2u);
    // Carried values, moved on the way: the moves are not instructions.
    EXPECT_EQ(fuel_of("(param i32) (result i32) i64.const 1 i32.const 2 local.get 0 br_if 0 "
                      "drop drop i32.const 3",
                      values(Value::i32(1))),
              4u);
}

TEST(Fuel, LoopsCostEachTurn) {
    const std::string body =
        "(param i32) loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end";
    EXPECT_EQ(fuel_of(body, values(Value::i32(1))), 5u);
    EXPECT_EQ(fuel_of(body, values(Value::i32(1000))), 5000u);
}

TEST(Fuel, CallsCostOneAndWhatTheyCall) {
    EXPECT_EQ(fuel_of("call $three"), 6u);
    EXPECT_EQ(fuel_of("i32.const 0 call_indirect (type $v)"), 7u);
    EXPECT_EQ(fuel_of("ref.func $three call_ref $v"), 7u);
    EXPECT_EQ(fuel_of("return_call $three"), 6u);
    EXPECT_EQ(fuel_of("call $three call $three"), 12u);
}

TEST(Fuel, BulkOperationsCostOneMorePer16Bytes) {
    const auto fill = [](const char* length) {
        return fuel_of(std::string("i32.const 0 i32.const 1 i32.const ") + length + " memory.fill");
    };
    EXPECT_EQ(fill("0"), 4u);
    EXPECT_EQ(fill("15"), 4u);
    EXPECT_EQ(fill("16"), 5u);
    EXPECT_EQ(fill("65536"), 4u + 4096);
    EXPECT_EQ(fuel_of("i32.const 0 i32.const 1 i32.const 640 memory.copy"), 4u + 40);
    EXPECT_EQ(fuel_of("(result i32) i32.const 2 memory.grow"), 2u + 2 * 4096);
    EXPECT_EQ(fuel_of("(result i32) i32.const 65536 memory.grow"), 2u);
    EXPECT_EQ(fuel_of("i32.const 0 ref.null func i32.const 99 table.fill"), 4u + 49);
    EXPECT_EQ(fuel_of("(result i32) ref.null func i32.const 128 table.grow 0"), 3u + 64);
    // A length whose 64-bit register holds more than its 32 bits.
    EXPECT_EQ(fuel_of("(param i64) i32.const 0 i32.const 1 local.get 0 i32.wrap_i64 memory.fill",
                      values(Value::i64(0x700000080))),
              4u + 8 + 1);
}

TEST(Fuel, ObjectsLocalsAndManyValuesCostWhatTheyAreLong) {
    const auto with_types = [](const std::string& body) {
        Machine machine(R"((module (type $s (struct (field i64) (field i64) (field i32)))
            (type $a (array (mut i16)))
            (func $many (local i64 i64 i64 i64 v128 v128))
            (func $ten (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
              (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)
              (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1))
            (tag $t (param i64 i64))
            (func (export "f") )" +
                        body + "))");
        return used(machine.func("f")).fuel;
    };
    EXPECT_EQ(with_types("(drop (struct.new_default $s))"), 2u + 28 / 16);
    EXPECT_EQ(with_types("(drop (array.new_default $a (i32.const 100)))"), 3u + 1 + 200 / 16);
    EXPECT_EQ(with_types("(drop (array.new $a (i32.const 7) (i32.const 7)))"), 4u + 1);
    EXPECT_EQ(with_types("(drop (array.new_fixed $a 2 (i32.const 7) (i32.const 7)))"), 4u + 1);
    EXPECT_EQ(with_types("(call $many)"), 1u + 1);
    EXPECT_EQ(with_types("(call $ten) drop drop drop drop drop drop drop drop drop drop"),
              1u + 10 + 10 / 8 + 10);
    EXPECT_EQ(with_types("(block $h (result i64 i64) (try_table (catch $t $h) (throw $t (i64.const "
                         "1) (i64.const 2))) unreachable) drop drop"),
              3u + 24 / 16 + 16 + 2 + 0 + 2);
}

// The trap, or the refusal, is the same as without fuel.
TEST(Fuel, BulkOperationsThatMustFailAreNotPaidFor) {
    Machine machine(R"((module (memory i64 1) (table $t i64 10 funcref) (table $n 10 funcref)
        (type $a (array (mut i8)))
        (data $d "abc") (elem $e funcref (ref.null func))
        (func (export "fill") i64.const 0 i32.const 1 i64.const -1 memory.fill)
        (func (export "copy") i64.const 13 i64.const 11 i64.const -1 memory.copy)
        (func (export "init") i64.const 0 i32.const 0 i32.const -1 memory.init $d)
        (func (export "tfill") i64.const 0 ref.null func i64.const -1 table.fill $t)
        (func (export "tcopy") i64.const 0 i64.const 0 i64.const -1 table.copy $t $t)
        (func (export "tinit") i32.const 0 i32.const 0 i32.const -1 table.init $n $e)
        (func (export "afill")
          (array.fill $a (array.new $a (i32.const 0) (i32.const 9)) (i32.const 0) (i32.const 1) (i32.const -1)))
        (func (export "acopy") (local (ref null $a)) (local.set 0 (array.new $a (i32.const 0) (i32.const 9)))
          (array.copy $a $a (local.get 0) (i32.const 0) (local.get 0) (i32.const 0) (i32.const -1)))
        (func (export "anull")
          (array.fill $a (ref.null $a) (i32.const 0) (i32.const 1) (i32.const -1)))
        (func (export "anew") (result i32) (array.len (array.new_default $a (i32.const -1))))
        (func (export "grow") (result i64) ref.null func i64.const -2 table.grow $t)))");
    for (const char* name :
         {"fill", "copy", "init", "tfill", "tcopy", "tinit", "afill", "acopy", "anull", "anew"}) {
        const auto plain = machine.func(name).call();
        const auto metered = machine.func(name).call({}, {.fuel = 1000});
        ASSERT_FALSE(plain) << name;
        expect_trap(metered, plain.error().trap(), plain.error().message());
    }
    EXPECT_EQ(used(machine.func("grow"), {}, 10).results[0], Value::i64(-1));
    EXPECT_EQ(used(machine.func("grow"), {}, 10).fuel, 3u);
}

TEST(Fuel, ExactlyEnoughIsEnoughAndOneLessIsNot) {
    Machine machine(R"((module (func (export "f") (param i32) (result i32) (local i32)
        loop local.get 1 i32.const 3 i32.add local.set 1
          local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 1)))");
    const Func f = machine.func("f");
    const auto args = values(Value::i32(10));
    const Used whole = used(f, args);
    EXPECT_EQ(whole.fuel, 91u);
    EXPECT_EQ(used(f, args, 91).results[0], Value::i32(30));
    u64 spent = 0;
    const auto less = f.call(args, {.fuel = 90, .fuel_used = &spent});
    ASSERT_FALSE(less);
    EXPECT_EQ(less.error().code(), Code::fuel_exhausted);
    EXPECT_EQ(less.error().kind(), ErrorKind::fuel);
    EXPECT_EQ(less.error().trap(), Trap::none);
    EXPECT_EQ(spent, 90u);
    const auto none = f.call(args, {.fuel = 0, .fuel_used = &spent});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), Code::fuel_exhausted);
    EXPECT_EQ(spent, 0u);
}

TEST(Fuel, NoFuelIsEnoughForNoInstructions) {
    Machine machine(R"((module (func (export "f"))))");
    EXPECT_TRUE(machine.func("f").call({}, {.fuel = 0}));
}

constexpr const char* mixed = R"((module (memory 1)
    (type $t (func (param i32 i64) (result i64 i32)))
    (table funcref (elem $swap))
    (func $swap (type $t) local.get 1 local.get 0)
    (func $fib (param i32) (result i32)
      local.get 0 i32.const 2 i32.lt_s if (result i32) local.get 0 else
        local.get 0 i32.const 1 i32.sub call $fib
        local.get 0 i32.const 2 i32.sub call $fib i32.add end)
    (func (export "f") (param i32) (result i32 i64) (local i64 i32)
      i32.const 0 i32.const 7 i32.const 1000 memory.fill
      loop (result i64)
        local.get 0 call $fib local.get 1 i32.const 0 call_indirect (type $t)
        local.get 2 i32.add local.set 2
        i32.const 40 i64.load8_u i64.add local.set 1
        block block block local.get 0 i32.const 3 i32.rem_u br_table 0 1 2 end
          local.get 2 i32.const 5 i32.xor local.set 2 end
          local.get 2 i32.const 1 i32.shl local.set 2 end
        local.get 0 i32.const 1 i32.sub local.tee 0 i32.const 0 i32.gt_s br_if 0
        local.get 1
      end
      local.set 1 local.get 2 local.get 1)))";

TEST(Fuel, TheSumIsTheSameHoweverItIsSliced) {
    Machine machine(mixed);
    const Func f = machine.func("f");
    const auto args = values(Value::i32(9));
    const std::vector<Value> plain = must(f.call(args));
    const Used whole = used(f, args);
    EXPECT_EQ(whole.results, plain);
    EXPECT_GT(whole.fuel, 1000u);
    for (const u64 slice : {1u, 2u, 3u, 7u, 10u, 64u, 1000u, 100'000u}) {
        u64 sum = 0, last = 0, resumed = 0;
        Invocation call = must(f.start(args, {.fuel = slice, .fuel_used = &last}));
        sum += last;
        while (call.state() == Invocation::State::out_of_fuel && resumed++ < 2 * whole.fuel) {
            EXPECT_EQ(last, slice);
            must(call.resume({.fuel = slice, .fuel_used = &last}));
            sum += last;
        }
        ASSERT_EQ(call.state(), Invocation::State::done) << "slice " << slice;
        EXPECT_EQ(sum, whole.fuel) << "slice " << slice;
        EXPECT_EQ(resumed + 1, (whole.fuel + slice - 1) / slice) << "slice " << slice;
        EXPECT_EQ(must(call.results()), plain);
    }
}

TEST(Fuel, PlainAndMeteredCallsDoNotDisturbEachOther) {
    Machine machine(R"((module (global $g (mut i32) (i32.const 0))
        (func $inc (result i32) global.get $g i32.const 1 i32.add global.set $g global.get $g)
        (func (export "f") (result i32) call $inc call $inc i32.add)))");
    const Func f = machine.func("f");
    EXPECT_EQ(must(f.call())[0].as_i32(), 3);
    const Used second = used(f);
    EXPECT_EQ(second.results[0].as_i32(), 7);
    EXPECT_EQ(second.fuel, 3u + 2 * 5);
    EXPECT_FALSE(f.call({}, {.fuel = 3}));  // ends before its first call, or in it
    const int after = must(f.call())[0].as_i32();
    EXPECT_EQ(used(f).results[0].as_i32(), after + 4);
    EXPECT_EQ(used(f).fuel, 13u);
}

TEST(Fuel, CountsWhatRunsBehindHostFunctions) {
    Store store;
    Imports imports;
    std::optional<Func> callee;
    int calls = 0;
    imports.func("host", "back", [&]() -> Result<int> {
        ++calls;
        auto results = callee->call();
        if (!results) return std::unexpected(results.error());
        return (*results)[0].as_i32();
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "host" "back" (func $back (result i32)))
        (func (export "callee") (result i32) i32.const 1 i32.const 2 i32.add)
        (func (export "f") (result i32) call $back call $back i32.add)))"),
                                                     imports));
    callee = must(instance.func("callee"));
    const Func f = must(instance.func("f"));
    Used made = used(f);
    EXPECT_EQ(made.results[0].as_i32(), 6);
    EXPECT_EQ(made.fuel, 3u + 2 * 3);
    EXPECT_EQ(calls, 2);
    // Too little for the second call back: the whole call is out of fuel.
    u64 spent = 0;
    const auto failed = f.call({}, {.fuel = 8, .fuel_used = &spent});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Code::fuel_exhausted);
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(spent, 8u);
}

TEST(Fuel, AnInnerCallWithADeadlineOnlyIsStillPaidForByTheOuterOne) {
    Store store;
    Imports imports;
    std::optional<Func> callee;
    imports.func("host", "back", [&]() -> Result<void> {
        const auto later = std::chrono::steady_clock::now() + std::chrono::hours(1);
        auto results = callee->call({}, {.deadline = later});
        if (!results) return std::unexpected(results.error());
        return {};
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "host" "back" (func $back))
        (func (export "spin") loop br 0 end)
        (func (export "short") i32.const 1 drop)
        (func (export "f") call $back i32.const 1 drop)))"),
                                                     imports));
    const Func f = must(instance.func("f"));
    callee = must(instance.func("short"));
    EXPECT_EQ(used(f).fuel, 5u);
    callee = must(instance.func("spin"));
    const auto spun = f.call({}, {.fuel = 1000});
    ASSERT_FALSE(spun);
    EXPECT_EQ(spun.error().code(), Code::fuel_exhausted);
}

TEST(Fuel, AnInnerCallWithFuelOfItsOwnPaysForItself) {
    Store store;
    Imports imports;
    std::optional<Func> callee;
    u64 inner = 0;
    imports.func("host", "back",
                 [&] { must(callee->call({}, {.fuel = 100, .fuel_used = &inner})); });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "host" "back" (func $back))
        (func (export "callee") i32.const 1 drop i32.const 1 drop)
        (func (export "f") call $back)))"),
                                                     imports));
    callee = must(instance.func("callee"));
    EXPECT_EQ(used(must(instance.func("f"))).fuel, 1u);
    EXPECT_EQ(inner, 4u);
}

TEST(Fuel, HostFunctionsCalledDirectlyPassItOn) {
    // guest -> host -> host function called by its handle -> guest
    Store store;
    Imports imports;
    std::optional<Func> middle, callee;
    imports.func("host", "outer", [&] { must(middle->call()); });
    imports.func("host", "middle", [&] { must(callee->call()); });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "host" "outer" (func $outer)) (import "host" "middle" (func $middle))
        (export "middle" (func $middle))
        (func (export "callee") i32.const 1 drop i32.const 1 drop)
        (func (export "f") call $outer)))"),
                                                     imports));
    callee = must(instance.func("callee"));
    middle = must(instance.func("middle"));
    EXPECT_EQ(used(must(instance.func("f"))).fuel, 5u);
}

TEST(Fuel, InstantiationCanRunOutOfIt) {
    Store store;
    const Module module = load("(module (func $spin loop br 0 end) (start $spin))");
    const auto made = store.instantiate(module, {}, {.fuel = 1000});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::fuel_exhausted);
}

TEST(Fuel, EffectsBeforeTheEndOfFuelStay) {
    Machine machine(R"((module (global (export "g") (mut i32) (i32.const 0))
        (func (export "f") loop global.get 0 i32.const 1 i32.add global.set 0 br 0 end)))");
    EXPECT_FALSE(machine.func("f").call({}, {.fuel = 500}));
    EXPECT_EQ(must(machine.instance.global("g")).get().as_i32(), 100);
}

}  // namespace
}  // namespace waxwing::test
