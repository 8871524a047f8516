#include "core/printable.hpp"

#include <gtest/gtest.h>

#include "waxwing/error.hpp"

namespace waxwing {
namespace {

TEST(Printable, text_stays_what_it_is) {
    for (const char* text :
         {"", "plain $name \\ \"", "gr\u00fc\u00df", "\u65e5\u672c", "\U0001f980"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, what_is_not_text_is_escaped) {
    EXPECT_EQ(printable("\x1b[2J\a\n\r\t\x7f"), "\\1b[2J\\07\\0a\\0d\\09\\7f");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\00b");
    EXPECT_EQ(printable("\u009b31m"), "\\u{9b}31m");
    EXPECT_EQ(printable("a\u202eb\u2066c\u200f"), "a\\u{202e}b\\u{2066}c\\u{200f}");
    EXPECT_EQ(printable("\xff"
                        "a\xc3"),
              "\\ffa\\c3");
    EXPECT_EQ(printable("\xc0\x80\xed\xa0\x80"), "\\c0\\80\\ed\\a0\\80");
}

TEST(Printable, json_is_json) {
    EXPECT_EQ(json_string("a\"\\\n\x1b\x7f\u009b"), R"("a\"\\\u000a\u001b\u007f\u009b")");
    EXPECT_EQ(json_string("\xff\u00fc"), "\"\\ufffd\u00fc\"");
}

TEST(Printable, errors_are_formatted_without_control_characters) {
    Error error = Error::host("\x1b]0;title\a");
    error.with_backtrace({{.module = "m\x1b", .function = "f\n"}});
    EXPECT_EQ(error.format(), "error[5002]: \\1b]0;title\\07\n"
                              "  at m\\1b!f\\0a (func 0) +0x0, offset 0x0");
}

}  // namespace
}  // namespace waxwing
