// What a translation to registers can get wrong about blocks, branches and
// conditions.
#include <limits>

#include "run_body.hpp"

namespace waxwing::test {
namespace {

TEST(Translation, BranchesCarryValuesDownFromAnyHeight) {
    for (const int taken : {0, 1}) {
        const auto args = ints({5, taken});
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) block (result i32) i32.const 1 i32.const 2 "
                          "local.get 0 local.get 1 br_if 0 i32.add i32.add end",
                          args),
                  taken ? 5 : 8);
        EXPECT_EQ(
            run_i32(
                "(param i32 i32) (result i32) i64.const 9 block (result i32) f64.const 1 i32.const "
                "100 i32.const 2 local.get 0 i32.add local.get 1 br_if 0 i32.add i32.const 3 "
                "i32.add local.set 0 drop local.get 0 end local.set 0 drop local.get 0",
                args),
            taken ? 7 : 110);
        EXPECT_EQ(run("(param i32 i32) (result i32 i64) block (result i32 i64) f32.const 1 "
                      "local.get 0 i64.const 8 local.get 1 br_if 0 br 0 end",
                      args),
                  values(Value::i32(5), Value::i64(8)));
    }
    for (const int index : {0, 1, 2, 3, -1}) {
        const int expected = index == 0 ? 1005 : index == 1 ? 105 : 15;
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) i32.const 10 block (result i32) i32.const "
                          "90 block (result i32) i32.const 900 "
                          "block (result i32) i64.const 3 local.get 0 local.get 1 br_table 0 1 2 "
                          "end i32.add end i32.add end i32.add",
                          ints({5, index})),
                  expected);
    }
}

// More values than are moved one by one, from locals, constants and results of instructions.
TEST(Translation, BranchesCarryManyValuesDown) {
    const std::string types = "i32 i64 f32 f64 v128 i32 i32 i64";
    const std::string values =
        " local.get 0 i64.const 5000000000 local.get 0 f32.convert_i32_s local.get 0 "
        "f64.convert_i32_s local.get 0 i32x4.splat local.get 0 i32.const 1 i32.add local.get 0 "
        "i32.const 2 i32.mul local.get 0 i64.extend_i32_s ";
    const std::string add =
        " i32.wrap_i64 i32.add i32.add local.set 2 i32x4.extract_lane 3 local.set 3 "
        "i32.trunc_f64_s local.set 4 i32.trunc_f32_s local.set 5 i64.const 4999999000 i64.sub "
        "i32.wrap_i64 i32.add local.get 2 i32.add local.get 3 i32.add local.get 4 i32.add "
        "local.get 5 i32.add ";
    const std::string head = "(param i32 i32) (result i32) (local i32 i32 i32 i32) block (result " +
                             types + ") i64.const 9 f64.const 1 ";
    for (const int taken : {0, 1}) {
        const int sum = 4 * 7 + 1000 + 8 + 14 + 7;
        EXPECT_EQ(run_i32(head + values + " br 0 end" + add, ints({7, taken})), sum);
        EXPECT_EQ(run_i32(head + values + "local.get 1 br_if 0 br 0 end" + add, ints({7, taken})),
                  sum);
        EXPECT_EQ(run_i32(head + values + "local.get 1 br_if 0 local.get 1 br_if 0 br 0 end" + add,
                          ints({7, taken})),
                  sum);
        EXPECT_EQ(run_i32(head + values + "local.get 1 br_table 0 0 end" + add, ints({7, taken})),
                  sum);
    }
}

TEST(Translation, ReturnsOfManyValuesDoNotOverwriteThem) {
    EXPECT_EQ(run("(param i32 i32 i32 i32 i32 i32) (result i32 i32 i32 i32 i32 i32) local.get 5 "
                  "local.get 4 local.get 3 local.get 2 local.get 1 local.get 0 return",
                  ints({1, 2, 3, 4, 5, 6})),
              ints({6, 5, 4, 3, 2, 1}));
    for (const int taken : {0, 1})
        EXPECT_EQ(run("(param i32 i32) (result i32 i32 i32 i32 i32) i64.const 1 local.get 0 "
                      "i32.const 8 local.get 0 i32.const 1 i32.add local.get 1 local.get 0 "
                      "local.get 1 br_if 0 br 0",
                      ints({5, taken})),
                  ints({5, 8, 6, taken, 5}));
}

