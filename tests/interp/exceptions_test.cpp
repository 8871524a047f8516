// Throwing and catching: within a function, up the stack, across instances and
// through the host.
#include "support.hpp"

namespace waxwing::test {
namespace {

void expect_exception(const auto& result, std::string_view message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::call);
    EXPECT_EQ(result.error().kind(), ErrorKind::exception) << result.error().format();
    EXPECT_EQ(result.error().message(), message);
}

constexpr const char* basic = R"((module
  (tag $int (export "int") (param i32))
  (tag $many (export "many_tag") (param i32 f64 v128 externref f32))
  (tag $none (export "none"))
  (func $throw (export "throw") (param i32) (throw $int (local.get 0)))
  (func (export "throw_many") (param externref)
    (throw $many (i32.const -1) (f64.const 2.5) (v128.const i64x2 3 4) (local.get 0) (f32.const 5.5)))
  (func (export "throw_none") (throw $none))
  (func $trap (unreachable))

  (func (export "same_frame") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $int $caught)
        (throw $int (i32.add (local.get 0) (i32.const 1))))))
  (func (export "many") (param externref) (result i32 f64 v128 externref f32)
    (block $caught (result i32 f64 v128 externref f32)
      (try_table (result i32 f64 v128 externref f32) (catch $many $caught)
        (throw $many (i32.const -1) (f64.const 2.5) (v128.const i64x2 3 4) (local.get 0)
                     (f32.const 5.5)))))
  (func (export "returns") (param i32) (result i32)
    (try_table (result i32) (catch $int 0)
      (call $throw (i32.add (local.get 0) (i32.const 2)))
      (i32.const -1))
    (return))
  (func (export "traps")
    (try_table (catch_all 0) (call $trap)))
  ;; Which of two clauses, with values below that must stay.
  (func (export "clauses") (param i32) (result i32)
    (i32.const 1000)
    (block $both (result i32)
      (block $all
        (block $int (result i32)
          (try_table (catch $int $int) (catch_all $all)
            (if (local.get 0) (then (throw $int (local.get 0))))
            (throw $none))
          (unreachable))
        (br $both))
      (i32.const 7))
    (i32.add))
  ;; The inner one does not catch it.
  (func (export "outer") (result i32)
    (block $outer (result i32)
      (try_table (catch $int $outer)
        (block $inner
          (try_table (catch $none $inner)
            (call $throw (i32.const 30))))
        (unreachable))
      (unreachable)))
  ;; What the body did to locals stays; so does the loop.
  (func (export "count") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again (result i32)
      (if (result i32) (i32.eqz (local.get $n))
        (then (local.get $sum))
        (else
          (try_table (result i32) (catch_all $again)
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (throw $none))))))
  (func $deep (export "deep") (param i32)
    (if (i32.eqz (local.get 0)) (then (throw $int (i32.const 77))))
    (call $deep (i32.sub (local.get 0) (i32.const 1))))
  (func (export "catch_deep") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $int $caught) (call $deep (local.get 0)))
      (i32.const 0)))
  ;; A function that calls another in its place does not catch for it.
  (func $tail (param i32) (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (return_call $result (local.get 0))))
    (i32.const -1))
  (func $result (param i32) (result i32) (throw $int (local.get 0)))
  (func (export "tail") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $int $caught) (call $tail (local.get 0)))
      (drop)
      (i32.const -5)))
  (func (export "rethrow") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $int $caught)
        (block $ref (result exnref)
          (try_table (catch_all_ref $ref) (call $throw (local.get 0)))
          (unreachable))
        (throw_ref))
      (unreachable)))
  (func (export "throw_null") (throw_ref (ref.null exn)))
))";

class ExceptionModes : public testing::TestWithParam<bool> {
protected:
    Machine m{basic};
    // Calls in plain or metered code.
    Result<std::vector<Value>> try_run(const char* name, std::vector<Value> args = {}) {
        CallOptions options;
        if (GetParam()) options.fuel = 10'000'000;
        return m.func(name).call(args, options);
    }
    int run(const char* name, std::vector<Value> args = {}) {
        return must(try_run(name, std::move(args)))[0].as_i32();
    }
};
INSTANTIATE_TEST_SUITE_P(Code, ExceptionModes, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "Metered" : "Plain"; });

TEST_P(ExceptionModes, AThrowIsCaughtInItsOwnFrame) {
    EXPECT_EQ(run("same_frame", values(Value::i32(4))), 5);
}

