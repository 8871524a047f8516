// Does a result fit what a test script expects? And both in words.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "text/script.hpp"
#include "waxwing/store.hpp"

namespace waxwing::cli {

// Compares results. References are looked at by functions of a small module in
// the store that owns them.
class Matcher {
public:
    explicit Matcher(Store& store) : store_(store) {}

    bool matches(const text::Expected& expected, const Value& actual);
    bool matches(std::span<const text::Expected> expected, std::span<const Value> actual);

private:
    // What the module's function `test` says of a reference; false if its
    // parameter does not take the reference.
    bool ask(const char* test, const Value& reference);

    Store& store_;
    std::optional<Instance> probe_;
};

std::string describe(const Value& value);              // "i32:3"
std::string describe(const text::Expected& expected);  // "f32:nan:canonical"
std::string describe(std::span<const Value> values);   // "[i32:3 i64:4]"
std::string describe(std::span<const text::Expected> expected);
std::string describe(const Error& error);  // "trap: unreachable"

// "malformed", "trap", ...
const char* to_string(ErrorKind kind);

}  // namespace waxwing::cli
