// Instantiating and running where memory runs out: what fails is an error, -1 or a trap, and
// afterwards all goes on.
#include "exhaustion.hpp"

namespace waxwing::test {
namespace {

Module load(std::string_view text) { return must(Module::load(wat(text))); }

std::size_t objects_of(const Store& store) { return store.heap_use().committed_bytes; }

// One instance for each attempt, made while nothing fails.
struct Guest {
    explicit Guest(const Module& module, const Imports& imports = {},
                   const StoreLimits& limits = {})
        : store(limits), instance(must(store.instantiate(module, imports))) {}
    template <class Signature, class... A>
    auto call(Attempt& attempt, const char* name, A... args) {
        const auto func = must(instance.func<Signature>(name));
        return attempt([&] { return func(args...); });
    }
    Store store;
    Instance instance;
};

// The result, or the trap for which a request has failed, and then the result of another call.
template <class Signature, class R, class... A>
void expect_call(Attempt& attempt, Guest& guest, const char* name, R expected, A... args) {
    auto result = guest.call<Signature>(attempt, name, args...);
    if (!result) {
        EXPECT_GT(attempt.failed(), 0u) << result.error().format();
        EXPECT_EQ(result.error().code(), Code::call);
        EXPECT_TRUE(result.error().message().starts_with("out of memory"))
            << result.error().format();
        Attempt none(Failure{});
        result = guest.call<Signature>(none, name, args...);
    }
    ASSERT_TRUE(result) << result.error().format();
    EXPECT_EQ(*result, expected);
}

TEST(ExhaustionRun, Instantiate) {
    const Module imported = load(R"((module (memory (export "m") 2) (table (export "t") 4 funcref)
      (func (export "get") (result i32) (i32.load (i32.const 65536)))))");
    const Module module = load(
        R"((module (import "a" "m" (memory 2)) (import "h" "f" (func $h (param i32) (result i32)))
        (import "a" "t" (table $imported 4 funcref))
        (tag) (memory 3) (memory 2 40) (table $t 30000 funcref) (table 9000 9100 externref)
        (global (mut i32) (i32.const 7)) )" +
        repeat(4000, [](int i) { return "(global i64 (i64.const " + std::to_string(i) + "))"; }) +
        "(elem (table $imported) (i32.const 0) func $a)(elem (table $t) (i32.const 0) func" +
        repeat(9000, [](int) { return " $a"; }) + ")(elem funcref " +
        repeat(9000, [](int) { return "(ref.func $a)"; }) + ")(data (i32.const 65536) \"abcd\")" +
        R"((func $a (export "f") (result i32) (call $h (i32.const 1)))))");
    for (const bool reserve : {true, false}) {
        StoreLimits limits;
        limits.reserve_address_space = reserve;
        fail_large_and_any(4, [&](Attempt& attempt) {
            Store store(limits);
            const Instance first = must(store.instantiate(imported));
            Imports imports;
            imports.instance("a", first);
            imports.func("h", "f", [](int x) { return x + 1; });
            auto made = attempt([&] { return store.instantiate(module, imports); });
            if (!made) {
                EXPECT_GT(attempt.failed(), 0u);
                EXPECT_EQ(made.error().code(), Code::instantiate);
                EXPECT_TRUE(made.error().kind() == ErrorKind::limit) << made.error().format();
                made = store.instantiate(module, imports);
            }
            ASSERT_TRUE(made) << made.error().format();
            EXPECT_EQ(must(must(made->func<int()>("f"))()), 2);
            EXPECT_EQ(must(must(first.func<int()>("get"))()), 0x64636261);
        });
    }
}

// What a refused instance held is given back at once, not when the store ends.
TEST(ExhaustionRun, RefusedInstanceIsGone) {
    const Module module = load("(module (memory 100) (table 100000 funcref) (table 1000000 funcref)"
                               "(func (export \"f\")))");
    Store store;
    must(store.instantiate(load("(module (memory 1))")));
    const Held before = held();
    Attempt attempt({3, large, true});
    const auto made = attempt([&] { return store.instantiate(module); });
    ASSERT_FALSE(made);
    EXPECT_GT(attempt.failed(), 0u);
    const Held after = held();
    EXPECT_LE(after.block_bytes, before.block_bytes + 4096);
    EXPECT_EQ(after.mapped_bytes, before.mapped_bytes);
    must(store.instantiate(module));
}

