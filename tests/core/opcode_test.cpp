#include "core/opcode.hpp"

#include <gtest/gtest.h>

#include <set>

namespace waxwing {
namespace {

TEST(Opcode, every_row_is_found_by_its_encoding) {
    for (usize i = 0; i < opcode_count; ++i) {
        const auto op = static_cast<Opcode>(i);
        const u32 encoding = info(op).encoding;
        const auto found =
            encoding >> 16 ? opcode_of_prefixed(static_cast<u8>(encoding >> 16), encoding & 0xFFFF)
                           : opcode_of_byte(static_cast<u8>(encoding));
        ASSERT_TRUE(found.has_value()) << info(op).name;
        EXPECT_EQ(*found, op) << info(op).name;
    }
}

TEST(Opcode, fixed_types_read_as_written) {
    const FixedType& store = info(Opcode::i64_store8).type;
    EXPECT_EQ(store.input_count, 2);
    EXPECT_EQ(store.inputs[0], OperandType::addr);
    EXPECT_EQ(store.inputs[1], OperandType::i64);
    EXPECT_EQ(store.output_count, 0);
    const FixedType& madd = info(Opcode::f32x4_relaxed_madd).type;
    EXPECT_EQ(madd.input_count, 3);
    EXPECT_EQ(madd.output_count, 1);
}

TEST(Opcode, unknown_codes_are_not_found) {
    EXPECT_FALSE(opcode_of_byte(0xFF));
    EXPECT_FALSE(opcode_of_prefixed(0xFC, 18));
    EXPECT_FALSE(opcode_of_prefixed(0xFD, 154));
    EXPECT_FALSE(opcode_of_prefixed(0xFD, 0xFFFFFFFF));
}

}  // namespace
}  // namespace waxwing