TEST_P(ExceptionModes, ValuesOfEveryTypeArrive) {
    const auto got = must(try_run("many", values(Value::ref(externref, Ref::host(9)))));
    ASSERT_EQ(got.size(), 5u);
    EXPECT_EQ(got[0], Value::i32(-1));
    EXPECT_EQ(got[1], Value::f64(2.5));
    EXPECT_EQ(got[2].as_v128().bytes[0], 3);
    EXPECT_EQ(got[2].as_v128().bytes[8], 4);
    EXPECT_EQ(got[3].as_ref(), Ref::host(9));
    EXPECT_EQ(got[4], Value::f32(5.5f));
}

TEST_P(ExceptionModes, AClauseMayReturnFromTheFunction) {
    EXPECT_EQ(run("returns", values(Value::i32(40))), 42);
}

TEST_P(ExceptionModes, TheFirstClauseThatFitsCatches) {
    EXPECT_EQ(run("clauses", values(Value::i32(5))), 1005);
    EXPECT_EQ(run("clauses", values(Value::i32(0))), 1007);
    EXPECT_EQ(run("outer"), 30);
}

TEST_P(ExceptionModes, LocalsKeepWhatTheBodyWrote) {
    EXPECT_EQ(run("count", values(Value::i32(100))), 5050);
}

TEST_P(ExceptionModes, ManyFramesAreLeft) {
    EXPECT_EQ(run("catch_deep", values(Value::i32(20'000))), 77);
}

TEST_P(ExceptionModes, AFrameThatMadeATailCallCatchesNothing) {
    EXPECT_EQ(run("tail", values(Value::i32(6))), 6);
}

TEST_P(ExceptionModes, AnExceptionCanBeThrownAgain) {
    EXPECT_EQ(run("rethrow", values(Value::i32(8))), 8);
    expect_trap(try_run("throw_null"), Trap::null_exception_reference);
}

TEST_P(ExceptionModes, TrapsAreNotCaught) { expect_trap(try_run("traps"), Trap::unreachable); }

TEST_P(ExceptionModes, WhatNobodyCatchesIsTold) {
    const auto result = try_run("throw", values(Value::i32(-3)));
    expect_exception(result, "uncaught exception i32:-3");
    ASSERT_EQ(result.error().backtrace().size(), 1u);
    EXPECT_EQ(result.error().backtrace()[0].function, "throw");
    expect_exception(try_run("throw_none"), "uncaught exception");
}

TEST_P(ExceptionModes, TheHostSeesTagAndValues) {
    const auto result = try_run("throw_many", values(Value::ref(externref, Ref::host(1))));
    ASSERT_FALSE(result);
    const auto exception = Exception::of(result.error());
    ASSERT_TRUE(exception);
    EXPECT_EQ(exception->tag(), std::get<Tag>(must(m.instance.get("many_tag"))));
    const auto carried = exception->values();
    ASSERT_EQ(carried.size(), 5u);
    EXPECT_EQ(carried[1], Value::f64(2.5));
    EXPECT_EQ(carried[4], Value::f32(5.5f));
    EXPECT_FALSE(Exception::of(Error::trapped(Trap::unreachable)));
}

// Through the host -----------------------------------------------------------------------

constexpr const char* through_host = R"((module
  (import "host" "call" (func $host (param i32) (result i32)))
  (tag $int (export "int") (param i32))
  (tag $other (param i32))
  (memory (export "memory") 1)
  (func (export "inner") (param i32) (result i32) (throw $int (local.get 0)))
  (func (export "outer") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $other $caught) (catch $int $caught)
        (call $host (local.get 0))))
    (i32.add (i32.const 100)))
  (func (export "catch_and_throw") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $int $caught) (call $host (local.get 0))))
    (local.set 0)
    (throw $int (i32.sub (i32.const 0) (local.get 0))))
  (func (export "uncaught") (param i32) (result i32) (call $host (local.get 0)))
  (func $tail (param i32) (result i32)
    (block $caught
      (try_table (catch_all $caught) (return_call $host (local.get 0))))
    (i32.const -1))
  (func (export "tail") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $int $caught) (call $tail (local.get 0))))
    (i32.add (i32.const 200)))
))";

struct ThroughHost {
    explicit ThroughHost(std::function<Result<int>(ThroughHost&, int)> host) {
        Imports imports;
        imports.func("host", "call", [this, host](int argument) { return host(*this, argument); });
        instance = must(store.instantiate(load(through_host), imports));
    }
    Result<int> try_call(const char* name, int argument) {
        return must(instance->func<int(int)>(name))(argument);
    }
    int call(const char* name, int argument) { return must(try_call(name, argument)); }
    Tag tag() { return std::get<Tag>(must(instance->get("int"))); }

    Store store;
    std::optional<Instance> instance;
};

