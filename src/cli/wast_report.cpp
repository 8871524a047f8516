#include "cli/wast_report.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/wast_files.hpp"
#include "core/printable.hpp"

namespace waxwing::cli {

namespace {

// Failures shown for one script unless all are wanted.
constexpr std::size_t shown_failures = 10;

std::string describe(const WastFailure& failure) {
    std::string text = failure.command + ": ";
    if (!failure.expected.empty()) text += fmt::format("expected {}, got ", failure.expected);
    text += failure.got;
    if (failure.consequences != 0)
        text += fmt::format(" (and {} more that need it)", failure.consequences);
    return printable(text);
}

}  // namespace

void WastTotals::add(const WastReport& report) {
    ++scripts;
    passed += report.passed;
    failed += report.failed;
    skipped += report.skipped;
}

std::string to_string(const WastTotals& totals) {
    return fmt::format("{} passed, {} failed, {} skipped", totals.passed, totals.failed,
                       totals.skipped);
}

template <class... T>
void WastPrinter::print(fmt::format_string<T...> format, T&&... args) const {
    const std::string text = fmt::format(format, std::forward<T>(args)...);
    (void)std::fwrite(text.data(), 1, text.size(), out_);  // the stream remembers an error
}

void WastPrinter::begin(std::size_t script_count) {
    if (style_ == Style::tap) print("1..{}\n", script_count);
    if (style_ == Style::json) print("{{\"scripts\": [");
}

void WastPrinter::script(const WastReport& report) {
    switch (style_) {
    case Style::text: script_text(report); break;
    case Style::tap: script_tap(report); break;
    case Style::json: script_json(report); break;
    }
    totals_.add(report);
    const std::string_view group = script_group(report.path);
    auto row = std::ranges::find(rows_, group, &Row::group);
    if (row == rows_.end()) row = rows_.insert(row, {group, {}});
    row->totals.add(report);
}

// A script that went well is worth a line only to those who ask for it.
void WastPrinter::script_text(const WastReport& report) {
    if (report.failed == 0 && !verbose_) return;
    print("{} {}: {} passed, {} failed", report.failed ? "FAIL" : "ok  ", printable(report.path),
          report.passed, report.failed);
    if (report.skipped) print(", {} skipped", report.skipped);
    if (!report.skip_reason.empty()) print(" ({})", report.skip_reason);
    if (verbose_) print(", {:.3f} s", report.seconds);
    print("\n");
    std::size_t left = verbose_ ? report.failures.size() : shown_failures;
    for (const WastFailure& failure : report.failures) {
        if (left-- == 0) {
            print("  ... and {} more\n", report.failures.size() - shown_failures);
            break;
        }
        print("  {}:{}: {}\n", printable(report.path), failure.line, describe(failure));
        print("{}", failure.excerpt);
    }
}

void WastPrinter::script_tap(const WastReport& report) {
    print("{} {} - {}", report.failed ? "not ok" : "ok", totals_.scripts + 1,
          printable(report.path));
    if (!report.skip_reason.empty())
        print(" # SKIP {}\n", report.skip_reason);
    else
        print("\n# {} passed, {} failed, {} skipped\n", report.passed, report.failed,
              report.skipped);
    for (const WastFailure& failure : report.failures)
        print("# line {}: {}\n", failure.line, describe(failure));
}

void WastPrinter::script_json(const WastReport& report) {
    print("{}\n  {{\"path\": {}, \"group\": {}, \"passed\": {}, \"failed\": {}, "
          "\"skipped\": {}, \"seconds\": {:.6f}, \"failures\": [",
          totals_.scripts ? "," : "", json_string(report.path),
          json_string(script_group(report.path)), report.passed, report.failed, report.skipped,
          report.seconds);
    const char* separator = "";
    for (const WastFailure& failure : report.failures) {
        print("{}\n    {{\"line\": {}, \"command\": {}, \"expected\": {}, \"got\": {}", separator,
              failure.line, json_string(failure.command), json_string(failure.expected),
              json_string(failure.got));
        if (failure.consequences != 0) print(", \"consequences\": {}", failure.consequences);
        print("}}");
        separator = ",";
    }
    print("]}}");
}

void WastPrinter::summary() const {
    print("{:<22}{:>8}{:>9}{:>8}{:>9}\n", "group", "scripts", "passed", "failed", "skipped");
    for (const std::string_view title : script_groups()) {
        const auto row = std::ranges::find(rows_, title, &Row::group);
        if (row == rows_.end()) continue;
        print("{:<22}{:>8}{:>9}{:>8}{:>9}\n", title, row->totals.scripts, row->totals.passed,
              row->totals.failed, row->totals.skipped);
    }
}

void WastPrinter::end() {
    switch (style_) {
    case Style::text:
        if (totals_.scripts > 1) summary();
        print("{}\n", to_string(totals_));
        break;
    case Style::tap: print("# {}\n", to_string(totals_)); break;
    case Style::json:
        print("\n], \"passed\": {}, \"failed\": {}, \"skipped\": {}}}\n", totals_.passed,
              totals_.failed, totals_.skipped);
        break;
    }
}

}  // namespace waxwing::cli
