#include "cli/wast_report.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace waxwing::cli {
namespace {

std::string print(WastPrinter::Style style, bool verbose, const std::vector<WastReport>& reports) {
    std::FILE* file = std::tmpfile();
    WastPrinter printer(style, verbose, file);
    printer.begin(reports.size());
    for (const WastReport& report : reports)
        printer.script(report);
    printer.end();
    std::rewind(file);
    std::string text;
    for (int c; (c = std::fgetc(file)) != EOF;)
        text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

WastReport good() { return {.path = "s/i32.wast", .passed = 3}; }
WastReport bad() {
    WastReport report{.path = "s/load0.wast", .passed = 1, .failed = 1};
    report.failures.push_back({7, "assert_trap", "trap \"x\"", "[i32:1]"});
    return report;
}

TEST(WastReport, text_names_scripts_that_failed_and_ends_with_the_counts) {
    EXPECT_EQ(print(WastPrinter::Style::text, false, {good(), bad()}),
              "FAIL s/load0.wast: 1 passed, 1 failed\n"
              "  s/load0.wast:7: assert_trap: expected trap \"x\", got [i32:1]\n"
              "group                  scripts   passed  failed  skipped\n"
              "core 1.0                     1        3       0        0\n"
              "multi-memory                 1        1       1        0\n"
              "4 passed, 1 failed, 0 skipped\n");
}

TEST(WastReport, one_script_needs_no_summary) {
    EXPECT_EQ(print(WastPrinter::Style::text, false, {good()}), "3 passed, 0 failed, 0 skipped\n");
}

TEST(WastReport, only_so_many_failures_are_shown_unless_all_are_wanted) {
    WastReport report{.path = "a.wast", .failed = 12};
    for (std::uint32_t line = 1; line <= 12; ++line)
        report.failures.push_back({line, "module", "", "unknown type 0"});
    const std::string brief = print(WastPrinter::Style::text, false, {report});
    EXPECT_NE(brief.find("a.wast:10: module: unknown type 0\n  ... and 2 more\n"),
              std::string::npos);
    EXPECT_EQ(brief.find("a.wast:11"), std::string::npos);
    const std::string all = print(WastPrinter::Style::text, true, {report});
    EXPECT_NE(all.find("a.wast:12: module"), std::string::npos);
}

TEST(WastReport, tap_has_a_plan_and_a_line_for_every_script) {
    WastReport skipped{.path = "c.wast", .skipped = 5, .skip_reason = "too new"};
    EXPECT_EQ(print(WastPrinter::Style::tap, false, {good(), bad(), skipped}),
              "1..3\n"
              "ok 1 - s/i32.wast\n# 3 passed, 0 failed, 0 skipped\n"
              "not ok 2 - s/load0.wast\n# 1 passed, 1 failed, 0 skipped\n"
              "# line 7: assert_trap: expected trap \"x\", got [i32:1]\n"
              "ok 3 - c.wast # SKIP too new\n"
              "# 4 passed, 1 failed, 5 skipped\n");
}

TEST(WastReport, json_escapes_what_scripts_contain) {
    const std::string text = print(WastPrinter::Style::json, false, {bad()});
    EXPECT_NE(text.find("{\"line\": 7, \"command\": \"assert_trap\", "
                        "\"expected\": \"trap \\\"x\\\"\", \"got\": \"[i32:1]\"}"),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("], \"passed\": 1, \"failed\": 1, \"skipped\": 0}\n")) << text;
}

}  // namespace
}  // namespace waxwing::cli
