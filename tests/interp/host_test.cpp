// Host functions: signatures, errors, calls back into the guest.
#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>

#include "support.hpp"

namespace waxwing::test {
namespace {

// Signatures -----------------------------------------------------------------------

TEST(HostFunction, TakesAndGivesEveryType) {
    Imports imports;
    imports.func("h", "i32",
                 [](std::int32_t a, std::uint32_t b) { return a - static_cast<int>(b); });
    imports.func("h", "i64",
                 [](std::int64_t a, std::uint64_t b) { return a * static_cast<std::int64_t>(b); });
    imports.func("h", "f32", [](float a, float b) { return a / b; });
    imports.func("h", "f64", [](double a, double b) { return a - b; });
    imports.func("h", "ref", [](Ref r) { return Ref::host(r.host_payload() + 1); });
    imports.func("h", "mix", [](int a, double b, float c, std::int64_t d) {
        return a * 1000.0 + b * 100.0 + c * 10.0 + static_cast<double>(d);
    });
    Machine machine(R"((module
        (import "h" "i32" (func $i32 (param i32 i32) (result i32)))
        (import "h" "i64" (func $i64 (param i64 i64) (result i64)))
        (import "h" "f32" (func $f32 (param f32 f32) (result f32)))
        (import "h" "f64" (func $f64 (param f64 f64) (result f64)))
        (import "h" "ref" (func $ref (param externref) (result externref)))
        (import "h" "mix" (func $mix (param i32 f64 f32 i64) (result f64)))
        (func (export "i32") (param i32 i32) (result i32) local.get 0 local.get 1 call $i32)
        (func (export "i64") (param i64 i64) (result i64) local.get 0 local.get 1 call $i64)
        (func (export "f32") (param f32 f32) (result f32) local.get 0 local.get 1 call $f32)
        (func (export "f64") (param f64 f64) (result f64) local.get 0 local.get 1 call $f64)
        (func (export "ref") (param externref) (result externref) local.get 0 call $ref)
        (func (export "mix") (result f64) i32.const 1 f64.const 2 f32.const 3 i64.const 4 call $mix)))",
                    imports);
    EXPECT_EQ((machine.call<int(int, int)>("i32", -5, 7)), -12);
    EXPECT_EQ((machine.call<std::int64_t(std::int64_t, std::int64_t)>("i64", -3, 1ll << 40)),
              -3 * (1ll << 40));
    EXPECT_EQ((machine.call<float(float, float)>("f32", 1.0f, 4.0f)), 0.25f);
    EXPECT_EQ((machine.call<double(double, double)>("f64", 1.0, 4.5)), -3.5);
    EXPECT_EQ(machine.call<Ref(Ref)>("ref", Ref::host(41)), Ref::host(42));
    EXPECT_EQ(machine.call<double()>("mix"), 1234.0);
}

TEST(HostFunction, NarrowResultsAreUsableAsOperandsAtOnce) {
    // The result of a call is the next instruction's operand, in its accumulator.
    Imports imports;
    imports.func("h", "i", [] { return -1; });
    imports.func("h", "f", [] { return 1.5f; });
    imports.func("h", "d", [] { return 2.25; });
    Machine machine(R"((module (import "h" "i" (func $i (result i32)))
        (import "h" "f" (func $f (result f32))) (import "h" "d" (func $d (result f64)))
        (func (export "i") (result i64) call $i i64.extend_i32_u)
        (func (export "f") (result f32) call $f call $f f32.mul)
        (func (export "d") (result i32) call $d f64.const 2.25 f64.eq)))",
                    imports);
    EXPECT_EQ(machine.call<std::int64_t()>("i"), 0xFFFFFFFF);
    EXPECT_EQ(machine.call<float()>("f"), 2.25f);
    EXPECT_EQ(machine.call<int()>("d"), 1);
}