TEST(Exceptions, PassThroughAHostFunctionThatReturnsTheError) {
    ThroughHost t([](ThroughHost& self, int argument) { return self.try_call("inner", argument); });
    EXPECT_EQ(t.call("outer", 5), 105);
    EXPECT_EQ(t.call("tail", 6), 206);
    expect_exception(t.try_call("uncaught", 7), "uncaught exception i32:7");
    t.store.collect_garbage();
    EXPECT_EQ(t.store.heap_use().live_bytes, 0u);
}

TEST(Exceptions, OneThatWasCaughtIsForgotten) {
    ThroughHost t([](ThroughHost& self, int argument) { return self.try_call("inner", argument); });
    expect_exception(t.try_call("catch_and_throw", 5), "uncaught exception i32:-5");
}

TEST(Exceptions, AHostFunctionMayHandleOne) {
    ThroughHost t([](ThroughHost& self, int argument) -> Result<int> {
        const auto result = self.try_call("inner", argument);
        const auto exception = Exception::of(result.error());
        self.store.collect_garbage();
        return exception->values()[0].as_i32() * 2;
    });
    EXPECT_EQ(t.call("outer", 5), 110);
}

TEST(Exceptions, AHostFunctionMayThrow) {
    ThroughHost t([](ThroughHost& self, int argument) -> Result<int> {
        const Exception exception =
            must(Exception::make(self.store, self.tag(), values(Value::i32(argument * 3))));
        self.store.collect_garbage();
        return std::unexpected(exception.error());
    });
    EXPECT_EQ(t.call("outer", 5), 115);
    EXPECT_EQ(t.call("tail", 5), 215);
    const auto wrong = Exception::make(t.store, t.tag(), values(Value::i64(1)));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code(), Code::type);
}

TEST(Exceptions, OtherErrorsOfTheHostAreNotCaught) {
    ThroughHost t(
        [](ThroughHost&, int) -> Result<int> { return std::unexpected(Error::host("no luck")); });
    for (const char* name : {"outer", "tail"}) {
        const auto result = t.try_call(name, 1);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind(), ErrorKind::host);
        EXPECT_EQ(result.error().message(), "no luck");
    }
}

TEST(Exceptions, OnesOfAnotherStoreAreNotCaught) {
    Machine other(basic);
    ThroughHost t([&](ThroughHost&, int) -> Result<int> {
        return std::unexpected(other.func("throw").call(values(Value::i32(1))).error());
    });
    expect_exception(t.try_call("outer", 1), "uncaught exception i32:1");
}

TEST(Exceptions, ATagOfTheHostIsSharedByInstances) {
    Store store;
    const Tag tag = must(store.tag({{i32}, {}}));
    Imports imports;
    imports.define("host", "tag", tag);
    const Instance a =
        must(store.instantiate(load(R"((module (tag $t (import "host" "tag") (param i32))
                        (func (export "throw") (param i32) (throw $t (local.get 0)))))"),
                               imports));
    const auto result = must(a.func("throw")).call(values(Value::i32(3)));
    ASSERT_FALSE(result);
    EXPECT_EQ(Exception::of(result.error())->tag(), tag);
}

// Across instances -----------------------------------------------------------------------

TEST(Exceptions, TheCatchingInstanceHasItsMemoryBack) {
    Store store;
    Imports imports;
    const Instance inner = must(store.instantiate(load(R"((module
      (tag $t (export "t") (param i32))
      (memory 3)
      (func (export "throw") (param i32)
        (i32.store (i32.const 0) (i32.const 999))
        (throw $t (local.get 0)))))")));
    imports.instance("inner", inner);
    const Instance middle = must(store.instantiate(load(R"((module
      (import "inner" "throw" (func $throw (param i32)))
      (tag $t (param i32))
      (func (export "throw") (param i32)
        (block $no (result i32)
          (try_table (catch $t $no) (call $throw (local.get 0)))
          (return))
        (drop))))"),
                                                   imports));
    imports.instance("middle", middle);
    const Instance outer = must(store.instantiate(load(R"((module
      (import "middle" "throw" (func $throw (param i32)))
      (import "inner" "t" (tag $t (param i32)))
      (memory 1)
      (data (i32.const 0) "\2a")
      (func $call (param i32) (call $throw (local.get 0)))
      (func (export "run") (param i32) (result i32 i32 i32)
        (block $caught (result i32)
          (try_table (catch $t $caught) (call $call (local.get 0)))
          (i32.const -1))
        (i32.load (i32.const 0))
        (memory.size))))"),
                                                  imports));
    const Func run = must(outer.func("run"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(must(run.call(values(Value::i32(i)))),
                  values(Value::i32(i), Value::i32(42), Value::i32(1)));
    }
    const auto result = must(middle.func("throw")).call(values(Value::i32(1)));
    expect_exception(result, "uncaught exception i32:1");
    EXPECT_EQ(result.error().backtrace().size(), 2u);
}

