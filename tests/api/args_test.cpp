#include <cmath>
#include <limits>

#include "support.hpp"

namespace waxwing::test {
namespace {

using enum ArgTyping;

std::optional<Value> none;

TEST(Arg, number_is_i32_when_whole_and_in_its_range) {
    EXPECT_EQ(Arg::number(42).type(), i32);
    EXPECT_EQ(Arg::number(42).value(), Value::i32(42));
    EXPECT_EQ(Arg::number(2147483647.0).value(), Value::i32(2147483647));
    EXPECT_EQ(Arg::number(-2147483648.0).value(), Value::i32(std::numeric_limits<int>::min()));
}

TEST(Arg, number_is_i64_when_whole_and_beyond_i32) {
    EXPECT_EQ(Arg::number(2147483648.0).value(), Value::i64(2147483648));
    EXPECT_EQ(Arg::number(-2147483649.0).value(), Value::i64(-2147483649));
    EXPECT_EQ(Arg::number(9007199254740991.0).value(), Value::i64(9007199254740991));
    EXPECT_EQ(Arg::number(-0x1p63).value(), Value::i64(std::numeric_limits<std::int64_t>::min()));
}

TEST(Arg, number_is_f64_otherwise) {
    EXPECT_EQ(Arg::number(3.5).value(), Value::f64(3.5));
    EXPECT_EQ(Arg::number(0x1p63).type(), f64);
    EXPECT_EQ(Arg::number(1e300).type(), f64);
    EXPECT_EQ(Arg::number(INFINITY).type(), f64);
    EXPECT_EQ(Arg::number(NAN).type(), f64);
}

TEST(Arg, cpp_types_have_their_own_types) {
    EXPECT_EQ(Arg(1).type(), i32);
    EXPECT_EQ(Arg(1u).type(), i32);
    EXPECT_EQ(Arg(std::int64_t{1}).type(), i64);
    EXPECT_EQ(Arg(1.0f).type(), f32);
    EXPECT_EQ(Arg(1.0).type(), f64);
    EXPECT_EQ(Arg(Value::f32(1)).type(), f32);
}

TEST(Arg, widens_without_loss) {
    EXPECT_EQ(Arg(-7).as(i64), Value::i64(-7));
    EXPECT_EQ(Arg(0xFFFFFFFFu).as(i64), Value::i64(0xFFFFFFFF));
    EXPECT_EQ(Arg(7).as(f64), Value::f64(7));
    EXPECT_EQ(Arg(7).as(f32), Value::f32(7));
    EXPECT_EQ(Arg(1.5).as(f32), Value::f32(1.5f));
    EXPECT_EQ(Arg(1.5f).as(f64), Value::f64(1.5));
    EXPECT_EQ(Arg::number(42).as(i64), Value::i64(42));
    EXPECT_EQ(Arg::number(42).as(f64), Value::f64(42));
    EXPECT_EQ(Arg::number(3e9).as(f64), Value::f64(3e9));
}

TEST(Arg, refuses_what_would_lose_something) {
    EXPECT_EQ(Arg(16777217).as(f32), none);
    EXPECT_EQ(Arg(0.1).as(f32), none);
    EXPECT_EQ(Arg(1.0).as(i32), none);
    EXPECT_EQ(Arg(std::int64_t{1}).as(i32), none);
    EXPECT_EQ(Arg(std::int64_t{1}).as(f64), none);
    EXPECT_EQ(Arg::number(3e9).as(i32), none);
}

TEST(Arg, minus_zero_stays_minus_zero) {
    EXPECT_EQ(Arg::number(-0.0).as(f64), Value::f64(-0.0));
    EXPECT_EQ(Arg::number(-0.0).as(f32), Value::f32(-0.0f));
    EXPECT_EQ(Arg::number(-0.0).as(i32), Value::i32(0));
}

TEST(Arg, explicit_types_are_never_converted) {
    for (const ArgTyping typing : {inferred, strict, signature}) {
        EXPECT_EQ(Arg(Value::i32(1)).as(i64, typing), none);
        EXPECT_EQ(Arg(types::f32(1)).as(f64, typing), none);
        EXPECT_EQ(Arg(types::i32(1)).as(i32, typing), Value::i32(1));
    }
}

TEST(Arg, strict_never_converts) {
    EXPECT_EQ(Arg(1).as(i64, strict), none);
    EXPECT_EQ(Arg::number(1).as(f64, strict), none);
    EXPECT_EQ(Arg::number(1).as(i32, strict), Value::i32(1));
}

TEST(Arg, signature_takes_what_the_parameter_can_hold) {
    EXPECT_EQ(Arg(1.0).as(i32, signature), Value::i32(1));
    EXPECT_EQ(Arg(std::int64_t{4294967295}).as(i32, signature), Value::i32(-1));
    EXPECT_EQ(Arg(std::int64_t{4294967296}).as(i32, signature), none);
    EXPECT_EQ(Arg(std::int64_t{-2147483649}).as(i32, signature), none);
    EXPECT_EQ(Arg(0.1).as(f32, signature), Value::f32(0.1f));
    EXPECT_EQ(Arg(1e300).as(f32, signature), none);
    EXPECT_EQ(Arg(1.5).as(i32, signature), none);
    EXPECT_EQ(Arg(NAN).as(i64, signature), none);
    EXPECT_EQ(Arg(std::int64_t{1} << 53).as(f64, signature), Value::f64(0x1p53));
    EXPECT_EQ(Arg((std::int64_t{1} << 53) + 1).as(f64, signature), none);
    EXPECT_EQ(Arg(std::numeric_limits<std::uint64_t>::max()).as(f64, signature), none);
    EXPECT_EQ(Arg::number(-9223372036854775808.0).as(i64, signature),
              Value::i64(std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ(Arg(18446744073709549568.0).as(i64, signature), Value::i64(-2048));
    EXPECT_EQ(Arg(0x1p64).as(i64, signature), none);
}

TEST(FitArgs, names_the_first_that_does_not_fit) {
    const FuncType type{{i32, i64}, {}};
    const std::vector<Arg> wrong = {1, 1.5};
    expect_error(fit_args(type, wrong), Code::type, "argument 2: expected i64, given f64 1.5");
    const std::vector<Arg> few = {1};
    expect_error(fit_args(type, few), Code::type, "expected 2 arguments, given 1");
    const std::vector<Arg> one = {1, 2};
    expect_error(fit_args(FuncType{{i32}, {}}, one), Code::type, "expected 1 argument, given 2");
}

}  // namespace
}  // namespace waxwing::test
