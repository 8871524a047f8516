#include <atomic>
#include <thread>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::string_view counter_module = R"((module
  (global $n (mut i32) (i32.const 0))
  (func (export "count") (param $times i32) (result i32)
    (loop $again
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (global.get $n))))";

// Two functions that wait for each other: only possible if both run at once.
TEST(Threads, calls_into_different_instances_run_in_parallel) {
    Runtime runtime;
    std::atomic<int> arrived = 0;
    runtime.func("env", "meet", [&] {
        ++arrived;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (arrived < 2 && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
    });
    const auto module = must(runtime.compile(wat(R"((module
      (import "env" "meet" (func $meet)) (func (export "go") call $meet)))")));
    const auto a = must(runtime.instantiate(module));
    const auto b = must(runtime.instantiate(module));
    {
        const std::jthread one([&] { EXPECT_TRUE(a.call("go")); });
        const std::jthread two([&] { EXPECT_TRUE(b.call("go")); });
    }
    EXPECT_EQ(arrived, 2);
}

TEST(Threads, calls_into_one_instance_take_turns) {
    Runtime runtime;
    const auto instance = make(runtime, counter_module);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int j = 0; j < 50; ++j)
                    EXPECT_TRUE(instance.call("count", 100));
            });
    }
    EXPECT_EQ(must(instance.call("count", 1)), std::vector{Value::i32(4 * 50 * 100 + 1)});
}

TEST(Threads, busy_instances_can_be_left_alone) {
    Runtime runtime;
    std::atomic<bool> inside = false;
    std::atomic<bool> leave = false;
    runtime.func("env", "stay", [&] {
        inside = true;
        while (!leave)
            std::this_thread::yield();
    });
    const auto instance = make(runtime, R"((module
      (import "env" "stay" (func $stay)) (func (export "go") call $stay)
      (func (export "fine"))))");
    const std::jthread other([&] { EXPECT_TRUE(instance.call("go")); });
    while (!inside)
        std::this_thread::yield();

    const auto busy = instance.try_call("fine");
    expect_error(busy, Code::call, "busy");
    const auto late = instance.call(
        "fine", {}, {.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), ErrorKind::interrupted);
    // Dropping does not wait, and who waits for a turn hears of it.
    std::atomic<bool> refused = false;
    const std::jthread waiting(
        [&] { refused = instance.call("fine").error().code() == Code::invalid_instance; });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(instance.drop());
    EXPECT_FALSE(refused);
    leave = true;
    while (!refused)
        std::this_thread::yield();
}

TEST(Threads, a_call_can_be_cancelled_from_another_thread) {
    Runtime runtime;
    const auto instance = make(runtime, "(module (func (export \"spin\") (loop br 0)))");
    const CancelToken token;
    const std::jthread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        token.cancel();
    });
    const auto result = instance.call("spin", {}, {.cancel = token});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
}

TEST(Threads, everything_at_once) {
    Runtime runtime;
    const auto bytes = wat(counter_module);
    const auto shared = must(runtime.compile(bytes));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            for (int j = 0; j < 50; ++j) {
                runtime.func("env", std::to_string(i), [] {});
                const auto own = must(runtime.compile(bytes));
                const auto a = must(runtime.instantiate(own));
                const auto b = must(runtime.instantiate(shared));
                EXPECT_EQ(must(a.call("count", 10)), std::vector{Value::i32(10)});
                EXPECT_EQ(must(runtime.call(b.id(), "count", {7})), std::vector{Value::i32(7)});
                EXPECT_TRUE(runtime.drop_module(own));
                EXPECT_FALSE(a.call("count", 1));
                EXPECT_TRUE(b.drop());
            }
        });
    threads.clear();
    EXPECT_EQ(runtime.instance_count(), 0u);
    EXPECT_EQ(runtime.module_count(), 1u);
}

}  // namespace
}  // namespace waxwing::test
