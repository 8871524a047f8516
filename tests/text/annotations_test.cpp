#include "helpers.hpp"

namespace waxwing::text {
namespace {

constexpr TextOptions on{.emit_names = true, .annotations = true};

TEST(Annotations, mean_nothing_when_switched_off) {
    EXPECT_EQ(
        hex_of("(module (@custom) (@name 1) (@metadata.code.branch_hint))", {.annotations = false}),
        "");
}

TEST(Annotations, names_replace_identifiers) {
    EXPECT_EQ(hex_of("(module $x (@name \"M\") (func $a (@name \"f g\")))", on),
              "01 04 01 60 00 00 03 02 01 00 0a 04 01 02 00 0b "
              "00 11 04 6e 61 6d 65 00 02 01 4d 01 06 01 00 03 66 20 67");
    EXPECT_EQ(hex_of("(tag (@name \"t\"))", on),
              "01 04 01 60 00 00 0d 03 01 00 00 00 0b 04 6e 61 6d 65 0b 04 01 00 01 74");
    expect_malformed("(module (func) (@name \"M\"))",
                     "misplaced @name annotation (at line 1, column 16)", 15, on);
    expect_malformed("(module (@name \"a\") (@name \"b\"))",
                     "@name annotation: multiple module (at line 1, column 21)", 20, on);
}

TEST(Annotations, custom_sections_stand_where_they_are_put) {
    EXPECT_EQ(hex_of("(@custom \"a\" (before memory) \"x\") (memory 1) (@custom \"b\" \"y\" \"z\")"
                     "(@custom \"c\" (after memory)) (@custom \"d\" (before first))",
                     on),
              "00 02 01 64 00 03 01 61 78 05 03 01 00 01 00 02 01 63 00 04 01 62 79 7a");
    expect_malformed("(func (@custom \"a\"))", "misplaced @custom annotation (at line 1, column 7)",
                     6, on);
    expect_malformed("(@custom \"a\" (after nowhere))",
                     "@custom annotation: malformed section kind (at line 1, column 21)", 20, on);
}

TEST(Annotations, branch_hints_give_the_offset_in_the_function) {
    EXPECT_EQ(hex_of("(func (local i32) (@metadata.code.branch_hint \"\\01\")"
                     "(if (local.get 0) (then (@metadata.code.branch_hint \"\\00\")"
                     "(br_if 0 (local.get 0)))))",
                     on),
              "01 04 01 60 00 00 03 02 01 00 "
              "00 23 19 6d 65 74 61 64 61 74 61 2e 63 6f 64 65 2e 62 72 61 6e 63 68 5f 68 69 6e 74 "
              "01 00 02 05 01 01 09 01 00 "
              "0a 0f 01 0d 01 01 7f 20 00 04 40 20 00 0d 00 0b 0b");
    const auto bytes = parse_wat("(func (@metadata.code.branch_hint \"\\01\") nop)", on);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().kind(), ErrorKind::invalid);
    EXPECT_TRUE(bytes.error().message().starts_with(
        "@metadata.code.branch_hint annotation: invalid target"));
    expect_malformed("(@metadata.code.branch_hint \"\\01\") (func)",
                     "@metadata.code.branch_hint annotation: not in a function"
                     " (at line 1, column 1)",
                     0, on);
}

}  // namespace
}  // namespace waxwing::text
