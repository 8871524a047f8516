#include "cli/wast_runner.hpp"

#include <gtest/gtest.h>

namespace waxwing::cli {
namespace {

WastReport run(std::string_view source, const WastOptions& options = {}) {
    return run_wast_script("folder/test.wast", source, options);
}

// The complaint about the only command that failed.
WastFailure only_failure(const WastReport& report) {
    EXPECT_EQ(report.failures.size(), 1u);
    return report.failures.empty() ? WastFailure{} : report.failures.front();
}

const std::string identity = R"((module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "trap") (unreachable)))
)";

TEST(WastRunner, assertions_that_hold_are_counted) {
    const WastReport report = run(identity + R"(
      (assert_return (invoke "i32" (i32.const 7)) (i32.const 7))
      (assert_return (invoke "i32" (i32.const -1)) (i32.const 0xffffffff))
      (assert_trap (invoke "trap") "unreachable")
      (invoke "i32" (i32.const 1)))");
    EXPECT_EQ(report.passed, 3u);
    EXPECT_EQ(report.failed, 0u);
}

TEST(WastRunner, a_wrong_result_is_told_with_line_and_values) {
    const WastReport report =
        run("(module (func (export \"f\") (result i32 i64) i32.const 3 i64.const 4))\n"
            "(assert_return (invoke \"f\") (i32.const 3) (i64.const 5))");
    const WastFailure failure = only_failure(report);
    EXPECT_EQ(failure.line, 2u);
    EXPECT_EQ(failure.command, "assert_return");
    EXPECT_EQ(failure.expected, "[i32:3 i64:5]");
    EXPECT_EQ(failure.got, "[i32:3 i64:4]");
}

TEST(WastRunner, the_number_of_results_counts) {
    const std::string module = "(module (func (export \"f\") (result i32) (i32.const 1)))";
    EXPECT_EQ(run(module + "(assert_return (invoke \"f\"))").failed, 1u);
    EXPECT_EQ(run(module + "(assert_return (invoke \"f\") (i32.const 1) (i32.const 1))").failed,
              1u);
    EXPECT_EQ(run(module + "(assert_return (invoke \"f\") (i64.const 1))").failed, 1u);
}

TEST(WastRunner, nan_patterns_look_at_the_bits) {
    struct Case {
        const char* argument;
        const char* pattern;
        bool holds;
    };
    const Case cases[] = {
        {"nan", "nan:canonical", true},
        {"-nan", "nan:canonical", true},
        {"nan:0x400001", "nan:canonical", false},
        {"nan:0x400001", "nan:arithmetic", true},
        {"nan:0x200000", "nan:arithmetic", false},
        {"nan:0x200000", "nan:0x200000", true},
        {"-nan:0x200000", "nan:0x200000", false},
        {"inf", "nan:arithmetic", false},
        {"-0", "0", false},
    };
    for (const Case& c : cases) {
        const WastReport report = run(identity + "(assert_return (invoke \"f32\" (f32.const " +
                                      c.argument + ")) (f32.const " + c.pattern + "))");
        EXPECT_EQ(report.passed, c.holds ? 1u : 0u) << c.argument << " against " << c.pattern;
    }
}

TEST(WastRunner, nan_patterns_apply_lane_by_lane) {
    const std::string call = "(assert_return (invoke \"v128\" (v128.const f32x4 nan 1 -nan 2)) ";
    EXPECT_EQ(run(identity + call + "(v128.const f32x4 nan:canonical 1 nan:arithmetic 2))").passed,
              1u);
    EXPECT_EQ(run(identity + call + "(v128.const f32x4 nan:canonical 1 nan 2))").failed, 1u);
    EXPECT_EQ(run(identity + call +
                  "(either (v128.const i32x4 0 0 0 0)"
                  " (v128.const f32x4 nan 1 nan:canonical 2)))")
                  .passed,
              1u);
}

TEST(WastRunner, external_references_are_compared_by_number) {
    const std::string call = "(assert_return (invoke \"extern\" (ref.extern 3)) ";
    EXPECT_EQ(run(identity + call + "(ref.extern 3))").passed, 1u);
    EXPECT_EQ(run(identity + call + "(ref.extern))").passed, 1u);
    EXPECT_EQ(run(identity + call + "(ref.extern 4))").failed, 1u);
    EXPECT_EQ(run(identity + call + "(ref.null))").failed, 1u);
    EXPECT_EQ(run(identity + call + "(ref.func))").failed, 1u);
    const std::string null = "(assert_return (invoke \"extern\" (ref.null extern)) ";
    EXPECT_EQ(run(identity + null + "(ref.null extern))").passed, 1u);
    EXPECT_EQ(run(identity + null + "(ref.extern))").failed, 1u);
}

TEST(WastRunner, references_are_told_apart_by_what_they_point_to) {
    const std::string module = R"((module
      (type $s (struct)) (type $a (array i8))
      (func $f) (elem declare func $f)
      (func (export "struct") (result anyref) (struct.new $s))
      (func (export "array") (result (ref $a)) (array.new_default $a (i32.const 1)))
      (func (export "i31") (result eqref) (ref.i31 (i32.const 1)))
      (func (export "func") (result funcref) (ref.func $f))
      (func (export "typed") (result (ref func)) (ref.func $f)))
    )";
    const auto holds = [&](const std::string& name, const std::string& pattern) {
        return run(module + "(assert_return (invoke \"" + name + "\") (" + pattern + "))").passed ==
               1;
    };
    EXPECT_TRUE(holds("struct", "ref.struct"));
    EXPECT_FALSE(holds("struct", "ref.array"));
    EXPECT_FALSE(holds("struct", "ref.func"));
    EXPECT_TRUE(holds("struct", "ref.eq"));
    EXPECT_TRUE(holds("array", "ref.array"));
    EXPECT_FALSE(holds("array", "ref.struct"));
    EXPECT_FALSE(holds("array", "ref.null"));
    EXPECT_TRUE(holds("i31", "ref.i31"));
    EXPECT_TRUE(holds("i31", "ref.eq"));
    EXPECT_FALSE(holds("i31", "ref.struct"));
    EXPECT_TRUE(holds("func", "ref.func"));
    EXPECT_TRUE(holds("typed", "ref.func"));
    EXPECT_FALSE(holds("func", "ref.eq"));
    EXPECT_FALSE(holds("func", "ref.struct"));
}

