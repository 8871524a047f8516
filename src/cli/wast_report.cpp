#include "cli/wast_report.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "cli/wast_files.hpp"

namespace waxwing::cli {

namespace {

// Failures shown for one script unless all are wanted.
constexpr std::size_t shown_failures = 10;

std::string describe(const WastFailure& failure) {
    if (failure.expected.empty()) return fmt::format("{}: {}", failure.command, failure.got);
    return fmt::format("{}: expected {}, got {}", failure.command, failure.expected, failure.got);
}

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            (quoted += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20)
            quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            quoted += c;
    }
    return quoted += '"';
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

void WastPrinter::begin(std::size_t script_count) {
    if (style_ == Style::tap) fmt::print(out_, "1..{}\n", script_count);
    if (style_ == Style::json) fmt::print(out_, "{{\"scripts\": [");
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
    fmt::print(out_, "{} {}: {} passed, {} failed", report.failed ? "FAIL" : "ok  ", report.path,
               report.passed, report.failed);
    if (report.skipped) fmt::print(out_, ", {} skipped", report.skipped);
    if (!report.skip_reason.empty()) fmt::print(out_, " ({})", report.skip_reason);
    if (verbose_) fmt::print(out_, ", {:.3f} s", report.seconds);
    fmt::print(out_, "\n");
    std::size_t left = verbose_ ? report.failures.size() : shown_failures;
    for (const WastFailure& failure : report.failures) {
        if (left-- == 0) {
            fmt::print(out_, "  ... and {} more\n", report.failures.size() - shown_failures);
            break;
        }
        fmt::print(out_, "  {}:{}: {}\n", report.path, failure.line, describe(failure));
    }
}

void WastPrinter::script_tap(const WastReport& report) {
    fmt::print(out_, "{} {} - {}", report.failed ? "not ok" : "ok", totals_.scripts + 1,
               report.path);
    if (!report.skip_reason.empty())
        fmt::print(out_, " # SKIP {}\n", report.skip_reason);
    else
        fmt::print(out_, "\n# {} passed, {} failed, {} skipped\n", report.passed, report.failed,
                   report.skipped);
    for (const WastFailure& failure : report.failures)
        fmt::print(out_, "# line {}: {}\n", failure.line, describe(failure));
}

void WastPrinter::script_json(const WastReport& report) {
    fmt::print(out_,
               "{}\n  {{\"path\": {}, \"group\": {}, \"passed\": {}, \"failed\": {}, "
               "\"skipped\": {}, \"seconds\": {:.6f}, \"failures\": [",
               totals_.scripts ? "," : "", json_string(report.path),
               json_string(script_group(report.path)), report.passed, report.failed, report.skipped,
               report.seconds);
    const char* separator = "";
    for (const WastFailure& failure : report.failures) {
        fmt::print(out_, "{}\n    {{\"line\": {}, \"command\": {}, \"expected\": {}, \"got\": {}}}",
                   separator, failure.line, json_string(failure.command),
                   json_string(failure.expected), json_string(failure.got));
        separator = ",";
    }
    fmt::print(out_, "]}}");
}

void WastPrinter::summary() const {
    fmt::print(out_, "{:<22}{:>8}{:>9}{:>8}{:>9}\n", "group", "scripts", "passed", "failed",
               "skipped");
    for (const std::string_view title : script_groups()) {
        const auto row = std::ranges::find(rows_, title, &Row::group);
        if (row == rows_.end()) continue;
        fmt::print(out_, "{:<22}{:>8}{:>9}{:>8}{:>9}\n", title, row->totals.scripts,
                   row->totals.passed, row->totals.failed, row->totals.skipped);
    }
}

void WastPrinter::end() {
    switch (style_) {
    case Style::text:
        if (totals_.scripts > 1) summary();
        fmt::print(out_, "{}\n", to_string(totals_));
        break;
    case Style::tap: fmt::print(out_, "# {}\n", to_string(totals_)); break;
    case Style::json:
        fmt::print(out_, "\n], \"passed\": {}, \"failed\": {}, \"skipped\": {}}}\n", totals_.passed,
                   totals_.failed, totals_.skipped);
        break;
    }
}

}  // namespace waxwing::cli
