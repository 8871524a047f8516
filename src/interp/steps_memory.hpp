// Loads and stores of memory 0 with 32-bit addresses: an access is in range if
// address + offset + width <= size, where the sum fits in 64 bits as it is.
#pragma once

#include "interp/families.hpp"
#include "interp/step.hpp"

namespace waxwing::interp {

template <class T>
[[gnu::always_inline]] inline T load_bytes(const u8* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <Src addr>
[[gnu::always_inline]] inline u64 effective(const Cell* pc, const u64* fp, u64 acc, int position) {
    if constexpr (addr == Src::imm)
        return pc[2].bits;
    else if constexpr (addr == Src::acc)
        return u64{static_cast<u32>(acc)} + pc[1].word[1];
    else
        return u64{read_slot<u32>(fp, pc[1].slot[position])} + pc[1].word[1];
}

template <Opcode op, Src addr, Dst dst>
struct Load {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<op>;
        using T = LoadedType<op>;
        const u64 at = effective<addr>(pc, fp, acc, 1);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        PUT(dst, static_cast<T>(load_bytes<M>(mem + at)));
        DONE(addr == Src::imm ? 3 : 2);
    }
};

// What is stored: floats as they are, integers cut to the width in memory.
template <class M>
using StoredType =
    std::conditional_t<std::is_integral_v<M>, std::conditional_t<sizeof(M) == 8, u64, u32>, M>;

template <Opcode op, Src addr, Src source>
struct StoreTo {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<op>;
        using T = StoredType<M>;
        const u64 at = effective<addr>(pc, fp, acc, 0);
        T value;
        if constexpr (source == Src::slot)
            value = read_slot<T>(fp, pc[1].slot[1]);
        else if constexpr (source == Src::acc)
            value = read_acc<T>(acc, facc, sacc);
        else
            std::memcpy(&value, &pc[2].bits, sizeof value);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        const M narrow = static_cast<M>(value);
        std::memcpy(mem + at, &narrow, sizeof narrow);
        DONE(addr == Src::imm || source == Src::imm ? 3 : 2);
    }
};

}  // namespace waxwing::interp
