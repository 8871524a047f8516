// One module in several threads, each with a store of its own.
#include <atomic>
#include <thread>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr int thread_count = 4;

// All bodies run at once, after a common start.
void race(const std::function<void(int)>& body) {
    std::atomic<int> waiting = thread_count;
    std::vector<std::thread> threads;
    for (int i = 0; i < thread_count; ++i) {
        threads.emplace_back([&, i] {
            --waiting;
            while (waiting > 0)
                std::this_thread::yield();
            body(i);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
}

std::string many_functions(int count) {
    std::string text = "(module (memory 1) (func $f0 (param i32) (result i32) local.get 0)";
    for (int i = 1; i < count; ++i) {
        text += "(func $f" + std::to_string(i) +
                " (param i32) (result i32) (local i32 i32 i32 i32 i32)";
        for (int j = 0; j < i % 7; ++j)
            text += "i32.const " + std::to_string(j) + " local.set 1 ";
        text += "local.get 0 i32.const " + std::to_string(i) + " i32.add call $f" +
                std::to_string(i - 1) + ")";
    }
    return text + "(func (export \"f\") (param i32) (result i32) local.get 0 call $f" +
           std::to_string(count - 1) +
           ") (func (export \"die\") (param i32) local.get 0 call $f3 drop unreachable))";
}

TEST(Threads, TranslateFunctionsOfOneModuleWhileOthersRunThem) {
    for (int round = 0; round < 10; ++round) {
        const Module module = load(many_functions(200));
        race([&](int i) {
            Store store;
            const Instance instance = must(store.instantiate(module));
            const Func f = must(instance.func("f"));
            const std::vector<Value> args = values(Value::i32(i));
            for (int k = 0; k < 5; ++k) {
                const bool metered = (k + i) % 2;
                const auto results = metered ? f.call(args, {.fuel = 1u << 20}) : f.call(args);
                EXPECT_EQ(must(results)[0].as_i32(), i + 199 * 200 / 2);
            }
        });
    }
}

TEST(Threads, TrapsAreTracedWhileOthersTranslate) {
    for (int round = 0; round < 5; ++round) {
        const Module module = load(many_functions(100));
        race([&](int i) {
            Store store;
            const Instance instance = must(store.instantiate(module));
            for (int k = 0; k < 5; ++k) {
                if (i % 2) {
                    EXPECT_EQ(
                        must(must(instance.func("f")).call(values(Value::i32(k))))[0].as_i32(),
                        k + 99 * 100 / 2);
                    continue;
                }
                const auto failed = must(instance.func("die")).call(values(Value::i32(1)));
                expect_trap(failed, Trap::unreachable);
                EXPECT_EQ(failed.error().backtrace()[0].function, "die");
            }
        });
    }
}

TEST(Threads, ExhaustTheirStacksWhileOthersTranslate) {
    for (int round = 0; round < 5; ++round) {
        const Module module = load(R"((module (func $f (export "f") (param i32) (result i32)
            (local i64 i64 i64 i64 i64 i64 i64 i64)
            local.get 0 local.get 0 local.get 0 local.get 0 local.get 0
            call $f i32.add i32.add i32.add i32.add)))");
        race([&](int) {
            Store store({.max_stack_bytes = 4096});
            const Instance instance = must(store.instantiate(module));
            for (int k = 0; k < 3; ++k)
                expect_trap(must(instance.func("f")).call(values(Value::i32(k))),
                            Trap::call_stack_exhausted);
        });
    }
}

TEST(Threads, LoadModulesWithTheSameTypesAtOnce) {
    const std::vector<std::byte> bytes = wat(R"((module
        (type $a (func (param i32 f64) (result i64))) (type $b (func (param (ref null $a))))
        (table 1 funcref) (elem (i32.const 0) $f)
        (func $f (type $a) local.get 0 i64.extend_i32_s)
        (func (export "f") (result i64) i32.const 5 f64.const 1 i32.const 0 call_indirect (type $a))))");
    race([&](int) {
        for (int k = 0; k < 50; ++k) {
            const Module module = must(Module::load(bytes));
            Store store;
            const Instance instance = must(store.instantiate(module));
            EXPECT_EQ(must(must(instance.func("f")).call())[0].as_i64(), 5);
        }
    });
}

TEST(Threads, ShareImportsOfTheHost) {
    Imports imports;
    std::atomic<int> calls = 0;
    imports.func("h", "count", [&] { return ++calls; });
    const Module module = load(R"((module (import "h" "count" (func $count (result i32)))
        (func (export "f") call $count drop)))");
    race([&](int) {
        Store store;
        const Instance instance = must(store.instantiate(module, imports));
        for (int k = 0; k < 100; ++k)
            must(must(instance.func("f")).call());
    });
    EXPECT_EQ(calls, 100 * thread_count);
}

}  // namespace
}  // namespace waxwing::test
