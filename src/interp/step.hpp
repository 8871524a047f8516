// Steps: what handlers are made of. A step is a struct with
//
//   run    Does the work of one instruction. pc stands at the cell before its operands, and
//          when it returns null, at the last of them: there the operands of a next step
//          would begin. Otherwise it returns the handler to go to instead (that of traps,
//          with the trap's number in acc), and pc tells the place of the instruction.
//   flow   How control goes on after it.
//
// One step makes a handler, and so do several in a row, whose operands follow each
// other without handlers between them: see pairs.hpp.
#pragma once

#include "interp/dispatch.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {

enum class Flow : u8 {
    next,    // to the instruction that follows
    branch,  // if `taken`, to the target in the cell that follows
    leave,   // to where run() has put pc
};

#define WAXWING_REGISTERS                                                                          \
    const Cell *&pc, u64 *&fp, u8 *&mem, u64 &mem_size, ModuleInst *&inst, u64 &acc, double &facc, \
        float &sacc, s64 &fuel, bool &taken
#define RUN [[gnu::always_inline]] static inline Handler run(WAXWING_REGISTERS)
#define RUN_STEP(S) S::run(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel, taken)

// Ends run(): the instruction has `n` cells, its handler's and a branch's target counted.
#define DONE(n)         \
    do {                \
        pc += (n) - 1;  \
        return nullptr; \
    } while (0)
#define STEP_TRAP(code)               \
    do {                              \
        acc = static_cast<u64>(code); \
        return &trap;                 \
    } while (0)

#define OPERAND(src, position) read<T, src>(pc, fp, acc, facc, sacc, position)
#define PUT(dst, value) put<dst>(value, pc, fp, acc, facc, sacc)

// The handler of a step.
template <class S>
HANDLER step(STATE) {
    [[maybe_unused]] bool taken = false;
    WAXWING_NAME_STEP(S, &step<S>);
    if (const Handler out = RUN_STEP(S)) [[unlikely]]
        GO(out);
    if constexpr (S::flow == Flow::branch) {
        if (taken) JUMP(pc[1].target);
        NEXT(2);
    } else if constexpr (S::flow == Flow::next) {
        ++pc;
    }
    DISPATCH();
}

// Two steps in a row.
template <class First, class Second>
struct Sequence {
    static_assert(First::flow == Flow::next);
    static constexpr Flow flow = Second::flow;
    RUN {
        if (const Handler out = RUN_STEP(First)) [[unlikely]]
            return out;
        return RUN_STEP(Second);
    }
};

}  // namespace waxwing::interp
