// Fused arithmetic on f64.
#include "interp/fused_support.hpp"

namespace waxwing::interp {
namespace {

constexpr OpcodeList arithmetic(FLOAT_OPS(f64));
constexpr OpcodeList reversible(Opcode::f64_sub, Opcode::f64_div);
constexpr bool has_immediates = false;

#include "interp/fused_binary.inc"

}  // namespace

Handler binary2_f64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst) {
    return select_binary2(op1, op2, a, b, c, reversed, dst);
}

}  // namespace waxwing::interp
