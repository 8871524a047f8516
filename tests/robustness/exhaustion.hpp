// What tests of a host without memory have in common: programs that need much of it, and what is
// expected when it is not there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "failing.hpp"
#include "waxwing/store.hpp"
#include "waxwing/text.hpp"

namespace waxwing::test {

// The value of a result that must be there.
template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().format();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// `count` times `make(i)`.
template <class Make>
std::string repeat(int count, Make make) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += make(i);
    return text;
}

inline std::vector<std::byte> wat(std::string_view text) { return must(parse_wat(text)); }

// The error of an operation for which a request has failed: it says so, with that code.
inline void expect_no_memory(const Error& error, Code code,
                             std::string_view text = "out of memory") {
    EXPECT_EQ(error.code(), code) << error.format();
    EXPECT_TRUE(error.message().starts_with(text)) << error.format();
    EXPECT_TRUE(error.kind() == ErrorKind::limit || error.kind() == ErrorKind::trap ||
                error.code() == Code::io || error.code() == Code::wasi)
        << error.format();
}

// Runs `work` in the attempt, and once more without failures if it has failed for want of memory.
template <class Work>
auto twice(Attempt& attempt, Code code, Work work, std::string_view text = "out of memory") {
    auto result = attempt(work);
    if (!result) {
        EXPECT_GT(attempt.failed(), 0u);
        expect_no_memory(result.error(), code, text);
        result = work();
    }
    if (!result) ADD_FAILURE() << result.error().format();
    return result;
}

// At how many requests of 64 KB or more at least, and of any size, a scenario was made to fail.
inline void fail_large_and_any(std::size_t at_least, const Scenario& scenario) {
    const std::size_t requests = fail_each(large, scenario);
    EXPECT_GE(requests, at_least);
    if (testing::Test::HasFailure()) return;
    EXPECT_GE(fail_each(any, scenario), requests);
}

}  // namespace waxwing::test
