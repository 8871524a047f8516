// What the text of a module looks like, and what it keeps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/int.hpp"
#include "waxwing/module.hpp"
#include "waxwing/text.hpp"

namespace waxwing {
namespace {

using Contents = std::vector<std::byte>;

Contents parse(std::string_view wat) {
    const auto bytes = parse_wat(wat);
    EXPECT_TRUE(bytes) << bytes.error().message() << "\n" << wat;
    return bytes ? *bytes : Contents();
}

std::string print(const Contents& bytes, const PrintOptions& options = {}) {
    const auto text = print_wat(bytes, options);
    return text ? *text : "error: " + std::string(text.error().message());
}

// The text of a text, which must mean the same.
std::string reprint(std::string_view wat, const PrintOptions& options = {}) {
    const Contents bytes = parse(wat);
    const std::string text = print(bytes, options);
    EXPECT_EQ(parse(text), bytes) << text;
    return text;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// A module of these bytes behind the header.
Contents module_of(std::initializer_list<int> sections) {
    Contents bytes{std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                   std::byte{1}, std::byte{0},   std::byte{0},   std::byte{0}};
    for (const int byte : sections)
        bytes.push_back(static_cast<std::byte>(byte));
    return bytes;
}

TEST(Print, flat_code_has_a_line_for_each_instruction) {
    EXPECT_EQ(
        reprint("(func $f (param $a i32) (param i64 f32) (result i32) (local f64)(local $l f64)"
                "  (if (result i32) (local.get $a) (then i32.const 1) (else (unreachable))))"),
        "(module\n"
        "  (type (;0;) (func (param i32 i64 f32) (result i32)))\n"
        "  (func $f (;0;) (type 0) (param $a i32) (param i64 f32) (result i32)\n"
        "    (local f64) (local $l f64)\n"
        "    local.get $a\n"
        "    if (;@1;) (result i32)\n"
        "      i32.const 1\n"
        "    else\n"
        "      unreachable\n"
        "    end)\n"
        ")\n");
}

TEST(Print, folded_code_has_operands_in_their_instruction) {
    EXPECT_EQ(reprint("(memory 1) (func (param i32) (result i32)"
                      "  (i32.store offset=4 (local.get 0) (i32.add (local.get 0) (i32.const -1)))"
                      "  (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))"
                      "    (else (call 0 (local.get 0)))))",
                      {.fold = true}),
              "(module\n"
              "  (type (;0;) (func (param i32) (result i32)))\n"
              "  (memory (;0;) 1)\n"
              "  (func (;0;) (type 0) (param i32) (result i32)\n"
              "    (i32.store offset=4 (local.get 0) (i32.add (local.get 0) (i32.const -1)))\n"
              "    (if (;@1;) (result i32)\n"
              "      (i32.eqz (local.get 0))\n"
              "      (then\n"
              "        (i32.const 1))\n"
              "      (else\n"
              "        (call 0 (local.get 0)))))\n"
              ")\n");
}

TEST(Print, instructions_without_all_of_their_operands_are_not_folded) {
    const std::string text = reprint("(func (result i32) i32.const 1 nop i32.const 2 i32.add)"
                                     "(func unreachable i32.ctz drop)",
                                     {.fold = true});
    EXPECT_TRUE(contains(text, "    (i32.const 1)\n    (nop)\n    (i32.const 2)\n    i32.add)"));
    EXPECT_TRUE(contains(text, "    (unreachable)\n    (drop (i32.ctz)))"));
}

TEST(Print, lines_may_begin_with_offsets) {
    EXPECT_EQ(reprint("(func (drop (i32.const 1)))", {.offsets = true}),
              "(module\n"
              "(;0x0b;)  (type (;0;) (func))\n"
              "(;0x16;)  (func (;0;) (type 0)\n"
              "(;0x17;)    i32.const 1\n"
              "(;0x19;)    drop)\n"
              ")\n");
}

TEST(Print, identifiers_are_names_quoted_if_they_must_be) {
    const std::string text =
        reprint("(module $m (func $f) (func $\"a b\") (func $\"\\22\\\\\\n\\u{9b}\\u{e9}\\7f\")"
                "(start $\"a b\"))");
    EXPECT_TRUE(contains(text, "(module $m\n"));
    EXPECT_TRUE(contains(text, "(func $f (;0;)"));
    EXPECT_TRUE(contains(text, "(func $\"a b\" (;1;)"));
    EXPECT_TRUE(contains(text, "(func $\"\\\"\\\\\\n\\u{9b}\xC3\xA9\\7f\" (;2;)")) << text;
    EXPECT_TRUE(contains(text, "(start $\"a b\")"));
}

TEST(Print, a_name_that_is_taken_gets_a_number_and_an_annotation) {
    const std::string text = reprint("(func $f) (func $f#1) (func $g (@name \"f\"))"
                                     "(func $h (param $x i32) (param $y (@name \"x\") i32)"
                                     "  (drop (local.get $y)) (call $g))");
    EXPECT_TRUE(contains(text, "(func $f#2 (@name \"f\") (;2;)")) << text;
    EXPECT_TRUE(contains(text, "(param $x i32) (param $x#1 (@name \"x\") i32)")) << text;
    EXPECT_TRUE(contains(text, "local.get $x#1\n"));
    EXPECT_TRUE(contains(text, "call $f#2"));
    const std::string plain = print(parse(text), {.annotations = false});
    EXPECT_FALSE(contains(plain, "(@"));
}

TEST(Print, very_long_names_are_said_once) {
    const std::string name(2000, 'x');
    const std::string text =
        reprint("(func $" + name + " (call 0) (call 0) (block $" + name + " (br 0)))");
    EXPECT_TRUE(contains(text, "(func $" + std::string(64, 'x') + "#1 (@name \"" + name + "\")"));
    EXPECT_TRUE(contains(text, "call $" + std::string(64, 'x') + "#1\n"));
    EXPECT_LT(text.size(), 3 * name.size());
    EXPECT_TRUE(contains(reprint("(module $" + name + ")"), "(module (@name \"xx"));
}

TEST(Print, everything_that_can_have_a_name_keeps_it) {
    reprint("(module (type $s (struct (field $a i32) (field i64) (field $c f32)))"
            "(import \"\" \"\" (func $imported)) (table $t 1 funcref) (memory $m 1)"
            "(global $g i32 (i32.const 1)) (tag $e) (elem $el func) (data $d)"
            "(func $f (param $p i32) (local $l i32) (block $b (loop $b (br $b)) (br $b))))");
}

TEST(Print, labels_are_names_where_these_mean_them) {
    const std::string text =
        reprint("(func (block $l (block $l br $l br 1) (br $l)) (block (br 0) (br 1) (br 2)))");
    EXPECT_TRUE(contains(text, "    block $l\n"
                               "      block $l\n"
                               "        br $l\n"
                               "        br 1\n"
                               "      end\n"
                               "      br $l\n"
                               "    end\n"
                               "    block (;@1;)\n"
                               "      br 0 (;@1;)\n"
                               "      br 1\n"
                               "      br 2\n"
                               "    end)"))
        << text;
}

TEST(Print, numbers_are_exact) {
    const std::string text =
        reprint("(func (drop (f32.const 0.1)) (drop (f32.const -0)) (drop (f32.const nan))"
                "(drop (f32.const -nan:0x1)) (drop (f64.const nan:0xfffffffffffff))"
                "(drop (f64.const 0x1p-1074)) (drop (f64.const 1e22)) (drop (f64.const -inf))"
                "(drop (f32.const 0x1.fffffep127)) (drop (i64.const 0x8000000000000000))"
                "(drop (i32.const 0xffffffff)) (drop (v128.const f32x4 1 -1 nan:0x1 0)))");
    for (const char* part :
         {"f32.const 0.1\n", "f32.const -0\n", "f32.const nan\n", "f32.const -nan:0x1\n",
          "f64.const nan:0xfffffffffffff\n", "f64.const 5e-324\n", "f64.const 1e+22\n",
          "f64.const -inf\n", "f32.const 3.4028235e+38\n", "i64.const -9223372036854775808\n",
          "i32.const -1\n", "v128.const i32x4 0x3f800000 0xbf800000 0x7f800001 0x00000000\n"})
        EXPECT_TRUE(contains(text, part)) << part << text;
}

TEST(Print, memory_arguments_are_said_if_they_are_not_the_usual_ones) {
    const std::string text =
        reprint("(memory 1) (memory $n 1) (func (param i32)"
                "(drop (i32.load (local.get 0))) (drop (i32.load align=4 (local.get 0)))"
                "(drop (i32.load $n offset=4294967295 align=1 (local.get 0)))"
                "(drop (v128.load8_lane $n align=1 3 (local.get 0) (v128.const i32x4 0 0 0 0)))"
                "(memory.copy 1 0 (local.get 0) (local.get 0) (local.get 0)))");
    EXPECT_TRUE(contains(text, "    i32.load\n    drop\n    local.get 0\n    i32.load\n"));
    EXPECT_TRUE(contains(text, "i32.load $n offset=4294967295 align=1\n"));
    EXPECT_TRUE(contains(text, "v128.load8_lane $n 3\n"));
    EXPECT_TRUE(contains(text, "memory.copy $n 0"));
}

TEST(Print, long_bytes_take_several_lines) {
    const std::string text = reprint("(memory (data \"" + std::string(100, 'a') + "\\00\"))");
    EXPECT_TRUE(contains(text, "(data (;0;) (i32.const 0)\n    \"" + std::string(80, 'a') +
                                   "\"\n    \"" + std::string(20, 'a') + "\\00\")"))
        << text;
}

// Custom sections

TEST(Print, custom_sections_keep_their_places) {
    const std::string text = reprint(
        "(module $m (@custom \"z\" (before first)) (@custom \"a\" (before func) \"\\01\\ff\")"
        "(func $f) (@custom \"b\" (after code) \"x\") (@custom \"c\" (after last) \"y\"))");
    EXPECT_TRUE(contains(text, "(@custom \"z\" (before first))\n"));
    EXPECT_TRUE(contains(text, "(@custom \"a\" (after type) \"\\01\\ff\")\n"));
    EXPECT_TRUE(contains(text, "(@custom \"b\" (after code) \"x\")\n"));
    EXPECT_TRUE(contains(text, "(@custom \"c\" (after last) \"y\")\n"));
    EXPECT_FALSE(contains(text, "(@custom \"name\""));
}

TEST(Print, names_that_the_parser_would_write_otherwise_are_kept_as_bytes) {
    // Names of a function that does not exist, and before the code.
    const Contents unknown = module_of({0, 11, 4, 'n', 'a', 'm', 'e', 1, 4, 1, 7, 1, 'f'});
    EXPECT_EQ(print(unknown),
              "(module\n  (@custom \"name\" (before first) \"\\01\\04\\01\\07\\01f\")\n)\n");
    EXPECT_EQ(parse(print(unknown)), unknown);

    const Contents early = module_of({1,  4,  1, 0x60, 0,   0,   3,   2, 1, 0,             //
                                      0,  11, 4, 'n',  'a', 'm', 'e', 1, 4, 1, 0, 1, 'f',  //
                                      10, 4,  1, 2,    0,   0x0B});
    EXPECT_TRUE(contains(print(early), "(func $f (;0;)"));
    EXPECT_TRUE(contains(print(early), "(@custom \"name\" (after func)"));
    EXPECT_EQ(parse(print(early)), early);
}

TEST(Print, branch_hints_stand_at_their_instructions) {
    const std::string source = "(func (param i32) (@metadata.code.branch_hint \"\\01\")"
                               "(if (local.get 0) (then (@metadata.code.branch_hint \"\\00\")"
                               "(br_if 0 (local.get 0)))))";
    EXPECT_TRUE(contains(reprint(source), "    (@metadata.code.branch_hint \"\\01\") if (;@1;)\n"
                                          "      local.get 0\n"
                                          "      (@metadata.code.branch_hint \"\\00\") br_if 0"));
    EXPECT_TRUE(contains(reprint(source, {.fold = true}),
                         "    (@metadata.code.branch_hint \"\\01\") (if (;@1;)\n"
                         "      (local.get 0)\n"));
    EXPECT_FALSE(contains(reprint(source), "@custom"));
}

TEST(Print, branch_hints_that_hint_at_nothing_are_kept_as_bytes) {
    const Contents bytes = parse("(func nop) (@custom \"metadata.code.branch_hint\" (before code) "
                                 "\"\\01\\00\\01\\01\\01\\01\")");
    EXPECT_TRUE(contains(print(bytes), "(@custom \"metadata.code.branch_hint\" (after func)"));
    EXPECT_EQ(parse(print(bytes)), bytes);
}

TEST(Print, a_data_count_that_nothing_needs_is_kept) {
    const Contents bytes = module_of({12, 1, 1, 11, 3, 1, 1, 0});
    EXPECT_EQ(print(bytes), "(module\n  (@datacount)\n  (data (;0;) \"\")\n)\n");
    EXPECT_EQ(parse(print(bytes)), bytes);
    EXPECT_FALSE(contains(reprint("(func (data.drop 0)) (data)"), "@datacount"));
}

TEST(Print, a_page_size_is_said_if_the_module_says_it) {
    EXPECT_TRUE(contains(reprint("(memory 1 (pagesize 65536))"), "(pagesize 65536)"));
    EXPECT_TRUE(contains(reprint("(import \"a\" \"b\" (memory i64 1 2 (pagesize 1)))"),
                         "i64 1 2 (pagesize 1)"));
    EXPECT_FALSE(contains(reprint("(memory 1)"), "pagesize"));
}

// Errors, and modules made to harm

TEST(Print, malformed_modules_are_errors_with_their_offset) {
    const auto text = print_wat(module_of({1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0xFF}));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().message(), "illegal opcode ff (at 0x17)");
    EXPECT_EQ(text.error().function(), 0u);
}

TEST(Print, invalid_modules_have_a_text) {
    const Contents bytes = module_of({1,  4, 1, 0x60, 0,   0,    3,  2,   1, 9,  // of type 9
                                      7,  5, 1, 1,    'x', 0,    77,             // function 77
                                      10, 6, 1, 4,    0,   0x0C, 5,  0x0B});     // to label 5
    for (const bool fold : {false, true}) {
        const std::string text = print(bytes, {.fold = fold});
        EXPECT_TRUE(contains(text, "(export \"x\" (func 77))")) << text;
        EXPECT_TRUE(contains(text, "br 5")) << text;
        EXPECT_EQ(parse(text), bytes);
    }
}

TEST(Print, depth_costs_neither_stack_nor_ever_more_space) {
    constexpr usize depth = 300'000;
    std::string blocks = "(func ", operands = "(func (result i32) i32.const 0 ";
    for (usize i = 0; i < depth; ++i) {
        blocks += "block ";
        operands += "i32.eqz ";
    }
    for (usize i = 0; i < depth; ++i)
        blocks += "end ";
    for (const bool fold : {false, true}) {
        EXPECT_LT(reprint(blocks + ")", {.fold = fold}).size(), depth * 250);
        EXPECT_LT(reprint(operands + ")", {.fold = fold}).size(), depth * 120);
    }
}

TEST(Print, a_text_out_of_proportion_is_an_error) {
    // 400 functions of 50,000 locals each.
    Contents bytes = module_of({1, 4, 1, 0x60, 0, 0, 3, 0x92, 3, 0x90, 3});
    bytes.resize(bytes.size() + 400);
    for (const int byte : {10, 0xF2, 0x15, 0x90, 3})
        bytes.push_back(static_cast<std::byte>(byte));
    for (int i = 0; i < 400; ++i)
        for (const int byte : {6, 1, 0xD0, 0x86, 3, 0x7F, 0x0B})
            bytes.push_back(static_cast<std::byte>(byte));
    const auto text = print_wat(bytes);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().kind(), ErrorKind::limit);
    EXPECT_EQ(text.error().message(), "text too long: more than 67108864 bytes");
}

TEST(Print, a_sink_may_have_enough) {
    std::string wat = "(module";
    for (int i = 0; i < 20'000; ++i)
        wat += "(func (drop (i32.const 1)))";
    const Contents bytes = parse(wat + ")");
    usize pieces = 0;
    const auto printed = print_wat(bytes, {}, [&](std::string_view piece) {
        EXPECT_LT(piece.size(), 100'000u);
        return ++pieces < 3;
    });
    EXPECT_TRUE(printed);
    EXPECT_EQ(pieces, 3u);
}

}  // namespace
}  // namespace waxwing