TEST(WastRunner, malformed_and_invalid_are_not_the_same) {
    const std::string invalid = "(module (func (result i32)))";
    EXPECT_EQ(run("(assert_invalid " + invalid + " \"type mismatch\")").passed, 1u);
    EXPECT_EQ(run("(assert_malformed " + invalid + " \"type mismatch\")").failed, 1u);
    const std::string malformed = "(module binary \"\\00asm\")";
    EXPECT_EQ(run("(assert_malformed " + malformed + " \"unexpected end\")").passed, 1u);
    EXPECT_EQ(run("(assert_invalid " + malformed + " \"unexpected end\")").failed, 1u);
}

TEST(WastRunner, a_message_must_begin_with_the_expected_words) {
    const std::string module = "(module (func (br 3)))";
    EXPECT_EQ(run("(assert_invalid " + module + " \"unknown label\")").passed, 1u);
    const WastReport other = run("(assert_invalid " + module + " \"label\")");
    EXPECT_EQ(only_failure(other).expected, "invalid: label");
    EXPECT_TRUE(only_failure(other).got.starts_with("invalid: unknown label"));
    EXPECT_EQ(run("(assert_invalid " + module + " \"x\")", {.ignore_messages = true}).passed, 1u);
    EXPECT_EQ(run("(assert_malformed " + module + " \"x\")", {.ignore_messages = true}).failed, 1u);
}

TEST(WastRunner, a_module_that_is_accepted_fails_its_assertion) {
    const WastReport report = run("(assert_invalid (module) \"type mismatch\")");
    EXPECT_EQ(only_failure(report).got, "success");
    EXPECT_EQ(run("(assert_unlinkable (module) \"unknown import\")").failed, 1u);
    EXPECT_EQ(run(identity + "(assert_trap (invoke \"i32\" (i32.const 1)) \"unreachable\")").failed,
              1u);
}