TEST(HostFunction, GivesSeveralResultsAsATuple) {
    Imports imports;
    imports.func("h", "f",
                 [](int a) { return std::tuple(a + 1, a + 2.5, std::int64_t{a} << 33, 0.5f); });
    Machine machine(R"((module
        (import "h" "f" (func $f (param i32) (result i32 f64 i64 f32)))
        (func (export "f") (param i32) (result i32 f64 i64 f32) local.get 0 call $f)))",
                    imports);
    const auto [a, b, c, d] =
        machine.call<std::tuple<int, double, std::int64_t, float>(int)>("f", 7);
    EXPECT_EQ(a, 8);
    EXPECT_EQ(b, 9.5);
    EXPECT_EQ(c, std::int64_t{7} << 33);
    EXPECT_EQ(d, 0.5f);
}

TEST(HostFunction, VectorsTakeTwoSlots) {
    V128 v;
    for (int i = 0; i < 16; ++i)
        v.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i * 17);
    Imports imports;
    imports.func("h", "f", [&](int before, V128 given, int after) {
        EXPECT_EQ(before, 1);
        EXPECT_EQ(after, 2);
        EXPECT_EQ(given, v);
        return std::tuple(given, 3);
    });
    Machine machine(R"((module
        (import "h" "f" (func $f (param i32 v128 i32) (result v128 i32)))
        (func (export "f") (param v128) (result i32 v128) (local $v v128) (local $i i32)
          i32.const 1 local.get 0 i32.const 2 call $f local.set $i local.set $v
          local.get $i local.get $v)))",
                    imports);
    const auto results = must(machine.func("f").call(values(Value::v128(v))));
    EXPECT_EQ(results[0], Value::i32(3));
    EXPECT_EQ(results[1], Value::v128(v));
}

TEST(HostFunction, WithoutResultMayFailOrNot) {
    Imports imports;
    int seen = 0;
    imports.func("h", "void", [&](int a) { seen += a; });
    imports.func("h", "fallible", [&](int a) -> Result<void> {
        if (a < 0) return std::unexpected(Error::host("negative"));
        seen += 10 * a;
        return {};
    });
    Machine machine(R"((module (import "h" "void" (func $v (param i32)))
        (import "h" "fallible" (func $f (param i32)))
        (func (export "f") (param i32) local.get 0 call $v local.get 0 call $f)))",
                    imports);
    machine.call<void(int)>("f", 2);
    EXPECT_EQ(seen, 22);
    const auto failed = machine.try_call<void(int)>("f", -1);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message(), "negative");
    EXPECT_EQ(seen, 21);
}

Result<int> half(int a) {
    if (a % 2) return std::unexpected(Error::trapped(Trap::unreachable));
    return a / 2;
}

TEST(HostFunction, MayBeAPlainFunctionGivingAResult) {
    Imports imports;
    imports.func("h", "half", &half);
    Machine machine(R"((module (import "h" "half" (func $h (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) local.get 0 call $h)))",
                    imports);
    EXPECT_EQ(machine.call<int(int)>("f", 8), 4);
    expect_trap(machine.try_call<int(int)>("f", 7), Trap::unreachable);
}

TEST(HostFunction, ReadsAndWritesRawSlotsOfWhichNarrowTypesUseTheLowHalf) {
    std::uint64_t seen[3] = {};
    Imports imports;
    imports.func("h", "f",
                 HostFunction{{{i32, i64, i32}, {i32, i64}},
                              [](void* environment, Caller&, std::uint64_t* slots) -> Result<void> {
                                  std::copy_n(slots, 3, static_cast<std::uint64_t*>(environment));
                                  slots[0] = 0xABCDABCDFFFFFFFE;
                                  slots[1] = ~std::uint64_t{0};
                                  return {};
                              },
                              std::shared_ptr<void>(seen, [](void*) {})});
    Machine machine(R"((module (import "h" "f" (func $f (param i32 i64 i32) (result i32 i64)))
        (func (export "f") (param i64) (result i32 i64)
          local.get 0 i32.wrap_i64 local.get 0 local.get 0 i32.wrap_i64 i32.const 1 i32.add call $f)))",
                    imports);
    const auto results = must(machine.func("f").call(values(Value::i64(-2))));
    EXPECT_EQ(static_cast<std::uint32_t>(seen[0]), 0xFFFFFFFE);
    EXPECT_EQ(seen[1], ~std::uint64_t{1});
    EXPECT_EQ(static_cast<std::uint32_t>(seen[2]), 0xFFFFFFFF);
    EXPECT_EQ(results[0], Value::i32(-2));
    EXPECT_EQ(results[1], Value::i64(-1));
}