// A module of which data is mapped from its second instance on.
TEST(ExhaustionRun, DataImage) {
    const Module module = load("(module (memory (export \"memory\") 4) (data (i32.const 100) \"" +
                               std::string(200'000, 'd') + "\"))");
    const auto bytes = wat("(module (memory (export \"memory\") 4) (data (i32.const 100) \"" +
                           std::string(200'000, 'd') + "\"))");
    fail_large_and_any(1, [&](Attempt& attempt) {
        const Module fresh = must(Module::load(bytes));
        Store store;
        for (int i = 0; i < 3; ++i) {
            auto made = attempt([&] { return store.instantiate(fresh); });
            if (!made) {
                expect_no_memory(made.error(), Code::instantiate,
                                 made.error().message().starts_with("the host has no room")
                                     ? "the host has no room"
                                     : "out of memory");
                made = store.instantiate(fresh);
            }
            const auto data = must(made->memory()).data();
            EXPECT_EQ(data[99], std::byte{0});
            EXPECT_EQ(data[100], std::byte{'d'});
            EXPECT_EQ(data[200'099], std::byte{'d'});
            EXPECT_EQ(data[200'100], std::byte{0});
        }
    });
}

TEST(ExhaustionRun, MemoryGrow) {
    const Module module = load(R"((module (memory (export "m") 1 100)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size))
      (func (export "get") (result i32) (i32.load (i32.const 65532)))
      (data (i32.const 65532) "abcd")))");
    for (const bool reserve : {true, false}) {
        StoreLimits limits;
        limits.reserve_address_space = reserve;
        fail_each(any, [&](Attempt& attempt) {
            Guest guest(module, {}, limits);
            Attempt none(Failure{});
            ASSERT_TRUE(guest.call<int()>(none, "size"));  // translated, and with a stack
            ASSERT_TRUE(guest.call<int(int)>(none, "grow", 0));
            for (int pages = 1; pages < 40; pages += 19) {
                const int before = must(guest.call<int()>(none, "size"));
                const int grown = must(guest.call<int(int)>(attempt, "grow", 19));
                if (grown == -1)
                    EXPECT_GT(attempt.failed(), 0u);
                else
                    EXPECT_EQ(grown, before);
                EXPECT_EQ(must(guest.call<int()>(none, "size")),
                          grown == -1 ? before : before + 19);
                EXPECT_EQ(must(guest.call<int()>(none, "get")), 0x64636261);
            }
            const Memory memory = must(guest.instance.memory("m"));
            const std::uint64_t before = memory.size();
            if (auto grown = attempt([&] { return memory.grow(5); }); !grown)
                expect_no_memory(grown.error(), Code::memory,
                                 grown.error().message().starts_with("memory growth refused")
                                     ? "memory growth refused"
                                     : "out of memory");
            else
                EXPECT_EQ(memory.size(), before + 5);
        });
    }
}

TEST(ExhaustionRun, TableGrow) {
    const Module module = load(R"((module (table $t (export "t") 1 funcref)
      (elem declare func $f)
      (func $f)
      (func (export "grow") (param i32) (result i32)
        (table.grow $t (ref.func $f) (local.get 0)))
      (func (export "size") (result i32) (table.size $t))
      (func (export "last") (result i32)
        (ref.is_null (table.get $t (i32.sub (table.size $t) (i32.const 1)))))))");
    const std::size_t requests = fail_each(large, [&](Attempt& attempt) {
        Guest guest(module);
        Attempt none(Failure{});
        ASSERT_TRUE(guest.call<int()>(none, "size"));
        ASSERT_TRUE(guest.call<int(int)>(none, "grow", 1));
        for (int i = 0; i < 3; ++i) {
            const int before = must(guest.call<int()>(none, "size"));
            const int grown = must(guest.call<int(int)>(attempt, "grow", 50'000));
            EXPECT_EQ(must(guest.call<int()>(none, "size")),
                      grown == -1 ? before : before + 50'000);
            EXPECT_EQ(grown == -1 ? attempt.failed() > 0 : grown == before, true);
            EXPECT_EQ(must(guest.call<int()>(none, "last")), 0);
        }
        const Table table = must(guest.instance.table("t"));
        const std::uint64_t before = table.size();
        const Value null = Value::null(funcref);
        if (auto grown = attempt([&] { return table.grow(500'000, null); }); !grown)
            expect_no_memory(grown.error(), Code::memory, "table growth refused");
        EXPECT_TRUE(table.size() == before || table.size() == before + 500'000);
    });
    EXPECT_GE(requests, 2u);
}

// The first call of a large function translates it; what failed is tried again.
TEST(ExhaustionRun, Translate) {
    for (const std::size_t least : {large, any}) {
        const auto bytes =
            wat("(module (func $long (export \"long\") (param i32) (result i32) " +
                repeat(least == large ? 9000 : 20,
                       [](int i) {
                           const std::string n = std::to_string(i);
                           return "(if (i32.eq (local.get 0) (i32.const " + n +
                                  ")) (then (return (i32.const 1" + n + "))))";
                       }) +
                "(i32.const -1))"
                "(func (export \"f\") (param i32) (result i32) (call $long (local.get 0))))");
        const std::size_t requests = fail_each(least, [&](Attempt& attempt) {
            Guest guest(must(Module::load(bytes)));
            expect_call<int(int)>(attempt, guest, "f", 18, 8);
            expect_call<int(int)>(attempt, guest, "long", 19, 9);
            const auto func = must(guest.instance.func("f"));
            const CallOptions options{.fuel = 1'000'000};
            const Value args[] = {Value::i32(3)};
            auto metered = attempt([&] { return func.call(args, options); });
            if (!metered) {
                expect_no_memory(metered.error(), Code::call);
                metered = func.call(args, options);
            }
            EXPECT_EQ(must(metered)[0], Value::i32(13));
        });
        EXPECT_GE(requests, 3u);
    }
}

constexpr const char* objects = R"((module
  (type $pair (struct (field i32) (field (ref null $pair)) (field (ref null $pair))))
  (type $bytes (array (mut i8)))
  (type $pairs (array (mut (ref null $pair))))
  ;; A list of n, and an array with all of them.
  (func (export "list") (param $n i32) (result i32)
    (local $list (ref null $pair)) (local $all (ref null $pairs)) (local $sum i32)
    (local.set $all (array.new_default $pairs (local.get $n)))
    (loop $more
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $list (struct.new $pair (local.get $n) (local.get $list) (local.get $list)))
      (array.set $pairs (local.get $all) (local.get $n) (local.get $list))
      (drop (array.new $bytes (i32.const 1) (i32.const 500)))
      (br_if $more (local.get $n)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (struct.get $pair 0 (local.get $list))))
      (br_if $next (i32.eqz (ref.is_null
        (local.tee $list (struct.get $pair 1 (local.get $list)))))))
    (local.get $sum))
  ;; A tree, of which the collector has much to remember at a time.
  (func $tree (param $depth i32) (result (ref null $pair))
    (if (result (ref null $pair)) (local.get $depth)
      (then (struct.new $pair (local.get $depth)
        (call $tree (i32.sub (local.get $depth) (i32.const 1)))
        (call $tree (i32.sub (local.get $depth) (i32.const 1)))))
      (else (ref.null $pair))))
  (func $sum (param $tree (ref null $pair)) (result i32)
    (if (result i32) (ref.is_null (local.get $tree))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (i32.add
        (call $sum (struct.get $pair 1 (local.get $tree)))
        (call $sum (struct.get $pair 2 (local.get $tree))))))))
  (global $kept (mut (ref null $pair)) (ref.null $pair))
  (func (export "plant") (param i32) (global.set $kept (call $tree (local.get 0))))
  (func (export "count") (result i32) (call $sum (global.get $kept)))
  (func (export "array") (param i32) (result i32)
    (array.len (array.new_default $bytes (local.get 0))))))";

TEST(ExhaustionRun, Objects) {
    const auto bytes = wat(objects);
    fail_large_and_any(4, [&](Attempt& attempt) {
        Guest guest(must(Module::load(bytes)));
        expect_call<int(int)>(attempt, guest, "list", 20'000 * 19'999 / 2, 20'000);
        expect_call<int(int)>(attempt, guest, "array", 1'000'000, 1'000'000);
        attempt([&] { guest.store.collect_garbage(); });
        expect_call<int(int)>(attempt, guest, "list", 1000 * 999 / 2, 1000);
        EXPECT_GT(objects_of(guest.store), 0u);
    });
}

// Collections where the stack of what is to be visited cannot grow.
TEST(ExhaustionRun, CollectWithoutMemory) {
    const Module module = load(objects);
    for (const bool wide : {false, true}) {
        Guest guest(module);
        Attempt none(Failure{});
        ASSERT_TRUE(guest.call<void(int)>(none, "plant", 16));
        if (wide) ASSERT_TRUE(guest.call<int(int)>(none, "list", 100'000));
        Attempt attempt({1, any, true});
        attempt([&] {
            guest.store.collect_garbage();
            guest.store.collect_garbage();
        });
        ASSERT_TRUE(guest.call<int(int)>(none, "list", 30'000));
        EXPECT_EQ(must(guest.call<int()>(none, "count")), (1 << 16) - 1);
        guest.store.collect_garbage();
        EXPECT_GE(guest.store.heap_use().live_bytes, ((1u << 16) - 1) * 32u);
    }
}

// Going back and forth between instances, deeper and deeper, and tail calls in between.
TEST(ExhaustionRun, DeepCallsBetweenInstances) {
    const Module there = load(R"((module (import "h" "t" (table $t 2 funcref))
      (type $f (func (param i32) (result i32)))
      (func (export "f") (type $f)
        (i32.add (i32.const 1)
          (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))
      (elem (i32.const 1) func 0)))");
    const Module here = load(R"((module (table $t (export "t") 2 funcref)
      (type $f (func (param i32) (result i32)))
      (func $f (export "f") (type $f)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
        (return_call_indirect (type $f) (local.get 0) (i32.const 1)))
      (elem (i32.const 0) func $f)))");
    fail_large_and_any(1, [&](Attempt& attempt) {
        Guest guest(here);
        Imports imports;
        imports.instance("h", guest.instance);
        must(guest.store.instantiate(there, imports));
        expect_call<int(int)>(attempt, guest, "f", 10'000, 10'000);
        // Too deep: the trap comes with its place, or without if there is no memory for that.
        const auto deep = guest.call<int(int)>(attempt, "f", 100'000'000);
        ASSERT_FALSE(deep);
        EXPECT_TRUE(deep.error().trap() == Trap::call_stack_exhausted || attempt.failed() > 0);
    });
}

TEST(ExhaustionRun, Exceptions) {
    const auto bytes = wat(R"((module (tag $e (export "e") (param i32 i64))
      (func $throw (param i32) (throw $e (local.get 0) (i64.const 5)))
      (func (export "caught") (param i32) (result i32)
        (block $h (result i32 i64)
          (try_table (catch $e $h) (call $throw (local.get 0)))
          (unreachable))
        (drop))
      (func (export "uncaught") (param i32) (call $throw (local.get 0)))))");
    fail_each(any, [&](Attempt& attempt) {
        Guest guest(must(Module::load(bytes)));
        expect_call<int(int)>(attempt, guest, "caught", 12, 12);
        auto uncaught = guest.call<void(int)>(attempt, "uncaught", 3);
        ASSERT_FALSE(uncaught);
        EXPECT_EQ(uncaught.error().code(), Code::call);
        if (uncaught.error().kind() != ErrorKind::exception) {
            EXPECT_GT(attempt.failed(), 0u);
            expect_no_memory(uncaught.error(), Code::call);
        }
    });
}

TEST(ExhaustionRun, FunctionReferences) {
    const auto bytes =
        wat("(module (elem declare func" +
            repeat(300, [](int i) { return " $f" + std::to_string(i); }) + ")" +
            repeat(300, [](int i) { return "(func $f" + std::to_string(i) + ")"; }) +
            "(func (export \"all\") (result i32)" +
            repeat(300, [](int i) { return "(drop (ref.func $f" + std::to_string(i) + "))"; }) +
            "(i32.const 300)))");
    fail_each(any, [&](Attempt& attempt) {
        Guest guest(must(Module::load(bytes)));
        expect_call<int()>(attempt, guest, "all", 300);
    });
}

TEST(ExhaustionRun, TrapsTellTheirPlace) {
    const auto bytes = wat(R"((module $m (func $deep (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))))
        (unreachable))
      (func (export "f") (call $deep (i32.const 5000)))))");
    fail_large_and_any(1, [&](Attempt& attempt) {
        Guest guest(must(Module::load(bytes)));
        const auto result = guest.call<void()>(attempt, "f");
        ASSERT_FALSE(result);
        if (attempt.failed() == 0) {
            EXPECT_EQ(result.error().trap(), Trap::unreachable);
            EXPECT_EQ(result.error().backtrace().size(), 80u);
            EXPECT_EQ(result.error().backtrace()[0].function, "deep");
        } else {
            EXPECT_TRUE(result.error().trap() == Trap::unreachable ||
                        result.error().message().starts_with("out of memory"))
                << result.error().format();
        }
    });
}

TEST(ExhaustionRun, ResumableCalls) {
    const auto bytes = wat(R"((module (func (export "f") (param i32) (result i32)
        (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.const 9))))");
    fail_large_and_any(1, [&](Attempt& attempt) {
        Guest guest(must(Module::load(bytes)));
        const Func func = must(guest.instance.func("f"));
        const Value args[] = {Value::i32(1000)};
        auto call = twice(attempt, Code::call, [&] { return func.start(args, {.fuel = 100}); });
        if (call->state() == Invocation::State::failed) {  // it could not be translated
            EXPECT_GT(attempt.failed(), 0u);
            return;
        }
        while (call->state() == Invocation::State::out_of_fuel) {
            auto more = attempt([&] { return call->resume({.fuel = 1000}); });
            if (!more) expect_no_memory(more.error(), Code::call);
        }
        auto results = twice(attempt, Code::call, [&] { return call->results(); });
        EXPECT_EQ(results->at(0), Value::i32(9));
    });
}

TEST(ExhaustionRun, ObjectsOfTheHost) {
    const FuncType carried{{i32, i64}, {}};
    fail_large_and_any(2, [&](Attempt& attempt) {
        Store store;
        const auto memory = attempt([&] { return store.memory(MemoryType{.limits = {3, {}}}); });
        if (!memory) EXPECT_EQ(memory.error().code(), Code::instantiate);
        const TableType type{.element = funcref, .limits = {20'000, {}}};
        const auto table = twice(attempt, Code::instantiate,
                                 [&] { return store.table(type, Value::null(funcref)); });
        EXPECT_EQ(table->size(), 20'000u);
        const auto tag = twice(attempt, Code::instantiate, [&] { return store.tag(carried); });
        const Value values[] = {Value::i32(1), Value::i64(2)};
        const auto exception =
            twice(attempt, Code::memory, [&] { return Exception::make(store, *tag, values); });
        EXPECT_EQ(exception->values()[1], Value::i64(2));
    });
}

// What a host function throws does not go through the guest.
TEST(ExhaustionRun, HostFunctionsThatThrow) {
    const Module module = load(R"((module (import "h" "f" (func $f (param i32)))
      (func (export "f") (param i32) (call $f (local.get 0)))
      (func (export "g") (param i32) (return_call $f (local.get 0)))))");
    Imports imports;
    imports.func("h", "f", [](int what) {
        if (what == 1) throw std::runtime_error("something else");
        if (what == 2) throw std::bad_alloc();
        if (what == 3) throw 3;
    });
    Guest guest(module, imports);
    Attempt none(Failure{});
    for (const char* name : {"f", "g"}) {
        EXPECT_TRUE(guest.call<void(int)>(none, name, 0));
        const auto thrown = guest.call<void(int)>(none, name, 1);
        ASSERT_FALSE(thrown);
        EXPECT_EQ(thrown.error().kind(), ErrorKind::host);
        EXPECT_EQ(thrown.error().message(), "exception: something else");
        EXPECT_FALSE(thrown.error().backtrace().empty());
        const auto out = guest.call<void(int)>(none, name, 2);
        ASSERT_FALSE(out);
        expect_no_memory(out.error(), Code::call);
        const auto number = guest.call<void(int)>(none, name, 3);
        ASSERT_FALSE(number);
        EXPECT_EQ(number.error().kind(), ErrorKind::host);
        EXPECT_TRUE(guest.call<void(int)>(none, name, 0));
    }
}

}  // namespace
}  // namespace waxwing::test
