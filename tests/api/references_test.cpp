// References and exceptions of the handle layer: got on one thread, dropped on another,
// given to the wrong instance, kept after the instance has gone.
#include <atomic>
#include <thread>

#include "support.hpp"

namespace waxwing::test {
namespace {

constexpr std::string_view points = R"((module
  (type $point (struct (field (mut i64))))
  (tag $tag (param i64))
  (func (export "throw") (param i64) (throw $tag (local.get 0)))
  (func (export "new") (param i64) (result (ref $point)) (struct.new $point (local.get 0)))
  (func (export "x") (param (ref $point)) (result i64) (struct.get $point 0 (local.get 0)))
  (func (export "fill") (param $n i32)
    (loop $next
      (drop (struct.new $point (i64.const 0x4141414141414141)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))))";

Error thrown_by(const InstanceRef& instance, std::int64_t value) {
    return instance.call("throw", value).error();
}

// Errors that carry an exception go out of scope without the instance's turn.
TEST(References, errors_are_dropped_by_any_thread) {
    Runtime runtime;
    const InstanceRef instance = make(runtime, points);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                std::vector<Error> held;
                for (int k = 0; k < 100; ++k)
                    held.push_back(thrown_by(instance, k));
                for (int k = 0; k < 100; ++k) {
                    const auto exception = Exception::of(held[static_cast<std::size_t>(k)]);
                    ASSERT_TRUE(exception);
                    ASSERT_EQ(exception->values()[0], Value::i64(k));
                }
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();

    std::vector<Error> held;
    for (int i = 0; i < 200; ++i)
        held.push_back(thrown_by(instance, 1000 + i));
    for (int i = 0; i < 200; ++i) {
        const Exception exception = *Exception::of(held[static_cast<std::size_t>(i)]);
        EXPECT_FALSE(exception.ref().is_null());
        EXPECT_EQ(exception.values()[0], Value::i64(1000 + i));
    }
}

// They are read and copied there too, while the instance runs and collects.
TEST(References, errors_are_read_while_the_instance_runs) {
    Runtime runtime({.limits = {.collect_always = true}});
    const InstanceRef instance = make(runtime, points);
    std::atomic<bool> stop = false;
    std::thread other([&] {
        while (!stop) {
            const Error error = thrown_by(instance, 7);
            const Error copy = error;
            EXPECT_EQ(Exception::of(copy)->values(), Exception::of(error)->values());
            const auto point = instance.call("new", std::int64_t{8});
            EXPECT_FALSE(point->front().as_ref().is_null());
        }
    });
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(instance.call("fill", 100));
    stop = true;
    other.join();
}

TEST(References, results_are_good_for_later_calls) {
    Runtime runtime({.limits = {.collect_always = true}});
    const InstanceRef instance = make(runtime, points);
    const auto point = must(instance.call("new", std::int64_t{1234}));
    must(instance.call("fill", 1000));
    EXPECT_EQ(must(instance.call("x", point[0])), std::vector{Value::i64(1234)});
}

TEST(References, are_refused_by_other_instances) {
    Runtime runtime;
    const InstanceRef mine = make(runtime, points), theirs = make(runtime, points);
    const auto point = must(theirs.call("new", std::int64_t{1}));
    expect_error(mine.call("x", point[0]), Code::type, "given a reference of another store");
    must(theirs.call("x", point[0]));
    EXPECT_TRUE(theirs.drop());
    expect_error(mine.call("x", point[0]), Code::type, "given a reference of another store");
    expect_error(theirs.call("x", point[0]), Code::invalid_instance, "");
}

TEST(References, outlive_their_instance_and_the_runtime) {
    std::optional<Error> error;
    std::vector<Value> point;
    {
        Runtime runtime;
        const InstanceRef instance = make(runtime, points);
        error = thrown_by(instance, 5);
        point = must(instance.call("new", std::int64_t{1}));
        EXPECT_TRUE(instance.drop());
        EXPECT_EQ(Exception::of(*error)->values()[0], Value::i64(5));
    }
    EXPECT_EQ(Exception::of(*error)->values()[0], Value::i64(5));
    EXPECT_EQ(error->message(), "uncaught exception i64:5");
    EXPECT_FALSE(point[0].as_ref().is_null());
}

}  // namespace
}  // namespace waxwing::test
