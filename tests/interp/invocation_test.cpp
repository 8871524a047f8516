// Calls that can be continued: out of fuel, cancelled, past their deadline.
#include <chrono>
#include <optional>
#include <thread>

#include "support.hpp"

namespace waxwing::test {
namespace {

using State = Invocation::State;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* counter = R"((module
    (global $n (export "n") (mut i32) (i32.const 0))
    (func $step (param i32) (result i32)
      global.get $n i32.const 1 i32.add global.set $n
      local.get 0 i32.const 3 i32.mul i32.const 1 i32.add)
    (func (export "f") (param i32) (result i32 i64) (local i32)
      loop local.get 1 call $step local.set 1
        local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end
      local.get 1 local.get 1 i64.extend_i32_u)
    (func (export "spin") (result i32) (local i32)
      loop global.get $n i32.eqz br_if 0 end global.get $n)
    (func (export "bump") global.get $n i32.const 1 i32.add global.set $n)
    (func (export "die") (param i32)
      loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end unreachable)
    (func $down (export "down") (param i32) (result i32)
      local.get 0 i32.eqz if (result i32) i32.const 0 else
      local.get 0 i32.const 1 i32.sub call $down i32.const 1 i32.add end)))";

TEST(Invocation, IsDoneAtOnceWithEnoughFuel) {
    Machine machine(counter);
    const Func f = machine.func("f");
    const std::vector<Value> plain = must(f.call(values(Value::i32(5))));
    Invocation call = must(f.start(values(Value::i32(5)), {.fuel = 1000}));
    EXPECT_EQ(call.state(), State::done);
    EXPECT_EQ(must(call.results()), plain);
    EXPECT_EQ(must(call.results()), plain);  // any number of times
    const auto over = call.resume();
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code(), Code::call);
    EXPECT_EQ(over.error().kind(), ErrorKind::usage);
}

TEST(Invocation, IsDoneAtOnceWithoutOptions) {
    Machine machine(counter);
    Invocation call = must(machine.func("f").start(values(Value::i32(1))));
    EXPECT_EQ(call.state(), State::done);
    EXPECT_EQ(must(call.results())[0], Value::i32(1));
}

TEST(Invocation, RunsOutOfFuelAndGoesOn) {
    Machine machine(counter);
    const Func f = machine.func("f");
    Invocation call = must(f.start(values(Value::i32(100)), {.fuel = 300}));
    ASSERT_EQ(call.state(), State::out_of_fuel);
    const auto early = call.results();
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code(), Code::fuel_exhausted);
    const int reached = must(machine.instance.global("n")).get().as_i32();
    EXPECT_GT(reached, 10);
    EXPECT_LT(reached, 50);
    must(call.resume());  // without limits: to the end
    EXPECT_EQ(call.state(), State::done);
    EXPECT_EQ(must(machine.instance.global("n")).get().as_i32(), 100);
    EXPECT_EQ(must(call.results()), must(f.call(values(Value::i32(100)))));
}

TEST(Invocation, ArgumentsAreCheckedBeforeAnythingRuns) {
    Machine machine(counter);
    const auto none = machine.func("f").start({}, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), Code::type);
    const auto other = machine.func("f").start(values(Value::i64(1)));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), Code::type);
    EXPECT_EQ(must(machine.instance.global("n")).get().as_i32(), 0);
}

TEST(Invocation, CancelledFromAnotherThreadIsInterruptedAndCanGoOn) {
    Machine machine(counter);
    const CancelToken cancel;
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(20));
        cancel.cancel();
    });
    Invocation call = must(machine.func("spin").start({}, {.cancel = cancel}));
    other.join();
    ASSERT_EQ(call.state(), State::interrupted);
    const auto early = call.results();
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code(), Code::call);
    EXPECT_EQ(early.error().kind(), ErrorKind::interrupted);
    EXPECT_EQ(early.error().message(), "interrupted");
    // The same token still says stop.
    must(call.resume({.cancel = cancel}));
    EXPECT_EQ(call.state(), State::interrupted);
    must(must(machine.instance.global("n")).set(Value::i32(9)));
    must(call.resume());
    ASSERT_EQ(call.state(), State::done);
    EXPECT_EQ(must(call.results())[0], Value::i32(9));
}