// Each label wants the values in another place; one is a loop, one the function itself.
TEST(Translation, BranchTablesMoveValues) {
    const std::string body =
        "(param i32 i32) (result i32 i32) (local i32) i32.const 1 "
        "block (result i32 i32) i32.const 2 block (result i32 i32) i32.const 3 i32.const 40 "
        "i32.const 50 loop (param i32 i32) (result i32 i32) "
        "local.get 2 i32.const 1 i32.add local.set 2 i32.add local.get 2 "
        "local.get 2 i32.const 3 i32.gt_u if (param i32 i32) (result i32 i32) return end "
        "local.get 0 br_table 0 1 2 3 0 end "
        "i32.add i32.add i32.const 100 br 0 end "
        "i32.add i32.add i32.const 1000 br 0 end "
        "drop i32.add i32.const 7";
    const auto result = [&](int index) { return run(body, ints({index, 0})); };
    EXPECT_EQ(result(0), ints({96, 4}));  // 40, 50 -> 90, 1 -> 91, 2 -> 93, 3 -> 96, 4
    EXPECT_EQ(result(4), ints({96, 4}));
    EXPECT_EQ(result(1), ints({1 + 2 + 90 + 1, 7}));
    EXPECT_EQ(result(2), ints({1 + 90, 7}));
    EXPECT_EQ(result(3), ints({90, 1}));
}

TEST(Translation, BranchTablesReturnToo) {
    const std::string body =
        "(param i32 i32) (result i32) block (result i32) i32.const 1 i32.const 2 local.get 0 "
        "local.get 1 br_table 0 1 0 end i32.const 100 i32.add";
    EXPECT_EQ(run_i32(body, ints({5, 0})), 105);
    EXPECT_EQ(run_i32(body, ints({5, 1})), 5);
    EXPECT_EQ(run_i32(body, ints({5, 2})), 105);
    // Without targets but the last, and with many.
    EXPECT_EQ(run_i32("(param i32) (result i32) block local.get 0 br_table 0 end i32.const 3",
                      ints({77})),
              3);
    std::string many = "(param i32) (result i32) block block local.get 0 br_table";
    for (int i = 0; i < 3000; ++i)
        many += i % 3 ? " 0" : " 1";
    many += " 1 end i32.const 1 return end i32.const 2";
    EXPECT_EQ(run_i32(many, ints({2999})), 1);
    EXPECT_EQ(run_i32(many, ints({2997})), 2);
    EXPECT_EQ(run_i32(many, ints({3000})), 2);
}

TEST(Translation, ConditionsWithoutElsePassTheirParameters) {
    for (const int taken : {0, 1}) {
        const auto args = ints({5, taken});
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) local.get 0 local.get 1 if (param i32) "
                          "(result i32) i32.const 1 i32.add end",
                          args),
                  5 + taken);
        EXPECT_EQ(run("(param i32 i32) (result i32 i64) local.get 0 i64.const 7 local.get 1 if "
                      "(param i32 i64) (result i32 i64) i64.const 2 i64.mul end",
                      args),
                  values(Value::i32(5), Value::i64(taken ? 14 : 7)));
        EXPECT_EQ(
            run_i32("(param i32 i32) (result i32) i32.const 40 i32.const 2 local.get 1 i32.const 1 "
                    "i32.eq if (param i32 i32) (result i32 i32) drop local.get 0 end i32.add",
                    args),
            taken ? 45 : 42);
    }
}

TEST(Translation, ValuesBelowABlockStay) {
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 3 local.get 0 i32.load8_u "
                      "block (result i32) i32.const 4 end i32.add i32.add i32.add",
                      ints({7})),
              14);
    EXPECT_EQ(run_i32("(param i32) (result i32) (local i32) i32.const 100 local.get 0 i32.const 2 "
                      "i32.mul loop local.get 1 i32.const 1 i32.add local.tee 1 i32.const 5 "
                      "i32.lt_u br_if 0 end local.get 1 i32.add i32.add",
                      ints({7})),
              119);
    EXPECT_EQ(run_i32("(param i32) (result i32) i32.const 1000 f64.const 2.5 block br 0 end "
                      "i32.trunc_f64_s i32.add",
                      ints({7})),
              1002);
    // The last result is used across a block's start and end.
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 1 i32.add block end "
                      "i32.const 2 i32.mul",
                      ints({7})),
              16);
    EXPECT_EQ(run_i32("(param i32) (result i32) block (result i32) local.get 0 i32.const 1 i32.add "
                      "end i32.const 2 i32.mul",
                      ints({7})),
              16);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 1 i32.add block (param i32) "
                      "(result i32) i32.const 2 i32.mul end",
                      ints({7})),
              16);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 i32.const 8 i32.lt_s block end i32.eqz",
                      ints({7})),
              0);
}

