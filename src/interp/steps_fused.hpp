// Steps that do the work of two instructions, the first of which hands its result
// to the second. See fused.hpp for their cells. A second access that is out of
// range traps with pc one cell further on, so that the trap is told apart from one
// of the first.
#pragma once

#include "interp/steps_memory.hpp"
#include "interp/steps_numeric.hpp"

namespace waxwing::interp {

// A 32-bit immediate as an operand of type T.
template <class T>
[[gnu::always_inline]] inline T narrow_imm(u32 word) {
    if constexpr (std::is_same_v<T, u64>)
        return static_cast<u64>(static_cast<s64>(static_cast<s32>(word)));
    else
        return std::bit_cast<T>(word);
}

// The operand at `position` of the first operand cell, or word `imm` of the second.
template <class T, Src src>
[[gnu::always_inline]] inline T fused_operand(const Cell* pc, const u64* fp, u64 acc, double facc,
                                              float sacc, int position, int imm) {
    if constexpr (src == Src::slot)
        return read_slot<T>(fp, pc[1].slot[position]);
    else if constexpr (src == Src::acc)
        return read_acc<T>(acc, facc, sacc);
    else if constexpr (sizeof(T) == 4 || std::is_integral_v<T>)
        return narrow_imm<T>(pc[2].word[imm]);
    else
        return T{};
}
#define FUSED_OPERAND(T, src, position, imm) \
    fused_operand<T, src>(pc, fp, acc, facc, sacc, position, imm)

template <Opcode op1, Opcode op2, Src src_a, Src src_b, Src src_c, bool reversed, Dst dst>
struct Binary2 {
    static constexpr Flow flow = Flow::next;
    RUN {
        using T = Arg<op1>;
        const T a = FUSED_OPERAND(T, src_a, 1, 0);
        const T b = FUSED_OPERAND(T, src_b, 2, 0);
        const T c = FUSED_OPERAND(T, src_c, 3, 1);
        const T t = Sem<op1>::eval(a, b);
        PUT(dst, reversed ? Sem<op2>::eval(c, t) : Sem<op2>::eval(t, c));
        DONE(src_b == Src::imm || src_c == Src::imm ? 3 : 2);
    }
};

template <Src addr>
[[gnu::always_inline]] inline u64 place_of(const Cell* pc, const u64* fp, u64 acc, int position,
                                           int word) {
    const u32 base =
        addr == Src::acc ? static_cast<u32>(acc) : read_slot<u32>(fp, pc[1].slot[position]);
    return u64{base} + pc[2].word[word];
}

template <Opcode load, Opcode op, Src addr, Src src_c, Dst dst>
struct LoadBinary {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<load>;
        using T = Arg<op>;
        const u64 at = place_of<addr>(pc, fp, acc, 1, 0);
        const T c = FUSED_OPERAND(T, src_c, 2, 1);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        PUT(dst, Sem<op>::eval(
                     static_cast<T>(static_cast<LoadedType<load>>(load_bytes<M>(mem + at))), c));
        DONE(3);
    }
};

template <Opcode load, Src src_a, Src src_b, Dst dst>
struct LoadAdd {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<load>;
        const u32 base = FUSED_OPERAND(u32, src_a, 1, 1) + FUSED_OPERAND(u32, src_b, 2, 1);
        const u64 at = u64{base} + pc[2].word[0];
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        PUT(dst, static_cast<LoadedType<load>>(load_bytes<M>(mem + at)));
        DONE(3);
    }
};

template <Opcode load, Src addr, Dst dst>
struct LoadLoad {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<load>;
        const u64 first = place_of<addr>(pc, fp, acc, 1, 0);
        if (first + sizeof(u32) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        const u64 at = u64{load_bytes<u32>(mem + first)} + pc[2].word[1];
        if (at + sizeof(M) > mem_size) [[unlikely]] {
            ++pc;
            STEP_TRAP(Trap::memory_out_of_bounds);
        }
        PUT(dst, static_cast<LoadedType<load>>(load_bytes<M>(mem + at)));
        DONE(3);
    }
};

template <Opcode op, Opcode store, Src src_a, Src src_b>
struct BinaryStore {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<store>;
        using T = Arg<op>;
        const auto value = static_cast<M>(
            Sem<op>::eval(FUSED_OPERAND(T, src_a, 1, 1), FUSED_OPERAND(T, src_b, 2, 1)));
        const u64 at = place_of<Src::slot>(pc, fp, acc, 0, 0);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        std::memcpy(mem + at, &value, sizeof value);
        DONE(3);
    }
};