TEST(Exceptions, TheCatchingInstanceGoesOnInItsOwnCall) {
    // top -> middle -> bottom -> the host -> other -> middle: an exception from the
    // innermost is caught by the outer frame of middle, which then calls and returns.
    Store store;
    std::optional<Instance> other;
    Imports imports;
    imports.func("host", "call", [&](int argument) -> Result<int> {
        return must(other->func<int(int)>("run"))(argument);
    });
    const auto add = [&](const char* name, const char* text) {
        const Instance made = must(store.instantiate(load(text), imports));
        imports.instance(name, made);
        return made;
    };
    add("bottom", R"((module (import "host" "call" (func $call (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $call (local.get 0)))))");
    const Instance middle =
        add("middle", R"((module (import "bottom" "run" (func $run (param i32) (result i32)))
      (tag $t (param i32))
      (memory 1)
      (global $runs (export "runs") (mut i32) (i32.const 0))
      (func $deep (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0))))
      (func (export "throw") (param i32) (result i32) (throw $t (local.get 0)))
      (func (export "run") (param i32) (result i32)
        (block $caught (result i32)
          (try_table (result i32) (catch $t $caught) (call $run (local.get 0))))
        (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
        (i32.add (call $deep (i32.const 100))))))");
    other = add("other", R"((module (import "middle" "throw" (func $throw (param i32) (result i32)))
      (func (export "run") (param i32) (result i32)
        (i32.add (i32.const 1) (call $throw (local.get 0))))))");
    const Instance top =
        add("top", R"((module (import "middle" "run" (func $run (param i32) (result i32)))
      (memory 2)
      (func (export "run") (param i32) (result i32)
        (i32.add (call $run (local.get 0)) (i32.mul (memory.size) (i32.const 1000))))))");
    const auto run = must(top.func<int(int)>("run"));
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(must(run(i)), 2100 + i);
    EXPECT_EQ(must(middle.global("runs")).get().as_i32(), 3);
}

// Other ways to run --------------------------------------------------------------------------

TEST(Exceptions, OneInTheStartFunctionFailsInstantiation) {
    Store store;
    const auto made = store.instantiate(load(R"((module
      (tag $t (param i64))
      (func $start (throw $t (i64.const 5)))
      (start $start))
    )"));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::instantiate);
    EXPECT_EQ(made.error().kind(), ErrorKind::exception);
    EXPECT_EQ(made.error().message(), "uncaught exception i64:5");
}

TEST(Exceptions, ACallThatWaitedEndsWithTheException) {
    Machine m(basic);
    Invocation call = must(m.func("deep").start(values(Value::i32(50)), {.fuel = 20}));
    ASSERT_EQ(call.state(), Invocation::State::out_of_fuel);
    must(call.resume());
    EXPECT_EQ(call.state(), Invocation::State::failed);
    m.store.collect_garbage();
    expect_exception(call.results(), "uncaught exception i32:77");
}

TEST(Exceptions, NestedRegionsAreFoundByPlace) {
    // 200 try_tables after and within each other, each with a tag of its own.
    std::string text = "(module\n";
    for (int i = 0; i < 200; ++i)
        text += "(tag $t" + std::to_string(i) + ")\n";
    text += "(func $throw (param i32)\n";
    for (int i = 0; i < 200; ++i) {
        const std::string n = std::to_string(i);
        text += "(if (i32.eq (local.get 0) (i32.const " + n + ")) (then (throw $t" + n + ")))\n";
    }
    text += ")\n(func (export \"run\") (param i32) (result i32)\n";
    for (int i = 0; i < 200; i += 2) {
        const std::string n = std::to_string(i), m = std::to_string(i + 1);
        text +=
            "(block $out" + n + " (block $in" + n + " (try_table (catch $t" + n + " $out" + n +
            ") (try_table (catch $t" + m + " $in" + n + ") (if (i32.eq (local.get 0) (i32.const " +
            n + ")) (then (call $throw (i32.const " + n +
            ")))) (if (i32.eq (local.get 0) (i32.const " + m + ")) (then (call $throw (i32.const " +
            m + "))))) (br $out" + n + ")) (unreachable)) (return (i32.const " + m + ")))\n";
        text += "(if (i32.eq (local.get 0) (i32.const " + n + ")) (then (return (i32.const " + n +
                "))))\n";
    }
    text += "(i32.const -1)))";
    Machine machine(text);
    for (int i = 0; i < 200; ++i)
        EXPECT_EQ((machine.call<int(int)>("run", i)), i) << i;
    EXPECT_EQ((machine.call<int(int)>("run", 200)), -1);
}

}  // namespace
}  // namespace waxwing::test
