#include "text/lexer.hpp"

#include <gtest/gtest.h>

#include "text/strings.hpp"

namespace waxwing::text {
namespace {

// One letter a token, so that a text reads like its tokens.
std::string kinds(std::string_view source) {
    constexpr std::string_view letters = "()knifs$oaRB";
    std::string text;
    Lexer lexer(source);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next())
        text += letters[static_cast<usize>(token.kind)];
    return text;
}

Token first(std::string_view source) { return Lexer(source).next(); }

TEST(Lexer, tells_the_kinds_of_tokens_apart) {
    EXPECT_EQ(kinds("(module $m i32.add 1 -1 +0x1 1.5 inf -nan:0x7 \"a\" offset=1 align=0x8)"),
              "(k$kniifffsoa)");
    EXPECT_EQ(kinds("$\"a b\" $a$b nan:canonical foo"), "$$kk");
    EXPECT_EQ(kinds("offset= align=x offset=-1"), "kkk");
}

TEST(Lexer, tokens_have_their_place) {
    const Token token = first("  \n i32.add)");
    EXPECT_EQ(token.offset, 4u);
    EXPECT_EQ(token.size, 7u);
    EXPECT_EQ(token.keyword, keyword_of(Opcode::i32_add));
}

TEST(Lexer, glued_tokens_are_one_reserved_token) {
    for (const char* text :
         {"0drop", "\"a\"\"b\"", "a\"b\"", "$x\"y\"", "\"a\"b", "1x", "0x", "1_", "_1", "0x_1",
          "1__0", ".5", "1e", "0x1p", "1._0", "nan:1", "@a", "A"}) {
        EXPECT_EQ(kinds(text).size(), 1u) << text;
        EXPECT_NE(kinds(text), "n") << text;
        EXPECT_NE(kinds(text), "f") << text;
    }
    EXPECT_EQ(kinds("0drop"), "R");
    EXPECT_EQ(kinds("\"a\"\"b\""), "R");
    EXPECT_EQ(kinds(",;[]{}"), "RRRRRR");
}

TEST(Lexer, comments_nest_and_end_at_either_line_end) {
    EXPECT_EQ(kinds("1 (; 2 (; 3 ;) 4 ;) 5"), "nn");
    EXPECT_EQ(kinds(";; 1\n2 ;; 3\r4 ;; 5"), "nn");
    EXPECT_EQ(first("(; (; ;)").fault, TextFault::unclosed_comment);
    EXPECT_EQ(first(";; \xC0\x80").fault, TextFault::malformed_utf8);
    EXPECT_EQ(first("(; \xFF ;)").fault, TextFault::malformed_utf8);
}

TEST(Lexer, annotations_are_space_but_must_be_balanced) {
    EXPECT_EQ(kinds("1 (@a (b) \")\" (;);) 0x {,}) 2"), "nn");
    EXPECT_EQ(kinds("(@\"quoted\" x)1"), "n");
    EXPECT_EQ(first("(@a (b)").fault, TextFault::unclosed_annotation);
    EXPECT_EQ(first("(@ a)").fault, TextFault::empty_annotation_id);
    EXPECT_EQ(first("(@\"\")").fault, TextFault::empty_annotation_id);
    EXPECT_EQ(first("(@a \x01)").fault, TextFault::illegal_character);
    EXPECT_EQ(first("(@a \xC3\x9F)").fault, TextFault::illegal_character);
    EXPECT_EQ(first("(@a \x80)").fault, TextFault::malformed_utf8);
    EXPECT_EQ(first("(@a \"").fault, TextFault::unclosed_string);
}

TEST(Lexer, identifiers_are_not_empty) {
    for (const char* text : {"$", "$ \"a\"", "$\"\"", "$\"a\nb\"", "$("})
        EXPECT_EQ(first(text).fault, TextFault::empty_identifier) << text;
    EXPECT_EQ(first("$\"\\ff\"").fault, TextFault::malformed_utf8);
}

TEST(Lexer, goes_on_behind_a_bad_token) {
    EXPECT_EQ(kinds("\x01 1"), "Bn");
    EXPECT_EQ(kinds("\"open\n1"), "Bn");
    EXPECT_EQ(kinds("\xFF\xFE 1"), "BBn");
}

TEST(Lexer, escapes_are_checked) {
    EXPECT_EQ(kinds(R"("\t\n\r\"\'\\\00\fF\u{10_FFFF}")"), "s");
    for (const char* text : {R"("\x")", R"("\0")", R"("\u{}")", R"("\u{110000}")", R"("\u{d800}")",
                             R"("\u{1_}")", R"("\u0041")"})
        EXPECT_EQ(first(text).fault, TextFault::illegal_escape) << text;
    EXPECT_EQ(first("\"\x7F\"").fault, TextFault::illegal_character);
    EXPECT_EQ(first("\"\t\"").fault, TextFault::illegal_character);
}

TEST(Strings, unescape_gives_bytes) {
    EXPECT_EQ(unescape(R"("a\t\n\r\"\'\\")"), "a\t\n\r\"'\\");
    EXPECT_EQ(unescape(R"("\00\ff")"), std::string("\0\xFF", 2));
    EXPECT_EQ(unescape(R"("\u{41}\u{df}\u{20ac}\u{1F600}")"),
              "A\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(Keywords, every_instruction_is_found_by_its_name) {
    for (usize i = 0; i < opcode_count; ++i) {
        const auto op = static_cast<Opcode>(i);
        if (info(op).feature == Feature::legacy_exceptions) continue;
        const Keyword word = find_keyword(info(op).name);
        ASSERT_TRUE(is_opcode(word)) << info(op).name;
        EXPECT_EQ(info(opcode_of(word)).name, info(op).name);
    }
    for (const char* old : {"get_local", "i32.wrap/i64", "anyfunc", "try", "rethrow", "delegate"})
        EXPECT_EQ(find_keyword(old), Keyword::unknown) << old;
}

}  // namespace
}  // namespace waxwing::text
