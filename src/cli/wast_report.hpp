// What a run of test scripts came to, and the ways to print it.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace waxwing::cli {

struct WastFailure {
    std::uint32_t line = 0;
    std::string command;   // "assert_return"
    std::string expected;  // empty if the command had no expectation but success
    std::string got;
    std::string excerpt = {};  // of the script, some whole lines, or empty
    // Of a command that makes an instance: how many others failed only because of that.
    // They are counted, but not listed.
    std::size_t consequences = 0;
};

// Counted in assertions. A command that is no assertion is not counted when it
// succeeds, and is one failure when it does not.
struct WastReport {
    std::string path;
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
    std::string skip_reason;  // set if the whole script was skipped
    std::vector<WastFailure> failures;
    double seconds = 0;
};

struct WastTotals {
    std::size_t scripts = 0;
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
    void add(const WastReport& report);
};

// "12 passed, 0 failed, 3 skipped"
std::string to_string(const WastTotals& totals);

// Prints reports one after the other as they are handed over, and the end.
class WastPrinter {
public:
    enum class Style : std::uint8_t { text, tap, json };

    WastPrinter(Style style, bool verbose, std::FILE* out)
        : style_(style), verbose_(verbose), out_(out) {}

    void begin(std::size_t script_count);
    void script(const WastReport& report);
    void end();
    const WastTotals& totals() const { return totals_; }

private:
    template <class... T>
    void print(fmt::format_string<T...> format, T&&... args) const;
    void script_text(const WastReport& report);
    void script_tap(const WastReport& report);
    void script_json(const WastReport& report);
    void summary() const;

    struct Row {
        std::string_view group;
        WastTotals totals;
    };

    Style style_;
    bool verbose_;
    std::FILE* out_;
    WastTotals totals_;
    std::vector<Row> rows_;
};

}  // namespace waxwing::cli
