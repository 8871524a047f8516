// Numeric instructions: unary, binary, comparison, and comparison with branch.
#include <utility>

#include "interp/steps_numeric.hpp"

namespace waxwing::interp {
namespace {

constexpr bool commutes(Opcode op) {
    switch (op) {
    case Opcode::i32_add:
    case Opcode::i32_mul:
    case Opcode::i32_and:
    case Opcode::i32_or:
    case Opcode::i32_xor:
    case Opcode::i64_add:
    case Opcode::i64_mul:
    case Opcode::i64_and:
    case Opcode::i64_or:
    case Opcode::i64_xor:
    case Opcode::f32_add:
    case Opcode::f32_mul:
    case Opcode::f64_add:
    case Opcode::f64_mul: return true;
    default: return false;
    }
}

// The combinations of operand places that exist: never two immediates, never
// acc twice; an immediate or acc on the right of a commutative operation or of
// a comparison is swapped to where a variant exists.
constexpr bool exists(Src lhs, Src rhs, bool swappable) {
    if (lhs == Src::imm) return rhs != Src::imm && !swappable;
    if (rhs == Src::acc) return lhs == Src::slot && !swappable;
    return true;
}

// Handlers of one operation by lhs, rhs and a third choice.
using Variants = std::array<std::array<std::array<Handler, 2>, 3>, 3>;

template <class Make, usize... place>
constexpr Variants variants(bool swappable, Make make, std::index_sequence<place...>) {
    Variants all{};
    ((all[place / 3][place % 3] =
          exists(static_cast<Src>(place / 3), static_cast<Src>(place % 3), swappable)
              ? make.template operator()<static_cast<Src>(place / 3), static_cast<Src>(place % 3)>()
              : std::array<Handler, 2>{}),
     ...);
    return all;
}

template <Opcode op, bool swappable>
constexpr Variants value_variants() {
    return variants(
        swappable,
        []<Src lhs, Src rhs>() {
            if constexpr (exists(lhs, rhs, swappable))
                return std::array<Handler, 2>{&step<Binary<op, lhs, rhs, Dst::slot>>,
                                              &step<Binary<op, lhs, rhs, Dst::acc>>};
            else
                return std::array<Handler, 2>{};
        },
        std::make_index_sequence<9>{});
}

template <Opcode op>
constexpr Variants branch_variants() {
    return variants(
        true,
        []<Src lhs, Src rhs>() {
            if constexpr (exists(lhs, rhs, true))
                return std::array<Handler, 2>{&step<Branch<op, lhs, rhs, false>>,
                                              &step<Branch<op, lhs, rhs, true>>};
            else
                return std::array<Handler, 2>{};
        },
        std::make_index_sequence<9>{});
}

using UnaryVariants = std::array<std::array<Handler, 2>, 2>;
template <Opcode op>
constexpr UnaryVariants unary_variants() {
    return {{{&step<Unary<op, Src::slot, Dst::slot>>, &step<Unary<op, Src::slot, Dst::acc>>},
             {&step<Unary<op, Src::acc, Dst::slot>>, &step<Unary<op, Src::acc, Dst::acc>>}}};
}

template <usize... i>
constexpr auto make_binary(std::index_sequence<i...>) {
    return std::array<Variants, sizeof...(i)>{
        value_variants<binary_family.ops[i], commutes(binary_family.ops[i])>()...};
}
template <usize... i>
constexpr auto make_compare(std::index_sequence<i...>) {
    return std::array<Variants, sizeof...(i)>{value_variants<compare_family.ops[i], true>()...};
}
template <usize... i>
constexpr auto make_branch(std::index_sequence<i...>) {
    return std::array<Variants, sizeof...(i)>{branch_variants<compare_family.ops[i]>()...};
}
template <usize... i>
constexpr auto make_unary(std::index_sequence<i...>) {
    return std::array<UnaryVariants, sizeof...(i)>{unary_variants<unary_family.ops[i]>()...};
}

constexpr auto binaries = make_binary(std::make_index_sequence<binary_family.ops.size()>{});
constexpr auto compares = make_compare(std::make_index_sequence<compare_family.ops.size()>{});
constexpr auto branches = make_branch(std::make_index_sequence<compare_family.ops.size()>{});
constexpr auto unaries = make_unary(std::make_index_sequence<unary_family.ops.size()>{});

constexpr usize at(Src src) { return static_cast<usize>(src); }

}  // namespace

bool is_commutative(Opcode op) { return commutes(op); }

Handler binary_handler(Opcode op, Src lhs, Src rhs, Dst dst) {
    return binaries[binary_family.position[static_cast<usize>(op)]][at(lhs)][at(rhs)]
                   [static_cast<usize>(dst)];
}
Handler compare_handler(Opcode op, Src lhs, Src rhs, Dst dst) {
    return compares[compare_family.position[static_cast<usize>(op)]][at(lhs)][at(rhs)]
                   [static_cast<usize>(dst)];
}
Handler branch_handler(Opcode op, Src lhs, Src rhs, bool sense) {
    return branches[compare_family.position[static_cast<usize>(op)]][at(lhs)][at(rhs)][sense];
}
Handler unary_handler(Opcode op, Src src, Dst dst) {
    return unaries[unary_family.position[static_cast<usize>(op)]][at(src)][static_cast<usize>(dst)];
}

}  // namespace waxwing::interp