TEST(Invocation, PastItsDeadlineIsInterruptedAndCanGoOn) {
    Machine machine(counter);
    const auto begin = Clock::now();
    Invocation call = must(machine.func("spin").start({}, {.deadline = begin + milliseconds(30)}));
    EXPECT_GE(Clock::now() - begin, milliseconds(30));
    ASSERT_EQ(call.state(), State::interrupted);
    must(call.resume({.deadline = Clock::now() + milliseconds(5)}));
    ASSERT_EQ(call.state(), State::interrupted);
    must(must(machine.instance.global("n")).set(Value::i32(4)));
    must(call.resume({.deadline = Clock::now() + std::chrono::hours(1)}));
    ASSERT_EQ(call.state(), State::done);
    EXPECT_EQ(must(call.results())[0], Value::i32(4));
}

TEST(Call, CancelledOrPastItsDeadlineFails) {
    Machine machine(counter);
    const Func spin = machine.func("spin");
    const CancelToken cancel;
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(20));
        cancel.cancel();
    });
    const auto cancelled = spin.call({}, {.cancel = cancel});
    other.join();
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code(), Code::call);
    EXPECT_EQ(cancelled.error().kind(), ErrorKind::interrupted);
    const auto late = spin.call({}, {.deadline = Clock::now() + milliseconds(10)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), ErrorKind::interrupted);
    // Fuel and deadline together: whichever comes first.
    const auto both =
        spin.call({}, {.fuel = 1000, .deadline = Clock::now() + std::chrono::hours(1)});
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().code(), Code::fuel_exhausted);
    machine.call<void()>("bump");
    EXPECT_EQ(machine.call<int()>("spin"), 1);
}

TEST(Call, NestedInAHostFunctionIsStoppedWithTheOuterOne) {
    Store store;
    Imports imports;
    std::optional<Func> spin;
    bool asked = false;
    imports.func("h", "nest", [&](Caller& caller) -> Result<void> {
        EXPECT_TRUE(caller.deadline());
        auto done = spin->call();
        asked = caller.should_stop();
        if (!done) return std::unexpected(done.error());
        return {};
    });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "nest" (func $nest))
        (func (export "spin") loop br 0 end) (func (export "f") call $nest)))"),
                                                     imports));
    spin = must(instance.func("spin"));
    const auto stopped =
        must(instance.func("f")).call({}, {.deadline = Clock::now() + milliseconds(20)});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind(), ErrorKind::interrupted);
    EXPECT_TRUE(asked);
}

