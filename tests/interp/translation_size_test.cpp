// Functions with many parameters, locals, operands and blocks.
#include "run_body.hpp"

namespace waxwing::test {
namespace {

using L = std::int64_t;

std::string repeat(const std::string& what, int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += what;
    return text;
}

TEST(Translation, AThousandParametersAndResultsPass) {
    std::string gets, reversed;
    for (int i = 0; i < 1000; ++i) {
        gets += "local.get " + std::to_string(i) + " ";
        reversed += "local.get " + std::to_string(999 - i) + " ";
    }
    const std::string types = repeat(" i64", 1000);
    Machine machine("(module (func $r (export \"r\") (param" + types + ") (result" + types + ") " +
                    reversed + ") (func (export \"rr\") (param" + types + ") (result" + types +
                    ") " + gets + " call $r call $r))");
    std::vector<Value> args, back;
    for (int i = 0; i < 1000; ++i)
        args.push_back(Value::i64(i * 1'000'000'007ll));
    back.assign(args.rbegin(), args.rend());
    EXPECT_EQ(must(machine.func("r").call(args)), back);
    EXPECT_EQ(must(machine.func("rr").call(args)), args);
    EXPECT_EQ(must(machine.func("rr").call(args, {.fuel = 100'000})), args);
}

TEST(Translation, LocalsAreZeroInEveryCall) {
    std::string check;
    for (int i = 0; i < 999; ++i)
        check += "local.get 0 local.get " + std::to_string(i + 1) +
                 " i64.or local.set 0 i64.const -1 local.set " + std::to_string(i + 1) + " ";
    Machine machine(
        "(module (func $f (export \"f\") (param i64) (result i64) (local" + repeat(" i64", 999) +
        ") " + check +
        " local.get 0)"
        "(func (export \"g\") (result i64) i64.const 0 call $f i64.const 0 call $f i64.or))");
    EXPECT_EQ(machine.call<L(L)>("f", 0), 0);
    EXPECT_EQ(machine.call<L()>("g"), 0);
    EXPECT_EQ(machine.call<L(L)>("f", 0), 0);
    for (int count = 0; count < 12; ++count) {
        Machine few(
            "(module (func $dirty (result i64) (local" + repeat(" i64", 20) + ") " +
            repeat("i64.const -1 ", 20) + repeat("drop ", 19) +
            ")"
            "(func $f (result i64) (local" +
            repeat(" i64", count) + " i64) local.get " + std::to_string(count) +
            " i64.const -1 local.set " + std::to_string(count) +
            ") (func (export \"f\") (result i64) call $dirty drop call $f call $f i64.or))");
        EXPECT_EQ(few.call<L()>("f"), 0) << count;
    }
}

// Beyond the first thousand they are found by their groups.
TEST(Translation, LocalsOfAllGroupsAreFound) {
    const auto groups = repeat(" (local i32 i64)", 300) + " (local" + repeat(" v128", 700) +
                        ") (local f32) (local" + repeat(" i64", 600) + ") (local i32 f64)";
    const auto sum = [&](int index, const std::string& value, const std::string& to_i32) {
        const std::string n = std::to_string(index);
        return run_i32("(param i32) (result i32)" + groups + " local.get " + n + to_i32 + " " +
                           value + " local.set " + n + " local.get " + n + to_i32 + " i32.add",
                       ints({5}));
    };
    EXPECT_EQ(sum(1, "i32.const 7", ""), 7);
    EXPECT_EQ(sum(600, "i64.const 8", " i32.wrap_i64"), 8);
    for (const int index : {601, 998, 999, 1000, 1001, 1300})
        EXPECT_EQ(sum(index, "i32.const 9 i32x4.splat", " i32x4.extract_lane 3"), 9) << index;
    EXPECT_EQ(sum(1301, "f32.const 10", " i32.trunc_f32_s"), 10);
    EXPECT_EQ(sum(1302, "i64.const 11", " i32.wrap_i64"), 11);
    EXPECT_EQ(sum(1901, "i64.const 12", " i32.wrap_i64"), 12);
    EXPECT_EQ(sum(1902, "i32.const 13", ""), 13);
    EXPECT_EQ(sum(1903, "f64.const 14", " i32.trunc_f64_s"), 14);
    // Neighbours stay as they are.
    EXPECT_EQ(run_i32("(param i32) (result i32)" + groups +
                          " i32.const -1 i32x4.splat local.set 1300 i64.const -1 local.set 1302"
                          " f32.const 2 local.set 1301 i32.const -1 i32x4.splat local.set 1299 "
                          " local.get 1301 i32.trunc_f32_s local.get 1298 i32x4.extract_lane 0 "
                          "i32.add local.get 1303 i32.wrap_i64 i32.add",
                      ints({5})),
              2);
}

TEST(Translation, LocalsUnderADeepStackAreSavedWhenTheyChange) {
    EXPECT_EQ(run_i32("(param i32) (result i32) (local i32) i32.const 3 local.set 1 local.get 0 "
                      "local.get 1 " +
                          repeat("i32.const 1 ", 700) +
                          "i32.const 50 local.set 0 i32.const 60 local.set 1 " +
                          repeat("i32.add ", 701) + "local.get 0 i32.add local.get 1 i32.add",
                      ints({2})),
              2 + 3 + 700 + 50 + 60);
}

TEST(Translation, DeepOperandStacksAndNestsAreFine) {
    EXPECT_EQ(run_i32("(result i32) " + repeat("i32.const 1 ", 5000) + repeat("i32.add ", 4999)),
              5000);
    EXPECT_EQ(run_i32("(param i32) (result i32) " + repeat("local.get 0 ", 5000) +
                          " i32.const 0 local.set 0 " + repeat("i32.add ", 4999),
                      ints({2})),
              10'000);
    EXPECT_EQ(run_i32("(result i32) " + repeat("block (result i32) ", 2000) +
                      "i32.const 5 br 1999 " + repeat("end ", 2000)),
              5);
    EXPECT_EQ(run_i32("(param i32) (result i32) " + repeat("local.get 0 if (result i32) ", 500) +
                          "i32.const 5 " + repeat("else i32.const 6 end ", 500),
                      ints({1})),
              5);
}

TEST(Translation, AFrameBeyondTheLimitIsRefusedWhenTheFunctionIsFirstCalled) {
    Machine machine("(module (func (export \"f\") (local" + repeat(" v128", 40'000) +
                    ")) (func (export \"g\") (result i32) i32.const 1))");
    for (int i = 0; i < 2; ++i) {
        const auto failed = machine.func("f").call();
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind(), ErrorKind::limit);
        EXPECT_TRUE(failed.error().message().starts_with(
            "function 0 needs 80002 frame slots (limit 65000)"))
            << failed.error().message();
    }
    EXPECT_EQ(machine.call<int()>("g"), 1);
    Machine deep("(module (func (export \"f\") " + repeat("i64.const 1 ", 66'000) +
                 repeat("drop ", 66'000) + "))");
    const auto failed = deep.func("f").call();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::limit);
    const auto eager = Module::load(wat("(module (func (local" + repeat(" v128", 40'000) + ")))"),
                                    {.eager = true});
    ASSERT_FALSE(eager);
    EXPECT_EQ(eager.error().kind(), ErrorKind::limit);
}

TEST(Translation, EagerModulesRunTheSame) {
    const Module module = must(Module::load(wat(R"((module
        (func $g (param i32) (result i32) local.get 0 i32.const 1 i32.add)
        (func (export "f") (param i32) (result i32) local.get 0 call $g call $g)))"),
                                            {.eager = true}));
    Store store;
    const Instance instance = must(store.instantiate(module));
    EXPECT_EQ(must(must(instance.func<int(int)>("f"))(5)), 7);
    EXPECT_EQ(must(must(instance.func("f")).call(ints({5}), {.fuel = 100}))[0], Value::i32(7));
}

}  // namespace
}  // namespace waxwing::test
