// Every module of the specification's tests, printed and parsed again. Set
// WASM_TESTSUITE to their folder; without it these tests are skipped.
#include <gtest/gtest.h>

#include "core/int.hpp"
#include "suite_modules.hpp"
#include "waxwing/module.hpp"
#include "waxwing/text.hpp"

namespace waxwing {
namespace {

class PrintedSuite : public testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        if (!test::has_suite()) GTEST_SKIP() << "WASM_TESTSUITE is not set";
        ASSERT_GT(test::suite_modules().size(), 3500u);
    }
};

TEST_P(PrintedSuite, is_parsed_to_the_same_bytes) {
    const PrintOptions options{.fold = GetParam(), .offsets = GetParam()};
    const PrintOptions plain{.annotations = false};
    usize same = 0, other = 0, refused = 0;
    for (const test::SuiteModule& sample : test::suite_modules()) {
        const auto printed = print_wat(sample.bytes, options);
        if (!printed) {
            // Invalid, and only found to be so in binary form.
            EXPECT_FALSE(Module::validate(sample.bytes, Features::all())) << sample.where;
            ++refused;
            continue;
        }
        const auto parsed = parse_wat(*printed);
        ASSERT_TRUE(parsed) << sample.where << ": " << parsed.error().message() << "\n" << *printed;
        if (*parsed == sample.bytes) {
            ++same;
            continue;
        }
        // Bytes that nobody would write on purpose become those that everybody writes.
        EXPECT_FALSE(sample.is_text) << sample.where << "\n" << *printed;
        EXPECT_EQ(*print_wat(*parsed, plain), *print_wat(sample.bytes, plain)) << sample.where;
        const auto again = print_wat(*parsed, options);
        ASSERT_TRUE(again) << sample.where;
        EXPECT_EQ(parse_wat(*again).value(), *parsed) << sample.where;
        ++other;
    }
    EXPECT_GT(same, 3500u);
    EXPECT_LT(other + refused, 60u);
}

INSTANTIATE_TEST_SUITE_P(, PrintedSuite, testing::Bool(),
                         [](const auto& param) { return param.param ? "folded" : "flat"; });

}  // namespace
}  // namespace waxwing
