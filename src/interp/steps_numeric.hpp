// Numeric instructions: unary, binary, comparison, and comparison with branch.
#pragma once

#include "interp/families.hpp"
#include "interp/semantics.hpp"
#include "interp/step.hpp"

namespace waxwing::interp {

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

template <Opcode op, Src lhs, Src rhs, Dst dst>
struct Binary {
    static constexpr Flow flow = Flow::next;
    RUN {
        using T = Arg<op>;
        const T a = OPERAND(lhs, 1);
        const T b = OPERAND(rhs, lhs == Src::imm ? 1 : 2);
        const auto result = Sem<op>::eval(a, b);
        if constexpr (is_checked<std::remove_const_t<decltype(result)>>) {
            if (result.trap != Trap::none) [[unlikely]]
                STEP_TRAP(result.trap);
            PUT(dst, result.value);
        } else {
            PUT(dst, result);
        }
        DONE(2 + (lhs == Src::imm || rhs == Src::imm ? imm_cells<T> : 0));
    }
};

template <Opcode op, Src src, Dst dst>
struct Unary {
    static constexpr Flow flow = Flow::next;
    RUN {
        using T = Arg<op>;
        const auto result = Sem<op>::eval(OPERAND(src, 1));
        if constexpr (is_checked<std::remove_const_t<decltype(result)>>) {
            if (result.trap != Trap::none) [[unlikely]]
                STEP_TRAP(result.trap);
            PUT(dst, result.value);
        } else {
            PUT(dst, result);
        }
        DONE(2);
    }
};

template <Opcode op, Src lhs, Src rhs, bool sense>
struct Branch {
    static constexpr Flow flow = Flow::branch;
    RUN {
        using T = Arg<op>;
        const T a = OPERAND(lhs, 1);
        const T b = OPERAND(rhs, 2);
        taken = static_cast<bool>(Sem<op>::eval(a, b)) == sense;
        DONE(2 + (rhs == Src::imm ? imm_cells<T> : 0));
    }
};

}  // namespace waxwing::interp
