#include "decoder/reader.hpp"

#include "bytes.hpp"
#include "decoder/utf8.hpp"

namespace waxwing::test {
namespace {

template <class T>
void expect_fails(const Result<T>& result, std::string_view text, u64 offset) {
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().message().starts_with(text)) << result.error().message();
    EXPECT_EQ(result.error().byte_offset(), offset);
}

TEST(Leb128, u32_takes_up_to_five_bytes_and_need_not_be_shortest) {
    const Bytes data =
        bytes(0x7F, 0x80, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x80, 0x80, 0x80, 0x80, 0x00);
    Reader in(data);
    EXPECT_EQ(in.u32_leb().value(), 0x7Fu);
    EXPECT_EQ(in.u32_leb().value(), 0x80u);
    EXPECT_EQ(in.u32_leb().value(), 0xFFFFFFFFu);
    EXPECT_EQ(in.u32_leb().value(), 0u);
    EXPECT_TRUE(in.at_end());
}

TEST(Leb128, the_fifth_byte_of_a_u32_carries_four_bits) {
    const Bytes large = bytes(0x80, 0x80, 0x80, 0x80, 0x10);
    expect_fails(Reader(large).u32_leb(), "integer too large", 0);
    const Bytes longer = bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x00);
    expect_fails(Reader(longer).u32_leb(), "integer representation too long", 0);
}

TEST(Leb128, the_tenth_byte_of_a_u64_carries_one_bit) {
    const Bytes most = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01);
    EXPECT_EQ(Reader(most).u64_leb().value(), 0xFFFFFFFFFFFFFFFFu);
    const Bytes large = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02);
    expect_fails(Reader(large).u64_leb(), "integer too large", 0);
}

TEST(Leb128, signed_integers_extend_bit_six_of_the_last_byte) {
    const Bytes data = bytes(0x40, 0xC0, 0x00, 0x80, 0x80, 0x80, 0x80, 0x78, 0x7F);
    Reader in(data);
    EXPECT_EQ(in.s32_leb().value(), -64);
    EXPECT_EQ(in.s32_leb().value(), 64);
    EXPECT_EQ(in.s32_leb().value(), std::numeric_limits<s32>::min());
    EXPECT_EQ(in.s64_leb().value(), -1);
}

TEST(Leb128, unused_bits_of_a_signed_integer_copy_its_sign) {
    const Bytes mixed = bytes(0x80, 0x80, 0x80, 0x80, 0x70);
    expect_fails(Reader(mixed).s32_leb(), "integer too large", 0);
    const Bytes positive = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x07);
    EXPECT_EQ(Reader(positive).s32_leb().value(), 0x7FFFFFFF);
    const Bytes nothing_negative = bytes(0xFF, 0xFF, 0xFF, 0xFF, 0x0F);
    expect_fails(Reader(nothing_negative).s32_leb(), "integer too large", 0);
    EXPECT_EQ(Reader(nothing_negative).s33_leb().value(), 0xFFFFFFFF);
}

TEST(Leb128, s64_takes_ten_bytes) {
    const Bytes least = bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F);
    EXPECT_EQ(Reader(least).s64_leb().value(), std::numeric_limits<s64>::min());
    const Bytes large = bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E);
    expect_fails(Reader(large).s64_leb(), "integer too large", 0);
}

TEST(Leb128, a_missing_byte_is_reported_where_it_should_stand) {
    const Bytes data = bytes(0x00, 0x80, 0x80);
    Reader in(data);
    EXPECT_EQ(in.u32_leb().value(), 0u);
    expect_fails(in.u32_leb(), "unexpected end of section or function", 3);
}

TEST(Leb128, an_integer_cut_by_its_window_is_judged_by_the_bytes_beyond) {
    const Bytes data = bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x00);
    expect_fails(Reader(data, {0, 3}).u32_leb(), "integer representation too long", 0);
    const Bytes fine = bytes(0x80, 0x80, 0x00);
    expect_fails(Reader(fine, {0, 2}).u32_leb(), "unexpected end of section or function", 2);
}

TEST(Reader, reads_fixed_width_values_little_endian) {
    const Bytes data = bytes(1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, "0123456789abcdef");
    Reader in(data);
    EXPECT_EQ(in.f32_bits().value(), 0x04030201u);
    EXPECT_EQ(in.f64_bits().value(), 0x0807060504030201u);
    EXPECT_EQ(in.v128().value().bytes[15], 'f');
    expect_fails(in.byte(), "unexpected end of section or function", 28);
}

TEST(Reader, offsets_count_from_the_module_even_in_a_window) {
    const Bytes data = bytes("abcdef");
    Reader in(data, {2, 3});
    EXPECT_EQ(in.offset(), 2u);
    Reader sub = in.sub(2).value();
    EXPECT_EQ(sub.byte().value(), 'c');
    EXPECT_EQ(sub.offset(), 3u);
    EXPECT_EQ(sub.remaining(), 1u);
    EXPECT_EQ(in.offset(), 4u);
    expect_fails(in.take(2), "unexpected end of section or function", 5);
}

TEST(Reader, a_length_beyond_the_module_is_out_of_bounds) {
    const Bytes data = bytes(4, "ab");
    expect_fails(Reader(data).length(), "length out of bounds 4", 0);
    const Bytes just = bytes(3, "ab");
    expect_fails(Reader(just).length(), "unexpected end of section or function", 3);
    const Bytes window = bytes(2, "abcdef");
    expect_fails(Reader(window, {0, 2}).length(), "unexpected end of section or function", 2);
}

TEST(Utf8, accepts_the_first_and_last_character_of_each_length) {
    for (const std::string_view text :
         {"", "\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
          "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
          "eight ASCII and \xC2\x80 more"})
        EXPECT_TRUE(is_utf8(bytes(text))) << testing::PrintToString(text);
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_stray_bytes) {
    for (const std::string_view text :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x00", "\xE0\x9F\xBF",
          "\xED\xA0\x80", "\xED\xBF\xBF", "\xE1\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\xFF", "12345678\xFE", "\xE1\x80\xC0"})
        EXPECT_FALSE(is_utf8(bytes(text))) << testing::PrintToString(text);
}

TEST(Reader, a_name_that_is_not_utf8_is_malformed) {
    const Bytes data = bytes(2, "ok", 2, 0xC0, 0x80);
    Reader in(data);
    EXPECT_EQ(in.name().value(), "ok");
    expect_fails(in.name(), "malformed UTF-8 encoding", 4);
}

}  // namespace
}  // namespace waxwing::test
