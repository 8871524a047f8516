#include "text/numbers.hpp"

#include <bit>
#include <limits>

#include <gtest/gtest.h>

namespace waxwing::text {
namespace {

u32 f32_bits(float v) { return std::bit_cast<u32>(v); }
u64 f64_bits(double v) { return std::bit_cast<u64>(v); }
const auto none = std::nullopt;

TEST(Numbers, integers_span_both_signs) {
    EXPECT_EQ(parse_integer("4294967295", 32), 0xFFFF'FFFFu);
    EXPECT_EQ(parse_integer("4294967296", 32), none);
    EXPECT_EQ(parse_integer("-2147483648", 32), 0x8000'0000u);
    EXPECT_EQ(parse_integer("-2147483649", 32), none);
    EXPECT_EQ(parse_integer("-0", 32), 0u);
    EXPECT_EQ(parse_integer("+0x7fff_FFFF", 32), 0x7FFF'FFFFu);
    EXPECT_EQ(parse_integer("-129", 8), none);
    EXPECT_EQ(parse_integer("-1", 8), 0xFFu);
    EXPECT_EQ(parse_integer("18446744073709551615", 64), ~u64{0});
    EXPECT_EQ(parse_integer("18446744073709551616", 64), none);
    EXPECT_EQ(parse_integer("-0x8000000000000000", 64), u64{1} << 63);
    EXPECT_EQ(parse_integer("-0x8000000000000001", 64), none);
    EXPECT_EQ(parse_integer("0x1_0000_0000_0000_0000_0", 64), none);
}

TEST(Numbers, unsigned_has_its_width) {
    EXPECT_EQ(parse_unsigned("255", 8), 255u);
    EXPECT_EQ(parse_unsigned("256", 8), none);
    EXPECT_EQ(parse_unsigned("1_000", 32), 1000u);
    EXPECT_EQ(parse_unsigned("0xffff_ffff_ffff_ffff", 64), ~u64{0});
}

TEST(Numbers, shapes) {
    for (const char* text : {"0", "00", "1_0", "0xAf", "0x0_0"})
        EXPECT_EQ(classify_number(text), TokenKind::nat) << text;
    for (const char* text : {"+0", "-1", "-0x1"})
        EXPECT_EQ(classify_number(text), TokenKind::integer) << text;
    for (const char* text : {"1.", "1.5", "1e5", "1.e-5", "-1E+5", "0x1.", "0x1.8p3", "0x1P-3",
                             "inf", "-inf", "nan", "+nan:0x1_0", "1_0.0_1e1_0"})
        EXPECT_EQ(classify_number(text), TokenKind::floating) << text;
    for (const char* text : {"",     "+",     "-",      ".5",  "1e",   "1e+",      "0x",   "0x.8",
                             "1__0", "1_",    "_1",     "1_.", "1._0", "1e_1",     "0x1p", "0x1pA",
                             "nan:", "nan:1", "nan:0x", "1x",  "0X1",  "infinity", "1.5.5"})
        EXPECT_EQ(classify_number(text), TokenKind::reserved) << text;
}

TEST(Numbers, decimal_floats_are_rounded_once) {
    EXPECT_EQ(parse_f32("1.5"), f32_bits(1.5f));
    EXPECT_EQ(parse_f32("1."), f32_bits(1.0f));
    EXPECT_EQ(parse_f32("1.e+0_2"), f32_bits(100.0f));
    EXPECT_EQ(parse_f64("12E-1"), f64_bits(1.2));
    EXPECT_EQ(parse_f64("0x1."), f64_bits(1.0));
    EXPECT_EQ(parse_f32("-0"), 0x8000'0000u);
    EXPECT_EQ(parse_f32("1_0.2_5e0_1"), f32_bits(102.5f));
    // Just above the middle of 1 and its successor; as a double it is the middle.
    EXPECT_EQ(parse_f32("1.00000005960464477539062500000000000000000001"), 0x3F80'0001u);
    EXPECT_EQ(parse_f32("1.000000059604644775390625"), 0x3F80'0000u);
    EXPECT_EQ(parse_f64("9007199254740993"), f64_bits(9007199254740992.0));
    EXPECT_EQ(parse_f64("9007199254740993.00000000000000000000000000000001"),
              f64_bits(9007199254740994.0));
    EXPECT_EQ(parse_f64("4.9406564584124654e-324"), 1u);
    EXPECT_EQ(parse_f64("2.4703282292062327e-324"), 0u);  // just below the middle
    EXPECT_EQ(parse_f64("2.4703282292062329e-324"), 1u);
}

TEST(Numbers, tiny_is_zero_and_huge_is_an_error) {
    EXPECT_EQ(parse_f32("1e-1000"), 0u);
    EXPECT_EQ(parse_f32("-1e-99999999999999999999"), 0x8000'0000u);
    EXPECT_EQ(parse_f64("0e99999999999999999999"), 0u);
    EXPECT_EQ(parse_f64("0.0000001e-400"), 0u);
    EXPECT_EQ(parse_f32("1e39"), none);
    EXPECT_EQ(parse_f64("1e99999999999999999999"), none);
    EXPECT_EQ(parse_f32("340282356779733661637539395458142568447"),
              f32_bits(std::numeric_limits<float>::max()));
    EXPECT_EQ(parse_f32("340282356779733661637539395458142568448"), none);
}

TEST(Numbers, hexadecimal_floats_are_rounded_once) {
    EXPECT_EQ(parse_f32("0x1.8p1"), f32_bits(3.0f));
    EXPECT_EQ(parse_f32("0x1.000001p0"), 0x3F80'0000u);  // the middle goes to even
    EXPECT_EQ(parse_f32("0x1.000003p0"), 0x3F80'0002u);
    EXPECT_EQ(parse_f32("0x1.00000100000000000000000001p0"), 0x3F80'0001u);
    EXPECT_EQ(parse_f32("0x1.fffffep127"), f32_bits(std::numeric_limits<float>::max()));
    EXPECT_EQ(parse_f32("0x1.fffffefffffp127"), f32_bits(std::numeric_limits<float>::max()));
    EXPECT_EQ(parse_f32("0x1.ffffffp127"), none);
    EXPECT_EQ(parse_f32("0x1p-149"), 1u);
    EXPECT_EQ(parse_f32("0x1p-150"), 0u);
    EXPECT_EQ(parse_f32("0x1.1p-150"), 1u);
    EXPECT_EQ(parse_f32("0x1p-151"), 0u);
    EXPECT_EQ(parse_f32("0x0.ffffffp-126"), 0x0080'0000u);  // rounds up to a normal number
    EXPECT_EQ(parse_f64("0x1.fffffffffffff8p1023"), none);
    EXPECT_EQ(parse_f64("0x1.fffffffffffff7p1023"), f64_bits(std::numeric_limits<double>::max()));
    EXPECT_EQ(parse_f64("0x0.00000000000000000000000000000000001p+140"), f64_bits(1.0));
    EXPECT_EQ(parse_f64("0x100000000000000000000000000000000000p-140"), f64_bits(1.0));
    EXPECT_EQ(parse_f64("-0x0p99999999999999"), u64{1} << 63);
}

TEST(Numbers, nans_have_a_payload_and_a_sign) {
    EXPECT_EQ(parse_f32("nan"), 0x7FC0'0000u);
    EXPECT_EQ(parse_f32("-nan:0x1"), 0xFF80'0001u);
    EXPECT_EQ(parse_f32("nan:0x7f_ffff"), 0x7FFF'FFFFu);
    EXPECT_EQ(parse_f32("nan:0x80_0000"), none);
    EXPECT_EQ(parse_f32("nan:0x0"), none);
    EXPECT_EQ(parse_f64("nan:0xf_ffff_ffff_ffff"), 0x7FFF'FFFF'FFFF'FFFFu);
    EXPECT_EQ(parse_f64("-inf"), 0xFFF0'0000'0000'0000u);
}

}  // namespace
}  // namespace waxwing::text
