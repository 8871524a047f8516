// Module fields, against bytes written by hand.
#include "helpers.hpp"

namespace waxwing::text {
namespace {

TEST(Module, may_be_empty_or_bare) {
    EXPECT_EQ(hex_of("(module)"), "");
    EXPECT_EQ(hex_of("(module $name)"), "");
    EXPECT_EQ(hex_of(""), "");
    EXPECT_EQ(hex_of("(memory 1)"), hex_of("(module (memory 1))"));
}

TEST(Module, a_whole_one) {
    EXPECT_EQ(hex_of(R"((module
        (func (export "add") (param $x i32) (param $y i32) (result i32)
          (i32.add (local.get $x) (local.get $y)))))"),
              "01 07 01 60 02 7f 7f 01 7f "         // type
              "03 02 01 00 "                        // function
              "07 07 01 03 61 64 64 00 00 "         // export
              "0a 09 01 07 00 20 00 20 01 6a 0b");  // code
}

TEST(Types, short_and_long_forms_are_one) {
    EXPECT_EQ(hex_of("(type (func (param funcref (ref null func) (ref func) anyref (ref null any)"
                     " nullref nullexnref (ref 0) (ref null 0) i32 i64 f32 f64 v128)))"),
              "01 15 01 60 0e 70 70 64 70 6e 6e 71 74 64 00 63 00 7f 7e 7d 7c 7b 00");
}

TEST(Types, structs_arrays_and_subtypes) {
    EXPECT_EQ(hex_of("(type (struct (field i8 (mut i16)) (field $x i64)))"),
              "01 09 01 5f 03 78 00 77 01 7e 00");
    EXPECT_EQ(hex_of("(type (array (mut f32)))"), "01 04 01 5e 7d 01");
    EXPECT_EQ(hex_of("(type (sub (func))) (type (sub final 0 (func))) (type (sub final (func)))"),
              "01 0f 03 50 00 60 00 00 4f 01 00 60 00 00 60 00 00");
    EXPECT_EQ(hex_of("(rec (type $a (struct (field (ref $b)))) (type $b (func)))"),
              "01 0b 01 4e 02 5f 01 64 01 00 60 00 00");
    EXPECT_EQ(hex_of("(rec (type (func)))"), "01 04 01 60 00 00");
    EXPECT_EQ(hex_of("(rec)"), "01 03 01 4e 00");
}

// The lowest equal final type in a group of its own, else a new one at the end.
TEST(Types, implicit_function_types) {
    EXPECT_EQ(hex_of("(import \"\" \"\" (func (param i32))) (type (func (param i32)))"),
              "01 05 01 60 01 7f 00 02 05 01 00 00 00 00");
    // 0 is open, 1 is in a larger group: a new type 3 is needed.
    EXPECT_EQ(hex_of("(type (sub (func))) (rec (type (func)) (type (func)))"
                     "(import \"\" \"\" (func))"),
              "01 11 03 50 00 60 00 00 4e 02 60 00 00 60 00 00 60 00 00 02 05 01 00 00 00 03");
    // In the order of their first use, parameters' names aside.
    EXPECT_EQ(
        hex_of("(import \"\" \"\" (func (param $x f32))) (import \"\" \"\" (func (result i32)))"
               "(import \"\" \"\" (func (param f32)))"),
        "01 09 02 60 01 7d 00 60 00 01 7f "
        "02 0d 03 00 00 00 00 00 00 00 01 00 00 00 00");
}

TEST(Types, an_inline_type_must_agree) {
    expect_malformed("(type $t (func)) (func (type $t) (param i32))",
                     "inline function type does not match type $t (at line 1, column 30)", 29);
    expect_malformed("(func (type 2) (param i32))", "unknown type 2 (at line 1, column 13)", 12);
    // Without inline types it is validation's business.
    EXPECT_EQ(hex_of("(func (type 4))"), "03 02 01 04 0a 04 01 02 00 0b");
}

TEST(Funcs, locals_come_in_groups) {
    EXPECT_EQ(
        hex_of("(func (local i32 i32) (local $x i32) (local f32) (local (ref null 0)) (local))"),
        "01 04 01 60 00 00 03 02 01 00 0a 0b 01 09 03 03 7f 01 7d 01 63 00 0b");
}

TEST(Funcs, a_type_alone_gives_parameters_without_names) {
    EXPECT_EQ(body_of("(type 0) (local $x i32) local.get $x", "(type (func (param i32 i32)))"),
              "01 7f 20 02");
}

TEST(Imports, every_kind) {
    EXPECT_EQ(hex_of(R"((import "a" "f" (func $f)) (import "a" "t" (table $t i64 1 2 externref))
        (import "a" "m" (memory 1 2 shared)) (import "a" "g" (global (mut i64)))
        (import "a" "e" (tag (param i32))))"),
              "01 08 02 60 00 00 60 01 7f 00 "
              "02 26 05 01 61 01 66 00 00 01 61 01 74 01 6f 05 01 02 "
              "01 61 01 6d 02 03 01 02 01 61 01 67 03 7e 01 01 61 01 65 04 00 01");
}

TEST(Imports, inline_ones_are_the_same) {
    EXPECT_EQ(
        hex_of(R"((memory $m (export "x") (export "y") (import "a" "b") 1))"),
        hex_of(
            R"((import "a" "b" (memory $m 1)) (export "x" (memory $m)) (export "y" (memory 0)))"));
    EXPECT_EQ(hex_of(R"((func (import "a" "b") (param i32)) (tag (import "c" "d")))"),
              hex_of(R"((import "a" "b" (func (param i32))) (import "c" "d" (tag)))"));
}

TEST(Imports, come_before_definitions) {
    expect_malformed("(func) (import \"\" \"\" (memory 1))",
                     "import after function (at line 1, column 16)", 15);
    expect_malformed("(global i32 (i32.const 0)) (table (import \"\" \"\") 1 funcref)",
                     "import after global (at line 1, column 35)", 34);
}

TEST(Memories, limits_and_flags) {
    EXPECT_EQ(hex_of("(memory 1)"), "05 03 01 00 01");
    EXPECT_EQ(hex_of("(memory i32 1 2)"), "05 04 01 01 01 02");
    EXPECT_EQ(hex_of("(memory i64 1 0x1_0000_0000)"), "05 08 01 05 01 80 80 80 80 10");
    EXPECT_EQ(hex_of("(memory 1 2 shared (pagesize 1))"), "05 05 01 0b 01 02 00");
    EXPECT_EQ(hex_of("(memory 0 (pagesize 65536))"), "05 04 01 08 00 10");
    expect_malformed("(memory 0 (pagesize 3))", "invalid custom page size 3 (at line 1, column 21)",
                     20);
    expect_malformed("(memory 0x1_0000_0000)", "i32 constant out of range (at line 1, column 9)", 8,
                     {.u32_limits = true});
    expect_malformed("(memory i64 0x1_0000_0000_0000_0000)",
                     "i64 constant out of range (at line 1, column 13)", 12);
}

TEST(Memories, inline_data_sizes_the_memory) {
    EXPECT_EQ(hex_of("(memory (data \"ab\" \"c\"))"),
              "05 04 01 01 01 01 0b 09 01 00 41 00 0b 03 61 62 63");
    EXPECT_EQ(hex_of("(memory (data))"), "05 04 01 01 00 00 0b 06 01 00 41 00 0b 00");
    EXPECT_EQ(hex_of("(memory i64 (data \"a\"))"), "05 04 01 05 01 01 0b 07 01 00 42 00 0b 01 61");
    EXPECT_EQ(hex_of("(memory (pagesize 1) (data \"abc\"))"),
              "05 05 01 09 03 03 00 0b 09 01 00 41 00 0b 03 61 62 63");
}

TEST(Tables, with_and_without_initializer) {
    EXPECT_EQ(hex_of("(table 1 funcref)"), "04 04 01 70 00 01");
    EXPECT_EQ(hex_of("(table i64 1 2 (ref 0) (ref.func 0))"),
              "04 0b 01 40 00 64 00 05 01 02 d2 00 0b");
}

TEST(Tables, inline_elements_size_the_table) {
    EXPECT_EQ(hex_of("(table funcref (elem $f 0)) (func $f)"),
              "01 04 01 60 00 00 03 02 01 00 04 05 01 70 01 02 02 "
              "09 08 01 00 41 00 0b 02 00 00 0a 04 01 02 00 0b");
    EXPECT_EQ(hex_of("(table i64 externref (elem (ref.null extern)))"),
              "04 05 01 6f 05 01 01 09 0b 01 06 00 42 00 0b 6f 01 d0 6f 0b");
}

TEST(Elems, all_eight_forms) {
    const auto elem = [](std::string text) {
        const std::string bytes = hex_of("(elem " + text + ")");
        return bytes.size() > 9 ? bytes.substr(9) : bytes;
    };
    EXPECT_EQ(elem("(i32.const 0) 1 2"), "00 41 00 0b 02 01 02");
    EXPECT_EQ(elem("(offset (i32.const 0)) func 1"), "00 41 00 0b 01 01");
    EXPECT_EQ(elem("(table 0) (i32.const 0) func 1"), "00 41 00 0b 01 01");
    EXPECT_EQ(elem("func 1"), "01 00 01 01");
    EXPECT_EQ(elem("(table 3) (i32.const 0) func 1"), "02 03 41 00 0b 00 01 01");
    EXPECT_EQ(elem("declare func"), "03 00 00");
    EXPECT_EQ(elem("(i32.const 0) funcref (ref.func 1)"), "04 41 00 0b 01 d2 01 0b");
    EXPECT_EQ(elem("funcref (item ref.func 1) (ref.null func)"), "05 70 02 d2 01 0b d0 70 0b");
    EXPECT_EQ(elem("(i32.const 0) externref"), "06 00 41 00 0b 6f 00");
    EXPECT_EQ(elem("(table 1) (i32.const 0) (ref func)"), "06 01 41 00 0b 64 70 00");
    EXPECT_EQ(elem("declare (ref null 0)"), "07 63 00 00");
}

TEST(Segments, a_bare_index_says_where_they_go) {
    EXPECT_EQ(hex_of("(elem 2 (i32.const 0) 1)"), hex_of("(elem (table 2) (i32.const 0) func 1)"));
    EXPECT_EQ(hex_of("(memory $m 0) (data $d $m (i32.const 0))"),
              hex_of("(memory $m 0) (data $d (memory $m) (i32.const 0))"));
    expect_malformed("(elem (table 0) (i32.const 0) 1)",
                     "unexpected token 1 (at line 1, column 31)", 30);
}

TEST(Datas, all_three_forms) {
    EXPECT_EQ(hex_of("(data \"a\" \"b\")"), "0b 05 01 01 02 61 62");
    EXPECT_EQ(hex_of("(data (i32.const 0) \"\\00\")"), "0b 07 01 00 41 00 0b 01 00");
    EXPECT_EQ(hex_of("(data (memory 1) (offset i32.const 0))"), "0b 07 01 02 01 41 00 0b 00");
    EXPECT_EQ(hex_of("(data $d (i32.const 0))"), "0b 06 01 00 41 00 0b 00");
}

TEST(Datas, are_counted_if_code_refers_to_them) {
    EXPECT_EQ(hex_of("(data) (func data.drop 0)"),
              "01 04 01 60 00 00 03 02 01 00 0c 01 01 0a 07 01 05 00 fc 09 00 0b 0b 03 01 01 00");
}

TEST(Segments, inline_ones_take_an_index) {
    EXPECT_EQ(body_of("data.drop $d", "(memory (data)) (data $d)"), "fc 09 01");
    EXPECT_EQ(
        body_of("elem.drop $e", "(table $t (export \"(elem\") funcref (elem)) (elem $e func)"),
        "fc 0d 01");
}

TEST(Globals, tags_exports_and_start) {
    EXPECT_EQ(hex_of("(global $g (mut i32) i32.const 7) (export \"g\" (global $g))"),
              "06 06 01 7f 01 41 07 0b 07 05 01 01 67 03 00");
    EXPECT_EQ(hex_of("(tag (export \"e\") (param i32))"),
              "01 05 01 60 01 7f 00 0d 03 01 00 00 07 05 01 01 65 04 00");
    EXPECT_EQ(hex_of("(start $f) (func $f)"),
              "01 04 01 60 00 00 03 02 01 00 08 01 00 0a 04 01 02 00 0b");
    expect_malformed("(start 0) (start 0)", "multiple start sections (at line 1, column 18)", 17);
}

TEST(Names, go_to_the_name_section) {
    EXPECT_EQ(hex_of("(module $m (func $f (param $x i32) (local i32) (local $y i32)))",
                     {.emit_names = true}),
              "01 05 01 60 01 7f 00 03 02 01 00 0a 06 01 04 01 02 7f 0b "
              "00 1a 04 6e 61 6d 65 "
              "00 02 01 6d "                        // module
              "01 04 01 00 01 66 "                  // functions
              "02 09 01 00 02 00 01 78 02 01 79");  // locals
    EXPECT_EQ(hex_of("(type $s (struct (field $x i32))) (data $\"d\\41\")", {.emit_names = true}),
              "01 05 01 5f 01 7f 00 0b 03 01 01 00 "
              "00 1a 04 6e 61 6d 65 "
              "04 04 01 00 01 73 "         // types
              "09 05 01 00 02 64 41 "      // data segments
              "0a 06 01 00 01 00 01 78");  // fields
}

TEST(Names, may_be_used_before_they_are_defined) {
    EXPECT_EQ(body_of("call $g", "", "(func $g (param $g i32))").substr(0, 5), "10 01");
}

TEST(Names, are_compared_unescaped) {
    EXPECT_EQ(hex_of("(func $f) (start $\"\\66\")"), hex_of("(func $f) (start $f)"));
}

TEST(Names, are_unique_in_their_space) {
    expect_malformed("(func $a) (func $a)", "duplicate func $a (at line 1, column 17)", 16);
    expect_malformed("(func (param $a i32) (local $\"a\" i32))",
                     "duplicate local $\"a\" (at line 1, column 29)", 28);
    expect_malformed("(type $a (func)) (rec (type $a (func)))",
                     "duplicate type $a (at line 1, column 29)", 28);
    expect_malformed("(type (struct (field $a i32) (field $a i32)))",
                     "duplicate field $a (at line 1, column 37)", 36);
    EXPECT_EQ(hex_of("(type (struct (field $a i32))) (type (struct (field $a i32)))").substr(0, 5),
              "01 09");
}

TEST(Errors, say_line_and_column) {
    expect_malformed("(module\n  (func\n    get_local 0))",
                     "unknown operator get_local (at line 3, column 5)", 20);
    expect_malformed("(module", "unexpected token end of text (at line 1, column 8)", 7);
    expect_malformed("(module))", "unexpected token ) (at line 1, column 9)", 8);
    expect_malformed("(foo)", "unknown operator foo (at line 1, column 2)", 1);
    expect_malformed("(i32)", "unexpected token i32 (at line 1, column 2)", 1);
    expect_malformed("(func) \x01", "illegal character (at line 1, column 8)", 7);
    expect_malformed("(func (export \"\\ff\"))", "malformed UTF-8 encoding (at line 1, column 15)",
                     14);
    expect_malformed("(start $f)", "unknown function $f (at line 1, column 8)", 7);
    expect_malformed("(export \"\" (memory $m))", "unknown memory $m (at line 1, column 20)", 19);
}

}  // namespace
}  // namespace waxwing::text
