// Instructions, against bytes written by hand.
#include "helpers.hpp"

#include "core/opcode.hpp"

namespace waxwing::text {
namespace {

TEST(Instructions, every_one_without_immediates_is_its_encoding) {
    for (usize i = 0; i < opcode_count; ++i) {
        const OpcodeInfo& row = opcode_table[i];
        const auto op = static_cast<Opcode>(i);
        if (row.immediates != Immediates::none || op == Opcode::else_ || op == Opcode::end ||
            row.feature == Feature::legacy_exceptions)
            continue;
        std::string expected;
        if (row.encoding > 0xFF) {
            expected += static_cast<char>(row.encoding >> 16);
            u32 code = row.encoding & 0xFFFF;
            for (; code >= 0x80; code >>= 7)
                expected += static_cast<char>(code | 0x80);
            expected += static_cast<char>(code);
        } else {
            expected += static_cast<char>(row.encoding);
        }
        EXPECT_EQ(body_of(row.name), to_hex(expected)) << row.name;
        EXPECT_EQ(body_of("(" + std::string(row.name) + ")"), to_hex(expected)) << row.name;
    }
}

TEST(Instructions, constants) {
    EXPECT_EQ(body_of("i32.const -1"), "41 7f");
    EXPECT_EQ(body_of("i32.const 0xFFFFFFFF"), "41 7f");
    EXPECT_EQ(body_of("i32.const 64"), "41 c0 00");
    EXPECT_EQ(body_of("i64.const 0x8000_0000_0000_0000"), "42 80 80 80 80 80 80 80 80 80 7f");
    EXPECT_EQ(body_of("f32.const -0x1.8p0"), "43 00 00 c0 bf");
    EXPECT_EQ(body_of("f64.const nan:0x4"), "44 04 00 00 00 00 00 f0 7f");
    EXPECT_EQ(body_of("f64.const 1"), "44 00 00 00 00 00 00 f0 3f");
}

TEST(Instructions, constants_out_of_range) {
    expect_malformed("(func i32.const 4294967296)",
                     "constant out of range 4294967296 (at line 1, column 17)", 16);
    expect_malformed("(func i32.const 1.0)", "constant out of range 1.0 (at line 1, column 17)",
                     16);
    expect_malformed("(func f32.const 1e39)", "constant out of range 1e39 (at line 1, column 17)",
                     16);
    expect_malformed("(func i32.const)", "unexpected token ) (at line 1, column 16)", 15);
    expect_malformed("(func i32.const 0x)", "unknown operator 0x (at line 1, column 17)", 16);
}

TEST(Instructions, memory_access) {
    EXPECT_EQ(body_of("i32.load"), "28 02 00");
    EXPECT_EQ(body_of("i32.load8_u offset=0xffff_ffff_ffff_ffff align=1"),
              "2d 00 ff ff ff ff ff ff ff ff ff 01");
    EXPECT_EQ(body_of("i64.store $m offset=8 align=4", "(memory 0) (memory $m 0)"), "37 42 01 08");
    EXPECT_EQ(body_of("i64.store 0 align=8"), "37 03 00");
    EXPECT_EQ(body_of("memory.size memory.grow 1"), "3f 00 40 01");
    EXPECT_EQ(body_of("i32.atomic.rmw8.add_u 2 offset=1"), "fe 20 40 02 01");
    EXPECT_EQ(body_of("atomic.fence"), "fe 03 00");
    expect_malformed("(func i32.load align=3)",
                     "alignment must be a power of two (at line 1, column 16)", 15);
    expect_malformed("(func i32.load align=0)",
                     "alignment must be a power of two (at line 1, column 16)", 15);
    expect_malformed("(func i32.load align=1 offset=1)",
                     "unexpected token offset=1 (at line 1, column 24)", 23);
}

TEST(Instructions, the_number_before_a_lane_may_be_a_memory) {
    EXPECT_EQ(body_of("v128.load8_lane 1"), "fd 54 00 00 01");
    EXPECT_EQ(body_of("v128.load8_lane 3 1"), "fd 54 40 03 00 01");
    EXPECT_EQ(body_of("v128.load8_lane offset=2 1"), "fd 54 00 02 01");
    EXPECT_EQ(body_of("v128.load8_lane 3 offset=2 align=1 1"), "fd 54 40 03 02 01");
    EXPECT_EQ(body_of("v128.load8_lane $m 1", "(memory 0) (memory $m 0)"), "fd 54 40 01 00 01");
}

TEST(Instructions, bulk_operations_swap_their_operands) {
    EXPECT_EQ(body_of("memory.init 1"), "fc 08 01 00");
    EXPECT_EQ(body_of("memory.init 2 1"), "fc 08 01 02");
    EXPECT_EQ(body_of("table.init 2 1"), "fc 0c 01 02");
    EXPECT_EQ(body_of("memory.copy memory.copy 1 2 table.copy table.copy 1 2"),
              "fc 0a 00 00 fc 0a 01 02 fc 0e 00 00 fc 0e 01 02");
    EXPECT_EQ(body_of("memory.fill table.grow 1 table.get"), "fc 0b 00 fc 0f 01 25 00");
}

TEST(Instructions, calls) {
    EXPECT_EQ(body_of("call 1 return_call 2 call_ref 0 ref.func 3"), "10 01 12 02 14 00 d2 03");
    EXPECT_EQ(body_of("call_indirect 2 (type 0)"), "11 00 02");
    EXPECT_EQ(body_of("(call_indirect (param i32) (param i64) (result f32) (i32.const 0))"),
              "41 00 11 01 00");
    expect_malformed("(func call_indirect (param $x i32))",
                     "unexpected token $x (at line 1, column 28)", 27);
    expect_malformed("(func call_indirect (result i32) (param i32))",
                     "unexpected token param (at line 1, column 35)", 34);
}

TEST(Instructions, select_with_and_without_types) {
    EXPECT_EQ(body_of("select"), "1b");
    EXPECT_EQ(body_of("select (result i32)"), "1c 01 7f");
    EXPECT_EQ(body_of("select (result) (result i32 i64)"), "1c 02 7f 7e");
    EXPECT_EQ(body_of("select (result)"), "1c 00");
}

TEST(Instructions, references) {
    EXPECT_EQ(body_of("ref.null func ref.null 0"), "d0 70 d0 00");
    EXPECT_EQ(body_of("ref.test (ref i31) ref.test i31ref ref.cast (ref null 0) ref.cast (ref 0)"),
              "fb 14 6c fb 15 6c fb 17 00 fb 16 00");
    EXPECT_EQ(body_of("block br_on_cast 0 anyref (ref 0) br_on_cast_fail 0 (ref any) i31ref end"),
              "02 40 fb 18 01 00 6e 00 fb 19 02 00 6e 6c 0b");
    EXPECT_EQ(body_of("struct.get $s $y struct.set 0 1 array.new_fixed 0 3 array.copy 0 0",
                      "(type $s (struct (field $x i32) (field $y i32)))"),
              "fb 02 00 01 fb 05 00 01 fb 08 00 03 fb 11 00 00");
    expect_malformed("(type (struct)) (func struct.get 0 $x)",
                     "unknown field $x (at line 1, column 36)", 35);
}

TEST(Instructions, vectors) {
    EXPECT_EQ(body_of("v128.const i16x8 1 -1 0xffff 0 0 0 0 -32768"),
              "fd 0c 01 00 ff ff ff ff 00 00 00 00 00 00 00 00 00 80");
    EXPECT_EQ(body_of("v128.const f64x2 1 -inf"),
              "fd 0c 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 f0 ff");
    EXPECT_EQ(body_of("i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31"),
              "fd 0d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 1f");
    EXPECT_EQ(body_of("i16x8.replace_lane 7 f64x2.relaxed_nmadd"), "fd 1a 07 fd 88 02");
    expect_malformed("(func v128.const i64x2 1)",
                     "wrong number of lane literals (at line 1, column 25)", 24);
    expect_malformed("(func v128.const i64x2 1 2 3)",
                     "wrong number of lane literals (at line 1, column 29)", 28);
    expect_malformed("(func i8x16.shuffle 1)", "invalid lane length (at line 1, column 21)", 20);
    expect_malformed("(func i8x16.extract_lane_s 256)",
                     "i8 constant out of range (at line 1, column 28)", 27);
}

TEST(Instructions, block_types) {
    EXPECT_EQ(body_of("block end loop (result i32) end"), "02 40 0b 03 7f 0b");
    EXPECT_EQ(body_of("block (result (ref 0)) end"), "02 64 00 0b");
    EXPECT_EQ(body_of("block (param i32) end block (result i32 i32) end block (param i32) end"),
              "02 01 0b 02 02 0b 02 01 0b");
    EXPECT_EQ(body_of("block (type 0) end"), "02 00 0b");
    expect_malformed("(func block (param $x i32) end)",
                     "unexpected token $x (at line 1, column 20)", 19);
}

TEST(Instructions, labels_count_from_the_inside_and_shadow) {
    EXPECT_EQ(body_of("block $a block $b block $a br $a br $b end br $a end end"),
              "02 40 02 40 02 40 0c 00 0c 01 0b 0c 01 0b 0b");
    EXPECT_EQ(body_of("block $a br_table 0 $a 1 end"), "02 40 0e 02 00 00 01 0b");
    EXPECT_EQ(body_of("(br_table 0 (i32.const 0))"), "41 00 0e 00 00");
    expect_malformed("(func block $a end br $a)", "unknown label $a (at line 1, column 23)", 22);
    expect_malformed("(func block $a end $b)", "mismatching label $b (at line 1, column 20)", 19);
    expect_malformed("(func block end $b)", "mismatching label $b (at line 1, column 17)", 16);
    expect_malformed("(func i32.const 0 if $a else $b end)",
                     "mismatching label $b (at line 1, column 30)", 29);
}

TEST(Instructions, folded_ones_come_after_their_operands) {
    EXPECT_EQ(body_of("(i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3)))"),
              "41 01 41 02 41 03 6c 6a");
    EXPECT_EQ(body_of("(if (result i32) (i32.const 1) (then i32.const 2) (else (i32.const 3)))"),
              "41 01 04 7f 41 02 05 41 03 0b");
    EXPECT_EQ(body_of("(if $l (br_if $l (i32.const 1)) (then (br $l)))").substr(0, 5), "error");
    EXPECT_EQ(body_of("(block $l (if (br_if 0 (i32.const 1)) (then (br $l))))"),
              "02 40 41 01 0d 00 04 40 0c 01 0b 0b");
    EXPECT_EQ(body_of("(block (nop) nop (loop br 1))"), "02 40 01 01 03 40 0c 01 0b 0b");
}

TEST(Instructions, folding_has_its_rules) {
    for (const char* text : {"(i32.add nop)",
                             "(if (i32.const 1))",
                             "(if (then) nop)",
                             "(then)",
                             "(if (then) (else) (nop))",
                             "(else)",
                             "(end)",
                             "end",
                             "else",
                             "block",
                             "(block end)",
                             "if else else end",
                             "block else end",
                             "(if nop (then))",
                             "(if (then) (then))",
                             "(block else)",
                             "(i32.add (then))",
                             "(if (else) (then))",
                             "(catch 0 0)",
                             "(nop"})
        EXPECT_TRUE(body_of(text).starts_with("error: unexpected token")) << text << body_of(text);
}

// Clauses count labels outside the try_table.
TEST(Instructions, try_table) {
    EXPECT_EQ(body_of("block $l try_table $t (catch 1 $l) (catch_ref 2 0) (catch_all 1)"
                      " (catch_all_ref $l) br $l end end"),
              "02 40 1f 40 04 00 01 00 01 02 00 02 01 03 00 0c 01 0b 0b");
    EXPECT_EQ(body_of("(try_table (result i32) (nop))"), "1f 7f 00 01 0b");
    EXPECT_EQ(body_of("try_table $t (catch_all $t) end").substr(0, 20), "error: unknown label");
}

TEST(Instructions, nesting_costs_no_stack) {
    constexpr usize depth = 1'000'000;
    const auto repeat = [](std::string_view text) {
        std::string all;
        all.reserve(text.size() * depth);
        for (usize i = 0; i < depth; ++i)
            all += text;
        return all;
    };
    const std::string folded =
        binary_of("(func " + repeat("(i32.eqz ") + "(i32.const 0)" + std::string(depth, ')') + ")");
    EXPECT_GT(folded.size(), depth);
    EXPECT_EQ(to_hex(std::string_view(folded).substr(folded.size() - 3)), "45 45 0b");
    const std::string blocks =
        binary_of("(func " + repeat("block $l ") + "br $l " + repeat("end ") + ")");
    EXPECT_GT(blocks.size(), 3 * depth);
    const std::string ifs = binary_of("(func " + repeat("(if (i32.const 0) (then ") +
                                      std::string(2 * depth, ')') + ")");
    EXPECT_GT(ifs.size(), 5 * depth);
    EXPECT_TRUE(binary_of("(func " + repeat("(block ")).starts_with("error: unexpected token"));
    EXPECT_TRUE(binary_of(repeat("(")).starts_with("error: unexpected token"));
    EXPECT_TRUE(binary_of(repeat("(;")).starts_with("error: unclosed comment"));
    EXPECT_TRUE(binary_of(repeat("(@a ")).starts_with("error: unclosed annotation"));
}

}  // namespace
}  // namespace waxwing::text
