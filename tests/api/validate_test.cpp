#include "api/validate.hpp"

#include <gtest/gtest.h>

#include "api/walk.hpp"

namespace waxwing {
namespace {

// (module (type (func (result i32))) (func (type 0) i32.const 1 i32.const 2 <op>))
std::vector<u8> module_with(u8 op) {
    return {0x00, 'a',  's',  'm',  1,    0,    0,    0,           // magic, version
            0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7F,              // types
            0x03, 0x02, 0x01, 0x00,                                // functions
            0x0A, 0x09, 0x01, 0x07, 0x00, 0x41, 0x01, 0x41, 0x02,  // code
            op,   0x0B};
}

TEST(Validate, a_valid_module_comes_back_decoded) {
    const auto module = decode_and_validate(module_with(0x6A), Features());
    ASSERT_TRUE(module) << module.error().message();
    EXPECT_EQ(module->code.size(), 1u);
    EXPECT_EQ(module->func_type(0).results, std::vector{i32});
}

TEST(Validate, an_invalid_body_is_located_in_the_bytes_and_by_function) {
    const auto module = decode_and_validate(module_with(0x7C), Features());  // i64.add
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().kind(), ErrorKind::invalid);
    EXPECT_EQ(module.error().message(), "type mismatch: instruction requires [i64 i64] but stack "
                                        "has [i32 i32] (at 0x1c, func 0)");
}

TEST(Validate, a_malformed_body_is_malformed_not_invalid) {
    const auto module = decode_and_validate(module_with(0xFF), Features());
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().kind(), ErrorKind::malformed);
    EXPECT_EQ(module.error().byte_offset(), 0x1Cu);
}

TEST(Validate, constant_expressions_are_checked) {
    // (global i32 (i64.const 0))
    const std::vector<u8> bytes = {0x00, 'a',  's',  'm',  1,    0,    0,    0,
                                   0x06, 0x06, 0x01, 0x7F, 0x00, 0x42, 0x00, 0x0B};
    const auto module = decode_and_validate(bytes, Features());
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().message(),
              "type mismatch: instruction requires [i32] but stack has [i64] (at 0xf)");
}

struct Recorder {
    std::vector<Opcode> ops;
    void emit(const Instr& in) { ops.push_back(in.op); }
};

TEST(Walk, a_listener_hears_every_instruction_in_order) {
    const auto module = decode_and_validate(module_with(0x6A), Features());
    ASSERT_TRUE(module);
    Recorder recorder;
    ASSERT_TRUE(walk_body(*module, module->code[0].instructions, nullptr, recorder));
    EXPECT_EQ(recorder.ops,
              (std::vector{Opcode::i32_const, Opcode::i32_const, Opcode::i32_add, Opcode::end}));
}

TEST(Walk, a_listener_hears_nothing_of_an_invalid_instruction) {
    auto decoded = decode_and_validate(module_with(0x6A), Features());
    ASSERT_TRUE(decoded);
    std::vector<u8> changed(decoded->bytes.data(), decoded->bytes.data() + decoded->bytes.size());
    changed[0x1C] = 0x7C;
    decoded->bytes = std::move(changed);
    ModuleValidator module(*decoded);
    ASSERT_TRUE(module.check());
    FuncValidator validator(module);
    ASSERT_TRUE(validator.begin_function(0));
    Recorder recorder;
    EXPECT_FALSE(walk_body(*decoded, decoded->code[0].instructions, &validator, recorder));
    EXPECT_EQ(recorder.ops.size(), 2u);
}

}  // namespace
}  // namespace waxwing