TEST(Translation, ComparisonsServeAsValuesAndAsConditions) {
    const char* const compare = "local.get 0 local.get 1 i32.lt_s";
    const auto expect = [&](const std::string& body, int less, int not_less) {
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) (local i32) " + body, ints({-3, 4})), less)
            << body;
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) (local i32) " + body, ints({4, -3})),
                  not_less)
            << body;
        EXPECT_EQ(run_i32("(param i32 i32) (result i32) (local i32) " + body, ints({4, 4})),
                  not_less)
            << body;
    };
    const std::string c = compare;
    expect(c, 1, 0);
    expect(c + " i32.eqz", 0, 1);
    expect(c + " i32.eqz i32.eqz", 1, 0);
    expect(c + " i32.eqz i32.eqz i32.eqz if (result i32) i32.const 5 else i32.const 6 end", 6, 5);
    expect(c + " local.tee 2 if (result i32) local.get 2 i32.const 5 i32.add else local.get 2 end",
           6, 0);
    expect(c + " i32.const 7 i32.mul", 7, 0);
    expect("i32.const 10 i32.const 20 " + c + " select", 10, 20);
    expect("i32.const 10 i32.const 20 " + c + " i32.eqz select", 20, 10);
    expect(c + " " + c + " i32.and if (result i32) i32.const 1 else i32.const 2 end", 1, 2);
    expect("block " + c + " br_if 0 i32.const 3 return end i32.const 4", 4, 3);
    expect("block " + c + " i32.eqz br_if 0 i32.const 3 return end i32.const 4", 3, 4);
    expect(c + " i32.const 1 i32.eq", 1, 0);
    expect("i32.const 0 " + c + " i32.ne", 1, 0);
    // The compared local changes before the condition is used.
    expect(c + " i32.const 100 local.set 0 i32.const 100 local.set 1", 1, 0);
    expect(c + " i32.const 100 local.set 0 if (result i32) local.get 0 else i32.const 1 end", 100,
           1);
}

TEST(Translation, FloatComparisonsAreNotNegatedToTheirOpposites) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const char* op : {"lt", "gt", "le", "ge", "eq"}) {
        const std::string compare = std::string("local.get 0 local.get 1 f64.") + op;
        const auto args = values(Value::f64(nan), Value::f64(1));
        const std::string head = "(param f64 f64) (result i32) ";
        EXPECT_EQ(run_i32(head + compare, args), 0);
        EXPECT_EQ(run_i32(head + compare + " i32.eqz", args), 1);
        EXPECT_EQ(run_i32(head + "block " + compare +
                              " i32.eqz br_if 0 i32.const 5 return end i32.const 6",
                          args),
                  6);
        EXPECT_EQ(run_i32(head + "block " + compare + " br_if 0 i32.const 5 return end i32.const 6",
                          args),
                  5);
        EXPECT_EQ(
            run_i32(head + compare + " if (result i32) i32.const 1 else i32.const 2 end", args), 2);
        EXPECT_EQ(
            run_i32(head + compare + " i32.eqz if (result i32) i32.const 1 else i32.const 2 end",
                    args),
            1);
        EXPECT_EQ(run_i32(head + "i32.const 1 i32.const 2 " + compare + " i32.eqz select", args),
                  1);
    }
    EXPECT_EQ(run_i32("(param f64 f64) (result i32) block local.get 0 local.get 1 f64.ne i32.eqz "
                      "br_if 0 i32.const 5 return end i32.const 6",
                      values(Value::f64(nan), Value::f64(nan))),
              5);
}

TEST(Translation, CodeAfterABranchIsSkippedWhateverItSays) {
    EXPECT_EQ(run_i32("(result i32) i32.const 1 return i32.add drop i64.mul drop select drop block "
                      "loop i32.const 1 if "
                      "else end end end"),
              1);
    EXPECT_EQ(
        run_i32("(result i32) block (result i32) i32.const 2 br 0 f64.add drop i32.const 5 end"),
        2);
    EXPECT_EQ(run_i32("(param i32) (result i32) local.get 0 if (result i32) i32.const 1 br 1 else "
                      "i32.const 2 return i32.const 3 end unreachable",
                      ints({0})),
              2);
    EXPECT_EQ(run_i32("(param i32) (result i32) loop (result i32) local.get 0 if i32.const 0 "
                      "local.set 0 br 1 end i32.const 6 end",
                      ints({1})),
              6);
    EXPECT_EQ(run_i32("(result i32) block br 0 block br 1 loop br 0 end end end i32.const 4"), 4);
    EXPECT_EQ(run_i32("(param i32) (result i32) block (result i32) local.get 0 if (result i32) "
                      "i32.const 1 br 1 else i32.const 2 br 1 end i32.const 1 i32.add end",
                      ints({1})),
              1);
}

}  // namespace
}  // namespace waxwing::test
