// Fused arithmetic on i64.
#include "interp/fused_support.hpp"

namespace waxwing::interp {
namespace {

constexpr OpcodeList arithmetic(INTEGER_OPS(i64));
constexpr OpcodeList reversible(Opcode::i64_sub);
constexpr bool has_immediates = true;

#include "interp/fused_binary.inc"

}  // namespace

Handler binary2_i64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst) {
    return select_binary2(op1, op2, a, b, c, reversed, dst);
}

}  // namespace waxwing::interp