TEST(HostFunction, IsCallableThroughItsHandle) {
    Imports imports;
    imports.func("h", "f", [](Caller& caller, int a) {
        EXPECT_FALSE(caller.instance());
        EXPECT_TRUE(caller.memory().empty());
        EXPECT_FALSE(caller.memory_object());
        EXPECT_TRUE(caller.backtrace().empty());
        return a + 1;
    });
    Machine machine(R"((module (import "h" "f" (func $f (param i32) (result i32)))
        (export "f" (func $f))))",
                    imports);
    EXPECT_EQ(machine.call<int(int)>("f", 1), 2);
    const auto wrong = machine.func("f").call();
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code(), Code::type);
}

TEST(HostFunction, SeesItsCallerThroughCaller) {
    Imports imports;
    std::optional<Instance> calling;
    imports.func("h", "f", [&](Caller& caller, int at) {
        calling = caller.instance();
        EXPECT_EQ(caller.memory().size(), 65536u);
        EXPECT_EQ(must(caller.memory_object()).size(), 1u);
        const std::vector<Frame> frames = caller.backtrace();
        EXPECT_EQ(frames.size(), 2u);
        if (frames.size() == 2) {
            EXPECT_EQ(frames[0].function, "inner");
            EXPECT_EQ(frames[1].function, "outer");
        }
        caller.memory()[static_cast<std::size_t>(at)] = std::byte{99};
    });
    Machine machine(R"((module (import "h" "f" (func $f (param i32))) (memory 1)
        (func $inner (param i32) local.get 0 call $f)
        (func $outer (export "outer") (param i32) (result i32)
          local.get 0 call $inner local.get 0 i32.load8_u)))",
                    imports);
    EXPECT_EQ(machine.call<int(int)>("outer", 77), 99);
    EXPECT_EQ(calling, machine.instance);
}

// Errors -----------------------------------------------------------------------------

TEST(HostFunction, ErrorsBecomeTheCallsErrorWithTheGuestsBacktrace) {
    Imports imports;
    imports.func("h", "f", []() -> Result<int> { return std::unexpected(Error::host("no luck")); });
    Machine machine(R"((module $m (import "h" "f" (func $f (result i32)))
        (func $inner (result i32) call $f)
        (func $outer (export "outer") (result i32) call $inner i32.const 1 i32.add)))",
                    imports);
    const auto failed = machine.try_call<int()>("outer");
    ASSERT_FALSE(failed);
    const Error& error = failed.error();
    EXPECT_EQ(error.code(), Code::call);
    EXPECT_EQ(error.kind(), ErrorKind::host);
    EXPECT_EQ(error.message(), "no luck");
    ASSERT_EQ(error.backtrace().size(), 2u);
    EXPECT_EQ(error.backtrace()[0].function, "inner");
    EXPECT_EQ(error.backtrace()[0].func_index, 1u);
    EXPECT_EQ(error.backtrace()[1].function, "outer");
    // The instance is as good as before.
    EXPECT_FALSE(machine.try_call<int()>("outer"));
}

TEST(HostFunction, ExitPassesItsStatusThroughEveryLevel) {
    Store store;
    Imports imports;
    std::optional<Func> again;
    imports.func("h", "exit",
                 [](int status) -> Result<void> { return std::unexpected(Error::exited(status)); });
    imports.func("h", "nest", [&](int status) -> Result<void> {
        auto done = again->call(values(Value::i32(status)));
        if (!done) return std::unexpected(done.error());
        return {};
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "exit" (func $exit (param i32))) (import "h" "nest" (func $nest (param i32)))
        (func (export "exit") (param i32) local.get 0 call $exit unreachable)
        (func (export "nested") (param i32) local.get 0 call $nest unreachable)))"),
                                                     imports));
    again = must(instance.func("exit"));
    for (const char* name : {"exit", "nested"}) {
        const auto ended = must(instance.func(name)).call(values(Value::i32(42)));
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().kind(), ErrorKind::exit);
        EXPECT_EQ(ended.error().exit_status(), 42);
        EXPECT_EQ(ended.error().code(), Code::call);
    }
}