TEST(WastRunner, what_fails_does_not_stop_the_script) {
    const WastReport report = run(R"(
      (module $m (func (export "f") (result i32) (i32.const 1)))
      (module $bad (func (result i32)))
      (assert_return (invoke $bad "f") (i32.const 1))
      (assert_return (invoke "none"))
      (assert_return (invoke $nobody "f"))
      (register "r" $nobody)
      (assert_return (invoke "f") (i32.const 1)))");
    // What needs the rejected module is counted as failed, but told in its line only; what comes
    // after it does not run with the module before it.
    EXPECT_EQ(report.passed, 0u);
    EXPECT_EQ(report.failed, 6u);
    ASSERT_EQ(report.failures.size(), 3u);
    EXPECT_EQ(report.failures[0].command, "module");
    EXPECT_EQ(report.failures[1].got, "usage error: no instance $nobody");
}

TEST(WastRunner, instances_of_a_definition_are_separate) {
    const WastReport report = run(R"(
      (module definition $m
        (global $g (mut i32) (i32.const 0))
        (func (export "next") (result i32)
          (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
      (module instance $a $m)
      (module instance $b $m)
      (assert_return (invoke $a "next") (i32.const 1))
      (assert_return (invoke $a "next") (i32.const 2))
      (assert_return (invoke $b "next") (i32.const 1))
      (assert_return (invoke "next") (i32.const 2)))");
    EXPECT_EQ(report.passed, 4u);
    EXPECT_EQ(report.failed, 0u);
}

TEST(WastRunner, registered_instances_and_spectest_can_be_imported) {
    const WastReport report = run(R"(
      (module (func (export "seven") (result i32) (i32.const 7)))
      (register "lib")
      (module
        (import "lib" "seven" (func $seven (result i32)))
        (import "spectest" "print_i32" (func $print (param i32)))
        (import "spectest" "global_i32" (global $g i32))
        (import "spectest" "memory" (memory 1 2))
        (import "spectest" "table64" (table i64 10 20 funcref))
        (func (export "f") (result i32)
          (call $print (i32.const 1)) (i32.add (call $seven) (global.get $g))))
      (assert_return (invoke "f") (i32.const 673))
      (assert_unlinkable (module (import "lib" "six" (func))) "unknown import")
      (assert_unlinkable (module (import "lib" "seven" (func))) "incompatible import type")
      (assert_unlinkable (module (import "spectest" "shared_memory" (memory 1 2))) "unknown"))");
    EXPECT_EQ(report.passed, 4u);
    EXPECT_EQ(report.failed, 0u);
}

TEST(WastRunner, globals_are_read) {
    const WastReport report = run(R"(
      (module $m (global (export "g") i64 (i64.const 9)))
      (assert_return (get "g") (i64.const 9))
      (assert_return (get $m "g") (i64.const 8)))");
    EXPECT_EQ(report.passed, 1u);
    EXPECT_EQ(only_failure(report).got, "[i64:9]");
}

TEST(WastRunner, skipped_assertions_are_counted_apart) {
    const auto skip = SkipList::parse("test:3 a reason\n");
    ASSERT_TRUE(skip);
    const WastReport report = run("(module (func (export \"f\")))\n"
                                  "(assert_return (invoke \"f\"))\n"
                                  "(assert_return (invoke \"g\"))\n",
                                  {.skip = &*skip});
    EXPECT_EQ(report.passed, 1u);
    EXPECT_EQ(report.failed, 0u);
    EXPECT_EQ(report.skipped, 1u);

    const auto all = SkipList::parse("folder/* none of these\n");
    ASSERT_TRUE(all);
    const WastReport nothing = run("(module) (assert_return (invoke \"f\"))", {.skip = &*all});
    EXPECT_EQ(nothing.skipped, 1u);
    EXPECT_EQ(nothing.skip_reason, "none of these");
}

TEST(WastRunner, a_text_that_is_no_script_fails_all_its_assertions) {
    const WastReport report = run("(module)\n(assert_return (invoke \"f\"))\n(assert_nonsense)");
    EXPECT_EQ(report.passed, 0u);
    EXPECT_EQ(report.failed, 2u);
    EXPECT_EQ(only_failure(report).command, "script");
    EXPECT_EQ(only_failure(report).line, 3u);
}

TEST(WastRunner, calls_can_be_metered) {
    const std::string source = R"((module (func (export "f") (loop (br 0))))
      (assert_return (invoke "f")))";
    const WastReport report = run(source, {.fuel = 1000});
    EXPECT_EQ(report.failed, 1u);
    EXPECT_TRUE(only_failure(report).got.starts_with("out of fuel")) << only_failure(report).got;
}

}  // namespace
}  // namespace waxwing::cli
