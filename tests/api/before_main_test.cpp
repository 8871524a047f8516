// The library at work before `main` and after it: objects in static storage load,
// run and print modules in their constructors and destructors. This one is made
// before whatever the library itself could have in static storage.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "waxwing/runtime.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {
namespace {

constexpr std::string_view valid = R"((module
  (memory 1) (data (i32.const 0) "\2a")
  (func (export "f") (param i32) (result i32)
    (i32.add (i32.load8_u (i32.const 0)) (local.get 0)))))";
// Operands that are missing and a load from no memory.
constexpr std::string_view invalid[] = {
    "(module (func i32.add drop))",
    "(module (func f64.sqrt drop))",
    "(module (func (param i32) (result f32) local.get 0 i64.clz))",
    "(module (func (result i32) i32.const 0 i32.load))",
};

struct Answers {
    bool printed = false;
    int sum = 0;
    std::vector<std::string> faults;
};

Answers ask() {
    Answers answers;
    const auto bytes = parse_wat(valid);
    if (!bytes) return answers;
    answers.printed = print_wat(*bytes).has_value();
    Runtime runtime;
    const auto module = runtime.compile(*bytes);
    const auto instance = module ? runtime.instantiate(*module) : std::unexpected(module.error());
    const auto sum = instance ? instance->call("f", 1) : std::unexpected(instance.error());
    if (sum) answers.sum = sum->front().as_i32();
    for (const std::string_view text : invalid) {
        const auto loaded = Module::load(*parse_wat(text));
        answers.faults.emplace_back(loaded ? "accepted" : loaded.error().message());
    }
    return answers;
}

struct Static {
    Answers early = ask();
    ~Static() {
        const Answers late = ask();
        if (late.sum == 43 && late.printed && late.faults == early.faults) return;
        std::fputs("the library does not work after main\n", stderr);
        std::_Exit(1);
    }
};
[[gnu::init_priority(101)]] Static object;

TEST(BeforeMain, modules_are_checked_and_run) {
    EXPECT_TRUE(object.early.printed);
    EXPECT_EQ(object.early.sum, 43);
    const std::vector<std::string> expected = {
        "type mismatch: instruction requires [i32 i32] but stack has []",
        "type mismatch: instruction requires [f64] but stack has []",
        "type mismatch: instruction requires [i64] but stack has [i32]",
        "unknown memory 0",
    };
    ASSERT_EQ(object.early.faults.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_TRUE(object.early.faults[i].starts_with(expected[i])) << object.early.faults[i];
    EXPECT_EQ(ask().faults, object.early.faults);
}

}  // namespace
}  // namespace waxwing::test