template <Opcode store, Src src_a, Src src_b, Src source>
struct StoreAdd {
    static constexpr Flow flow = Flow::next;
    RUN {
        using M = MemoryType_<store>;
        using T = StoredType<M>;
        const u32 base = FUSED_OPERAND(u32, src_a, 1, 1) + FUSED_OPERAND(u32, src_b, 2, 1);
        const u64 at = u64{base} + pc[2].word[0];
        T value;
        if constexpr (source == Src::imm)
            std::memcpy(&value, &pc[3].bits, sizeof value);
        else
            value = read_slot<T>(fp, pc[1].slot[0]);
        const M narrow = static_cast<M>(value);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        std::memcpy(mem + at, &narrow, sizeof narrow);
        DONE(source == Src::imm ? 4 : 3);
    }
};

template <class M, Src from>
struct LoadStore {
    static constexpr Flow flow = Flow::next;
    RUN {
        const u64 source = place_of<from>(pc, fp, acc, 1, 1);
        if (source + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        const M value = load_bytes<M>(mem + source);
        const u64 at = place_of<Src::slot>(pc, fp, acc, 0, 0);
        if (at + sizeof(M) > mem_size) [[unlikely]] {
            ++pc;
            STEP_TRAP(Trap::memory_out_of_bounds);
        }
        std::memcpy(mem + at, &value, sizeof value);
        DONE(3);
    }
};

template <Opcode load, Opcode cmp, Src addr, Src src_c, Dst dst>
struct LoadBranch {
    static constexpr Flow flow = Flow::branch;
    RUN {
        using M = MemoryType_<load>;
        using T = Arg<cmp>;
        const u64 at = place_of<addr>(pc, fp, acc, 1, 0);
        const T c = FUSED_OPERAND(T, src_c, 2, 1);
        if (at + sizeof(M) > mem_size) [[unlikely]]
            STEP_TRAP(Trap::memory_out_of_bounds);
        const T t = static_cast<T>(static_cast<LoadedType<load>>(load_bytes<M>(mem + at)));
        PUT(dst, t);
        taken = Sem<cmp>::eval(t, c);
        DONE(3);
    }
};

template <Opcode op, Opcode cmp, Src src_a, Src src_b, Src src_c, Dst dst>
struct BinaryBranch {
    static constexpr Flow flow = Flow::branch;
    RUN {
        using T = Arg<op>;
        const T c = FUSED_OPERAND(T, src_c, 3, 1);
        const T t = Sem<op>::eval(FUSED_OPERAND(T, src_a, 1, 0), FUSED_OPERAND(T, src_b, 2, 0));
        PUT(dst, t);
        constexpr int target = src_b == Src::imm || src_c == Src::imm ? 3 : 2;
        taken = Sem<cmp>::eval(t, c);
        DONE(target);
    }
};

template <Opcode cmp, Src src_a, Src src_b, Dst dst>
struct CompareSelect {
    static constexpr Flow flow = Flow::next;
    RUN {
        using T = Arg<cmp>;
        const T a = FUSED_OPERAND(T, src_a, 3, 0);
        T b;
        if constexpr (src_b == Src::imm)
            b = narrow_imm<T>(pc[2].word[1]);
        else
            b = read_slot<T>(fp, pc[2].slot[0]);
        const u16 source = Sem<cmp>::eval(a, b) ? pc[1].slot[1] : pc[1].slot[2];
        PUT(dst, fp[source]);
        DONE(3);
    }
};

struct AddAdd {
    static constexpr Flow flow = Flow::next;
    RUN {
        write_slot<u32>(fp, pc[1].slot[0], read_slot<u32>(fp, pc[1].slot[1]) + pc[2].word[0]);
        acc = read_slot<u32>(fp, pc[1].slot[3]) + pc[2].word[1];
        write_slot<u32>(fp, pc[1].slot[2], static_cast<u32>(acc));
        acc = static_cast<u32>(acc);
        DONE(3);
    }
};

struct GlobalSubTee {
    static constexpr Flow flow = Flow::next;
    RUN {
        GlobalInst* global = inst->globals[pc[2].word[0]];
        acc = static_cast<u32>(global->bits[0]) - pc[1].word[1];
        global->bits[0] = acc;
        fp[pc[1].slot[0]] = acc;
        DONE(3);
    }
};

struct GlobalSetAdd {
    static constexpr Flow flow = Flow::next;
    RUN {
        const u32 sum = read_slot<u32>(fp, pc[1].slot[1]) + pc[1].word[1];
        acc = sum;
        inst->globals[pc[2].word[0]]->bits[0] = sum;
        DONE(3);
    }
};

}  // namespace waxwing::interp