TEST(Invocation, SuspendedOnesLiveBesideOtherCalls) {
    Machine machine(counter);
    const Func f = machine.func("f");
    Invocation first = must(f.start(values(Value::i32(50)), {.fuel = 100}));
    Invocation second = must(f.start(values(Value::i32(60)), {.fuel = 100}));
    const std::vector<Value> plain50 = must(f.call(values(Value::i32(50))));
    const std::vector<Value> plain60 = must(f.call(values(Value::i32(60))));
    EXPECT_EQ(machine.call<int(int)>("down", 500), 500);
    // Resumed in turns.
    for (int i = 0; i < 1000 && first.state() != State::done; ++i) {
        must(first.resume({.fuel = 37}));
        if (second.state() != State::done) must(second.resume({.fuel = 41}));
        EXPECT_EQ(machine.call<int(int)>("down", 5), 5);
    }
    must(second.resume({.fuel = 10'000}));
    EXPECT_EQ(must(first.results()), plain50);
    EXPECT_EQ(must(second.results()), plain60);
}

TEST(Invocation, IsSuspendedDeepInTheGuestsStack) {
    Machine machine(counter);
    std::uint64_t total = 0, used = 0;
    must(machine.func("down").call(values(Value::i32(1000)),
                                   {.fuel = 1u << 20, .fuel_used = &total}));
    Invocation call = must(machine.func("down").start(values(Value::i32(1000)),
                                                      {.fuel = total / 2, .fuel_used = &used}));
    EXPECT_EQ(call.state(), State::out_of_fuel);
    EXPECT_EQ(machine.call<int(int)>("down", 2000), 2000);
    must(call.resume({.fuel = total - used, .fuel_used = &used}));
    ASSERT_EQ(call.state(), State::done);
    EXPECT_EQ(must(call.results())[0], Value::i32(1000));
}

TEST(Invocation, MayBeDroppedWhileSuspended) {
    Machine machine(counter);
    {
        Invocation call = must(machine.func("f").start(values(Value::i32(1000)), {.fuel = 100}));
        ASSERT_EQ(call.state(), State::out_of_fuel);
        Invocation moved = std::move(call);
        EXPECT_EQ(moved.state(), State::out_of_fuel);
    }
    EXPECT_EQ(machine.call<int(int)>("down", 100), 100);
    Invocation call = must(machine.func("f").start(values(Value::i32(3)), {.fuel = 0}));
    call = must(machine.func("down").start(values(Value::i32(3)), {.fuel = 1000}));
    EXPECT_EQ(must(call.results())[0], Value::i32(3));
}

TEST(Invocation, ATrapInASliceEndsItWithABacktrace) {
    Machine machine(counter);
    Invocation call = must(machine.func("die").start(values(Value::i32(100)), {.fuel = 100}));
    ASSERT_EQ(call.state(), State::out_of_fuel);
    must(call.resume({.fuel = 1000}));
    EXPECT_EQ(call.state(), State::failed);
    const auto result = call.results();
    expect_trap(result, Trap::unreachable);
    ASSERT_EQ(result.error().backtrace().size(), 1u);
    EXPECT_EQ(result.error().backtrace()[0].function, "die");
    EXPECT_FALSE(call.resume());
    EXPECT_EQ(machine.call<int(int)>("down", 10), 10);
}

TEST(Invocation, TrapsByAnExhaustedStackOfItsOwn) {
    Machine machine(counter, {}, {.max_stack_bytes = 32 << 10});
    Invocation call = must(machine.func("down").start(values(Value::i32(1 << 30)), {.fuel = 100}));
    ASSERT_EQ(call.state(), State::out_of_fuel);
    EXPECT_EQ(machine.call<int(int)>("down", 500), 500);  // another stack
    must(call.resume());
    expect_trap(call.results(), Trap::call_stack_exhausted, "call stack exhausted");
}

TEST(Invocation, ResumedInsideAHostFunctionAndReadAfterwards) {
    // The outer call is over when the inner one's error is asked for.
    Store store;
    Imports imports;
    std::optional<Invocation> inner;
    imports.func("h", "resume", [&] { must(inner->resume({.fuel = 1000})); });
    const Instance instance = must(store.instantiate(load(R"((module
        (import "h" "resume" (func $resume))
        (func (export "die") i32.const 1 drop i32.const 1 drop unreachable)
        (func (export "f") call $resume)))"),
                                                     imports));
    inner = must(must(instance.func("die")).start({}, {.fuel = 1}));
    ASSERT_EQ(inner->state(), State::out_of_fuel);
    must(must(instance.func("f")).call());
    EXPECT_EQ(inner->state(), State::failed);
    const auto result = inner->results();
    expect_trap(result, Trap::unreachable);
    EXPECT_EQ(result.error().backtrace().back().function, "die");
}

TEST(Invocation, GoesThroughHostFunctionsAndOtherInstances) {
    Store store;
    Imports imports;
    int calls = 0;
    imports.func("h", "count", [&](int a) { return a + ++calls; });
    const Instance b = must(store.instantiate(
        load(R"((module (import "h" "count" (func $count (param i32) (result i32)))
        (memory 1) (func (export "g") (param i32) (result i32)
          i32.const 0 local.get 0 i32.store
          i32.const 0 i32.load call $count)))"),
        imports));
    imports.instance("b", b);
    const Instance a =
        must(store.instantiate(load(R"((module (import "b" "g" (func $g (param i32) (result i32)))
        (memory 1) (data (i32.const 0) "\64")
        (func (export "f") (param i32) (result i32) (local i32)
          loop local.get 1 call $g i32.const 0 i32.load i32.add local.set 1
            local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end
          local.get 1)))"),
                               imports));
    const Func f = must(a.func("f"));
    int expected = 0;
    for (int i = 1; i <= 20; ++i)
        expected += i + 100;
    Invocation call = must(f.start(values(Value::i32(20)), {.fuel = 1}));
    int slices = 0;
    while (call.state() == State::out_of_fuel && ++slices < 10'000)
        must(call.resume({.fuel = 3}));
    EXPECT_EQ(must(call.results())[0], Value::i32(expected));
    EXPECT_GT(slices, 50);
    EXPECT_EQ(calls, 20);
}

TEST(Invocation, IsRefusedForHostFunctions) {
    Imports imports;
    imports.func("h", "f", [] {});
    Machine machine(R"((module (import "h" "f" (func $f)) (export "f" (func $f))))", imports);
    const auto refused = machine.func("f").start({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Code::type);
    EXPECT_EQ(refused.error().message(), "a host function cannot be called resumably");
}

}  // namespace
}  // namespace waxwing::test