// Calls back into the guest --------------------------------------------------------------

TEST(HostFunction, MayCallBackIntoTheSameInstance) {
    Store store;
    Imports imports;
    std::optional<TypedFunc<int(int)>> factorial;
    imports.func("h", "times", [&](int n) { return n == 0 ? 1 : n * must((*factorial)(n - 1)); });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "times" (func $times (param i32) (result i32)))
        (func (export "factorial") (param i32) (result i32) (local i64 i64)
          i64.const -1 local.set 1
          local.get 0 call $times
          local.get 1 i64.const -1 i64.ne if unreachable end)))"),
                                                     imports));
    factorial = must(instance.func<int(int)>("factorial"));
    EXPECT_EQ(must((*factorial)(10)), 3628800);
}

TEST(HostFunction, AfterANestedCallTheOuterOneOwnsItsInstancesAgain) {
    // b calls the host, which calls a, which calls b: then b goes on, and its
    // next host call, trap and fuel are those of the outer call.
    Store store;
    Imports imports;
    std::optional<Func> a_f;
    int calls = 0;
    imports.func("h", "nest", [&] { must(a_f->call()); });
    imports.func("h", "count", [&](Caller& caller) {
        ++calls;
        EXPECT_EQ(caller.backtrace().size(), 1u);
    });
    const Instance b = must(store.instantiate(load(R"((module $b
        (import "h" "nest" (func $nest)) (import "h" "count" (func $count))
        (func (export "k") (result i32) i32.const 5)
        (func $g (export "g") (param i32) call $nest call $count
          local.get 0 if unreachable end)))"),
                                              imports));
    imports.instance("b", b);
    const Instance a = must(store.instantiate(load(R"((module $a
        (import "b" "k" (func $k (result i32)))
        (func (export "f") call $k drop)))"),
                                              imports));
    a_f = must(a.func("f"));
    const Func g = must(b.func("g"));
    for (int i = 0; i < 3; ++i)
        must(g.call(values(Value::i32(0))));
    EXPECT_EQ(calls, 3);
    const auto trapped = g.call(values(Value::i32(1)));
    expect_trap(trapped, Trap::unreachable, "unreachable");
    ASSERT_EQ(trapped.error().backtrace().size(), 1u);
    EXPECT_EQ(trapped.error().backtrace()[0].function, "g");
    std::uint64_t used = 0;
    must(g.call(values(Value::i32(0)), {.fuel = 1000, .fuel_used = &used}));
    EXPECT_EQ(used, 2u + 2 + 2 + 1);
}

TEST(HostFunction, ANestedTrapInAnotherInstanceLeavesTheOuterCallIntact) {
    Store store;
    Imports imports;
    std::optional<Func> a_f;
    imports.func("h", "nest", [&] { expect_trap(a_f->call(), Trap::unreachable); });
    imports.func("h", "nop", [] {});
    const Instance b = must(store.instantiate(load(R"((module
        (import "h" "nest" (func $nest)) (import "h" "nop" (func $nop))
        (func (export "die") unreachable)
        (func (export "g") (result i32) call $nest call $nop i32.const 7)))"),
                                              imports));
    imports.instance("b", b);
    const Instance a = must(store.instantiate(
        load(R"((module (import "b" "die" (func $die)) (func (export "f") call $die)))"), imports));
    a_f = must(a.func("f"));
    EXPECT_EQ(must(must(b.func("g")).call())[0].as_i32(), 7);
    EXPECT_EQ(must(must(b.func("g")).call({}, {.fuel = 100}))[0].as_i32(), 7);
}

