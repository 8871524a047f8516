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
