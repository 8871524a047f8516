// The meaning of every scalar numeric instruction, written a second time and
// in other ways than the interpreter's, to compare with.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "waxwing/store.hpp"

namespace waxwing::test {

enum class Ty : std::uint8_t { i32, i64, f32, f64 };
const char* name_of(Ty type);
ValType val_type(Ty type);

// Bits, zero-extended; nothing and `trap` set if the operation traps.
using Eval = std::uint64_t (*)(std::uint64_t a, std::uint64_t b, Trap& trap);

struct NumericOp {
    std::string name;
    int operands;
    Ty operand;  // all operands of an operation have one type
    Ty result;
    Eval eval;
    bool shows_nan;  // the result tells apart NaNs that the specification lets differ
};
std::span<const NumericOp> numeric_ops();

bool is_nan(Ty type, std::uint64_t bits);
// Equal, or both NaN.
bool same(Ty type, std::uint64_t a, std::uint64_t b);

}  // namespace waxwing::test