TEST(HostFunction, NestingEndsAtTheLimitWithATrap) {
    Store store({.max_host_depth = 10});
    Imports imports;
    std::optional<Func> f;
    int depth = 0, deepest = 0;
    imports.func("h", "again", [&]() -> Result<void> {
        deepest = std::max(deepest, ++depth);
        auto done = f->call();
        --depth;
        if (!done) return std::unexpected(done.error());
        return {};
    });
    const Instance instance = must(store.instantiate(
        load(R"((module (import "h" "again" (func $again)) (func (export "f") call $again)))"),
        imports));
    f = must(instance.func("f"));
    expect_trap(f->call(), Trap::call_stack_exhausted, "call stack exhausted");
    EXPECT_EQ(deepest, 10);
    deepest = 0;
    expect_trap(f->call(), Trap::call_stack_exhausted);
    EXPECT_EQ(deepest, 10);
}

TEST(HostFunction, NestedCallsShareTheGuestsStackLimit) {
    Store store({.max_stack_bytes = 64 << 10});
    Imports imports;
    std::optional<Func> down;
    imports.func("h", "nest", [&]() -> Result<void> {
        auto done = down->call(values(Value::i32(1 << 20)));
        if (!done) return std::unexpected(done.error());
        return {};
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "nest" (func $nest)) (global $n (export "n") (mut i32) (i32.const 0))
        (func $down (export "down") (param i32)
          global.get $n i32.const 1 i32.add global.set $n
          local.get 0 i32.eqz if call $nest return end
          local.get 0 i32.const 1 i32.sub call $down)))"),
                                                     imports));
    down = must(instance.func("down"));
    const Global n = must(instance.global("n"));
    expect_trap(down->call(values(Value::i32(1 << 20))), Trap::call_stack_exhausted);
    const int whole = n.get().as_i32();
    must(n.set(Value::i32(0)));
    // A thousand frames first, then the host, then all that is left.
    expect_trap(down->call(values(Value::i32(1000))), Trap::call_stack_exhausted);
    EXPECT_NEAR(n.get().as_i32(), whole, 20);
}

class GrowingMemory : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(ReservedOrNot, GrowingMemory, testing::Bool());

TEST_P(GrowingMemory, GrowthInAHostFunctionIsSeenAfterwards) {
    Store store({.reserve_address_space = GetParam()});
    Imports imports;
    imports.func("h", "grow", [](Caller& caller) {
        must(must(caller.memory_object()).grow(20));
        caller.memory()[70'000] = std::byte{5};
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "grow" (func $grow)) (memory (export "memory") 1 30)
        (func (export "f") (result i32)
          i32.const 8 i32.const 1 i32.store
          call $grow
          i32.const 12 i32.const 10 i32.store
          i32.const 70000 i32.load8_u i32.const 8 i32.load i32.add i32.const 12 i32.load i32.add
          memory.size i32.const 100 i32.mul i32.add)))"),
                                                     imports));
    EXPECT_EQ(must(must(instance.func("f")).call())[0].as_i32(), 5 + 1 + 10 + 2100);
    EXPECT_EQ(must(instance.memory()).size(), 21u);
    EXPECT_EQ(must(must(instance.memory()).read(12, 1))[0], std::byte{10});
}

TEST_P(GrowingMemory, GrowthInANestedCallIsSeenAfterwards) {
    Store store({.reserve_address_space = GetParam()});
    Imports imports;
    std::optional<Func> grow;
    imports.func("h", "nest", [&] { must(grow->call()); });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "nest" (func $nest)) (memory (export "memory") 1)
        (func (export "grow") i32.const 40 memory.grow drop i32.const 2000000 i32.const 77 i32.store)
        (func (export "f") (result i32) (local i32)
          i32.const 1999996 local.set 0
          call $nest
          local.get 0 i32.load offset=4
          i32.const 2000004 i32.const 3 i32.store
          i32.const 2000004 i32.load i32.add)))"),
                                                     imports));
    grow = must(instance.func("grow"));
    EXPECT_EQ(must(must(instance.func("f")).call())[0].as_i32(), 80);
}

