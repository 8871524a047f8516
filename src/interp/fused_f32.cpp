// Fused arithmetic on f32.
#include "interp/fused_support.hpp"

namespace waxwing::interp {
namespace {

constexpr OpcodeList arithmetic(FLOAT_OPS(f32));
constexpr OpcodeList reversible(Opcode::f32_sub, Opcode::f32_div);
constexpr bool has_immediates = false;

#include "interp/fused_binary.inc"

}  // namespace

Handler binary2_f32(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst) {
    return select_binary2(op1, op2, a, b, c, reversed, dst);
}

}  // namespace waxwing::interp
