// Numeric instructions: unary, binary, comparison, and comparison with branch.
#include <utility>

#include "interp/families.hpp"
#include "interp/handlers.hpp"
#include "interp/semantics.hpp"

namespace waxwing::interp {
namespace {

// The operand and result types of Sem<op>::eval.
template <class F>
struct Signature;
template <class R, class A>
struct Signature<R (*)(A)> {
    using Result = R;
    using Arg = A;
};
template <class R, class A>
struct Signature<R (*)(A, A)> {
    using Result = R;
    using Arg = A;
};
template <Opcode op>
using Arg = typename Signature<std::decay_t<decltype(Sem<op>::eval)>>::Arg;

#define OPERAND(src, position) read<T, src>(pc, fp, acc, facc, sacc, position)
#define PUT(dst, value) put<dst>(value, pc, fp, acc, facc, sacc)

template <Opcode op, Src lhs, Src rhs, Dst dst>
HANDLER binary(STATE) {
    using T = Arg<op>;
    const T a = OPERAND(lhs, 1);
    const T b = OPERAND(rhs, lhs == Src::imm ? 1 : 2);
    const auto result = Sem<op>::eval(a, b);
    if constexpr (is_checked<std::remove_const_t<decltype(result)>>) {
        if (result.trap != Trap::none) [[unlikely]]
            TRAP(result.trap);
        PUT(dst, result.value);
    } else {
        PUT(dst, result);
    }
    NEXT(2 + (lhs == Src::imm || rhs == Src::imm ? imm_cells<T> : 0));
}

template <Opcode op, Src src, Dst dst>
HANDLER unary(STATE) {
    using T = Arg<op>;
    const auto result = Sem<op>::eval(OPERAND(src, 1));
    if constexpr (is_checked<std::remove_const_t<decltype(result)>>) {
        if (result.trap != Trap::none) [[unlikely]]
            TRAP(result.trap);
        PUT(dst, result.value);
    } else {
        PUT(dst, result);
    }
    NEXT(2);
}

template <Opcode op, Src lhs, Src rhs, bool sense>
HANDLER branch(STATE) {
    using T = Arg<op>;
    constexpr int target = 2 + (rhs == Src::imm ? imm_cells<T> : 0);
    const T a = OPERAND(lhs, 1);
    const T b = OPERAND(rhs, 2);
    if (static_cast<bool>(Sem<op>::eval(a, b)) == sense) JUMP(pc[target].target);
    NEXT(target + 1);
}

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
                return std::array<Handler, 2>{&binary<op, lhs, rhs, Dst::slot>,
                                              &binary<op, lhs, rhs, Dst::acc>};
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
                return std::array<Handler, 2>{&branch<op, lhs, rhs, false>,
                                              &branch<op, lhs, rhs, true>};
            else
                return std::array<Handler, 2>{};
        },
        std::make_index_sequence<9>{});
}

using UnaryVariants = std::array<std::array<Handler, 2>, 2>;
template <Opcode op>
constexpr UnaryVariants unary_variants() {
    return {{{&unary<op, Src::slot, Dst::slot>, &unary<op, Src::slot, Dst::acc>},
             {&unary<op, Src::acc, Dst::slot>, &unary<op, Src::acc, Dst::acc>}}};
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