TEST_P(GrowingMemory, GrowthBetweenTwoSlicesIsSeenAfterwards) {
    Store store({.reserve_address_space = GetParam()});
    const Instance instance = must(store.instantiate(load(R"((module (memory (export "memory") 1)
        (func (export "f") (result i32) (local i32)
          loop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 100 i32.lt_u br_if 0 end
          i32.const 300000 i32.load)))")));
    Invocation call = must(must(instance.func("f")).start({}, {.fuel = 50}));
    ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
    const Memory memory = must(instance.memory());
    must(memory.grow(9));
    const std::byte nine[4] = {std::byte{9}};
    must(memory.write(300'000, nine));
    must(call.resume({.fuel = 10'000}));
    EXPECT_EQ(must(call.results())[0].as_i32(), 9);
}

TEST(HostFunction, ReceivesGuestFunctionsAsReferencesAndCallsThem) {
    Imports imports;
    imports.func("h", "take",
                 HostFunction{{{funcref, i32}, {i32}},
                              [](void*, Caller& caller, std::uint64_t* slots) -> Result<void> {
                                  const Ref ref = caller.read(funcref, slots).as_ref();
                                  const Func f = must(Func::from_ref(ref));
                                  auto typed = f.typed<int(int)>();
                                  if (!typed) return std::unexpected(typed.error());
                                  auto result = (*typed)(static_cast<int>(slots[1]));
                                  if (!result) return std::unexpected(result.error());
                                  slots[0] = static_cast<std::uint32_t>(*result);
                                  return {};
                              },
                              nullptr});
    Machine machine(R"((module (import "h" "take" (func $take (param funcref i32) (result i32)))
        (elem declare func $double)
        (func $double (param i32) (result i32) local.get 0 i32.const 1 i32.shl)
        (func (export "f") (param i32) (result i32) ref.func $double local.get 0 call $take)))",
                    imports);
    EXPECT_EQ(machine.call<int(int)>("f", 21), 42);
}

TEST(HostFunction, IsReachedByEveryKindOfCall) {
    Imports imports;
    imports.func("h", "f", [](int a, std::int64_t b) { return a * 100 + static_cast<int>(b); });
    Machine machine(R"((module (type $t (func (param i32 i64) (result i32)))
        (import "h" "f" (func $f (type $t))) (table funcref (elem $f)) (elem declare func $f)
        (func (export "indirect") (result i32)
          i32.const 1 i32.const 2 i64.const 3 i32.const 0 call_indirect (type $t) i32.add)
        (func (export "ref") (result i32) i32.const 4 i64.const 5 ref.func $f call_ref $t)
        (func (export "tail") (result i32) i32.const 6 i64.const 7 return_call $f)
        (func (export "tail_indirect") (result i32)
          i32.const 8 i64.const 9 i32.const 0 return_call_indirect (type $t))
        (func (export "tail_ref") (result i32) i32.const 1 i64.const 1 ref.func $f return_call_ref $t)
        (func $wrap (result i32) i32.const 6 i64.const 7 return_call $f)
        (func (export "after_tail") (param i32) (result i32) call $wrap local.get 0 i32.add)))",
                    imports);
    EXPECT_EQ(machine.call<int()>("indirect"), 204);
    EXPECT_EQ(machine.call<int()>("ref"), 405);
    EXPECT_EQ(machine.call<int()>("tail"), 607);
    EXPECT_EQ(machine.call<int()>("tail_indirect"), 809);
    EXPECT_EQ(machine.call<int()>("tail_ref"), 101);
    EXPECT_EQ(machine.call<int(int)>("after_tail", 1000), 1607);
}

TEST(Imports, ServeSeveralStoresAndOutliveThem) {
    Imports imports;
    int calls = 0;
    imports.func("h", "f", [&calls] { ++calls; });
    const Module module = load(R"((module (import "h" "f" (func $f)) (start $f)))");
    for (int i = 0; i < 3; ++i) {
        Store store;
        must(store.instantiate(module, imports));
        must(store.instantiate(module, imports));
    }
    EXPECT_EQ(calls, 6);
}

}  // namespace
}  // namespace waxwing::test
