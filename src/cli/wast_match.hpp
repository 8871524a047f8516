// Does a result fit what a test script expects? And both in words.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "text/script.hpp"
#include "waxwing/store.hpp"

namespace waxwing::cli {

// Compares results. References are looked at by small modules in the store that
// owns them, one for each question.
class Matcher {
public:
    explicit Matcher(Store& store) : store_(store) {}

    bool matches(const text::Expected& expected, const Value& actual);
    bool matches(std::span<const text::Expected> expected, std::span<const Value> actual);

private:
    enum class Question : std::uint8_t {
        is_any,  // not null, in the hierarchy of `any`, and so on
        is_extern,
        is_func,
        is_exn,
        is_eq,
        is_i31,
        is_struct,
        is_array,
    };
    static constexpr std::size_t question_count = 8;

    // False also for a reference of another hierarchy.
    bool ask(Question question, const Value& reference);
    Result<Func> make_probe(Question question);

    Store& store_;
    std::array<std::optional<Func>, question_count> probes_;
};

std::string describe(const Value& value);              // "i32:3"
std::string describe(const text::Expected& expected);  // "f32:nan:canonical"
std::string describe(std::span<const Value> values);   // "[i32:3 i64:4]"
std::string describe(std::span<const text::Expected> expected);
std::string describe(const Error& error);  // "trap: unreachable"

// "malformed", "trap", ...
const char* to_string(ErrorKind kind);

}  // namespace waxwing::cli
