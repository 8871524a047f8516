// How control moves from one handler to the next, and nothing else. Handlers
// are written once and compiled for one of two backends:
//
//   tail   a handler ends by jumping to the next one. Clang guarantees the jump
//          (musttail); GCC makes it at -O2, which a test checks.
//   loop   a handler returns and a loop calls the next one: for sanitizers and
//          unoptimized builds (WAXWING_DISPATCH_LOOP).
//
// The machine's registers, which every handler receives and passes on:
//
//   pc        the instruction being executed
//   fp        the frame: slot 0 of the running function
//   mem       first byte of memory 0 of the running instance
//   mem_size  its size in bytes
//   inst      the running instance
//   acc       the last integer or reference result
//   facc      the last f64 result
//   sacc      the last f32 result
//   fuel      what is left of the slice of fuel, in metered code; last, because GCC has no
//             processor register for it, and plain code only hands it on
//
// A handler that computes an integer leaves it in acc, also when it stores it
// into a slot, so that the next instruction can take it from there. Handlers
// without a result leave the accumulators alone, except calls.
#pragma once

#include "interp/code.hpp"
#include "interp/profile.hpp"
#include "waxwing/error.hpp"

#if defined(WAXWING_DISPATCH_LOOP)

#define HANDLER void
#define STATE WAXWING_STATE
#define DISPATCH()                \
    do {                          \
        WAXWING_COUNT_DISPATCH(); \
        return;                   \
    } while (0)
#define GO(next) return (next)(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel)

#else

#if defined(__clang__)
#define WAXWING_MUSTTAIL [[clang::musttail]]
#else
#define WAXWING_MUSTTAIL
#endif

#define HANDLER void WAXWING_HANDLER_CC
#define STATE WAXWING_STATE
#define DISPATCH()                                                                               \
    do {                                                                                         \
        WAXWING_COUNT_DISPATCH();                                                                \
        WAXWING_MUSTTAIL return pc->handler(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel); \
    } while (0)
#define GO(next) WAXWING_MUSTTAIL return (next)(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel)

#endif

// Continue with the instruction `n` cells further on.
#define NEXT(n)     \
    do {            \
        pc += (n);  \
        DISPATCH(); \
    } while (0)

// Continue at a branch target.
#define JUMP(to)    \
    do {            \
        pc = (to);  \
        DISPATCH(); \
    } while (0)

// End the call with a trap; pc must still be at the trapping instruction.
#define TRAP(code)                    \
    do {                              \
        acc = static_cast<u64>(code); \
        GO(trap);                     \
    } while (0)

namespace waxwing::interp {

#define HANDLER_DECL(name) void WAXWING_HANDLER_CC name(WAXWING_STATE)

// Ends the call; the trap's number is in acc.
HANDLER_DECL(trap);

}  // namespace waxwing::interp
