// What handlers that leave the machine, or come back from outside, have in common.
#pragma once

#include "interp/dispatch.hpp"
#include "interp/objects.hpp"

// Leaves the machine: whoever called run() goes on.
#if defined(WAXWING_DISPATCH_LOOP)
#define STOP()        \
    do {              \
        pc = nullptr; \
        return;       \
    } while (0)
#else
#define STOP() return
#endif

#define SAVE_STATE(activation)     \
    do {                           \
        (activation)->pc = pc;     \
        (activation)->fp = fp;     \
        (activation)->inst = inst; \
        (activation)->acc = acc;   \
        (activation)->facc = facc; \
        (activation)->sacc = sacc; \
        (activation)->fuel = fuel; \
    } while (0)

#define LOAD_MEMORY()                                                \
    do {                                                             \
        mem = inst->memory0 ? inst->memory0->block.base() : nullptr; \
        mem_size = inst->memory0 ? inst->memory0->block.size() : 0;  \
    } while (0)

// Pays for work that the instruction at pc is about to do. If the call cannot go on, it stops,
// and `again` is what it continues with: null, for the instruction from its beginning.
#define PAY(cost, again)                                \
    do {                                                \
        const s64 paid = (cost);                        \
        if (fuel < paid) [[unlikely]] {                 \
            Activation* const payer = inst->activation; \
            payer->fuel = fuel;                         \
            const bool goes_on = refuel(*payer, paid);  \
            fuel = payer->fuel;                         \
            if (!goes_on) {                             \
                payer->next = (again);                  \
                GO(stop);                               \
            }                                           \
        }                                               \
        fuel -= paid;                                   \
    } while (0)

namespace waxwing::interp {

// More fuel for the activation. False if it is to stop; its status says why.
[[gnu::noinline]] bool refuel(Activation& activation, s64 needed) noexcept;
// The call stops where it is, with the status that the activation has.
HANDLER_DECL(stop);

}  // namespace waxwing::interp
