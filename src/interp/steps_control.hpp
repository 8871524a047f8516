// Moves, branches, returns and calls within an instance. See handlers_control.cpp
// for what a frame looks like.
#pragma once

#include "interp/compiled_module.hpp"
#include "interp/step.hpp"

namespace waxwing::interp {

template <SlotKind kind>
struct Copy {
    static constexpr Flow flow = Flow::next;
    RUN {
        const u16 dst = pc[1].slot[0];
        const u16 src = pc[1].slot[1];
        if constexpr (kind == SlotKind::f32) {
            write_slot(fp, dst, read_slot<float>(fp, src));
        } else {
            fp[dst] = fp[src];
            if constexpr (kind == SlotKind::v128) fp[dst + 1] = fp[src + 1];
        }
        DONE(2);
    }
};

struct Copy2 {
    static constexpr Flow flow = Flow::next;
    RUN {
        fp[pc[1].slot[0]] = fp[pc[1].slot[1]];
        fp[pc[1].slot[2]] = fp[pc[1].slot[3]];
        DONE(2);
    }
};

struct CopyRun {
    static constexpr Flow flow = Flow::next;
    RUN {
        const auto& [dst, src, count, unused] = pc[1].slot;
        std::memmove(fp + dst, fp + src, count * sizeof(u64));
        DONE(2);
    }
};

struct Const32 {
    static constexpr Flow flow = Flow::next;
    RUN {
        fp[pc[1].slot[0]] = pc[1].word[1];
        DONE(2);
    }
};

// Puts a slot's value into the accumulator of its kind and, if asked, into dst.
#define PUT_SLOT(kind, dst, source)                                           \
    do {                                                                      \
        if constexpr ((kind) == SlotKind::f32)                                \
            put<dst>(read_slot<float>(fp, source), pc, fp, acc, facc, sacc);  \
        else if constexpr ((kind) == SlotKind::f64)                           \
            put<dst>(read_slot<double>(fp, source), pc, fp, acc, facc, sacc); \
        else                                                                  \
            put<dst>(read_slot<u64>(fp, source), pc, fp, acc, facc, sacc);    \
    } while (0)

template <SlotKind kind, Src cond, Dst dst>
struct Select {
    static constexpr Flow flow = Flow::next;
    RUN {
        const bool first =
            cond == Src::acc ? static_cast<u32>(acc) != 0 : read_slot<u32>(fp, pc[1].slot[3]) != 0;
        const u16 source = first ? pc[1].slot[1] : pc[1].slot[2];
        if constexpr (kind == SlotKind::v128) {
            const u64 low = fp[source], high = fp[source + 1];
            fp[pc[1].slot[0]] = low;
            fp[pc[1].slot[0] + 1] = high;
        } else {
            PUT_SLOT(kind, dst, source);
        }
        DONE(2);
    }
};

template <SlotKind kind, Dst dst>
struct GlobalGet {
    static constexpr Flow flow = Flow::next;
    RUN {
        const GlobalInst* global = inst->globals[pc[1].word[1]];
        if constexpr (kind == SlotKind::v128) {
            fp[pc[1].slot[0]] = global->bits[0];
            fp[pc[1].slot[0] + 1] = global->bits[1];
        } else if constexpr (kind == SlotKind::f32) {
            PUT(dst, read_slot<float>(global->bits, 0));
        } else if constexpr (kind == SlotKind::f64) {
            PUT(dst, read_slot<double>(global->bits, 0));
        } else {
            PUT(dst, global->bits[0]);
        }
        DONE(2);
    }
};

template <SlotKind kind, Src src>
struct GlobalSet {
    static constexpr Flow flow = Flow::next;
    RUN {
        GlobalInst* global = inst->globals[pc[1].word[1]];
        const u16 source = pc[1].slot[1];
        if constexpr (kind == SlotKind::v128) {
            global->bits[0] = fp[source];
            global->bits[1] = fp[source + 1];
        } else if constexpr (kind == SlotKind::f32) {
            write_slot(global->bits, 0, src == Src::acc ? sacc : read_slot<float>(fp, source));
        } else if constexpr (kind == SlotKind::f64) {
            write_slot(global->bits, 0, src == Src::acc ? facc : read_slot<double>(fp, source));
        } else {
            global->bits[0] = src == Src::acc ? acc : fp[source];
        }
        DONE(2);
    }
};

// Branches --------------------------------------------------------------------

struct Br {
    static constexpr Flow flow = Flow::leave;
    RUN {
        pc = pc[1].target;
        return nullptr;
    }
};

template <Src index>
struct BrTable {
    static constexpr Flow flow = Flow::leave;
    RUN {
        const u32 i = index == Src::acc ? static_cast<u32>(acc) : read_slot<u32>(fp, pc[1].slot[1]);
        const u32 count = pc[1].word[1];
        pc = pc[2 + (i < count ? i : count)].target;
        return nullptr;
    }
};

// The values go to where the chosen label wants them.
template <Src index>
struct BrTableMove {
    static constexpr Flow flow = Flow::leave;
    RUN {
        const u32 i = index == Src::acc ? static_cast<u32>(acc) : read_slot<u32>(fp, pc[1].slot[1]);
        const u32 count = pc[1].word[1];
        const Cell& values = pc[2];
        pc += 3 + (i < count ? i : count);
        std::memmove(fp + pc->slot[2], fp + values.slot[0], values.slot[1] * sizeof(u64));
        pc += static_cast<s32>(pc->word[0]);
        return nullptr;
    }
};

// Returns ---------------------------------------------------------------------

#define LEAVE_FRAME(link)                                  \
    do {                                                   \
        const u64* leave_link = fp + (link);               \
        pc = reinterpret_cast<const Cell*>(leave_link[0]); \
        fp = reinterpret_cast<u64*>(leave_link[1]);        \
    } while (0)

struct Return {
    static constexpr Flow flow = Flow::leave;
    RUN {
        LEAVE_FRAME(pc[1].slot[0]);
        return nullptr;
    }
};

template <SlotKind kind, Src src>
struct ReturnValue {
    static constexpr Flow flow = Flow::leave;
    RUN {
        const u16 link = pc[1].slot[0];
        if constexpr (src == Src::imm) {
            acc = pc[1].word[1];
            fp[0] = acc;
        } else if constexpr (kind == SlotKind::f32) {
            if constexpr (src == Src::slot) sacc = read_slot<float>(fp, pc[1].slot[1]);
            write_slot(fp, 0, sacc);
        } else if constexpr (kind == SlotKind::f64) {
            if constexpr (src == Src::slot) facc = read_slot<double>(fp, pc[1].slot[1]);
            write_slot(fp, 0, facc);
        } else {
            if constexpr (src == Src::slot) acc = fp[pc[1].slot[1]];
            fp[0] = acc;
        }
        LEAVE_FRAME(link);
        return nullptr;
    }
};

// Fuel ------------------------------------------------------------------------

// The slice does not cover what the instruction at pc asks for.
HANDLER_DECL(refuel_block);

struct Fuel {
    static constexpr Flow flow = Flow::next;
    RUN {
        const auto cost = static_cast<s64>(pc[1].bits);
        if (fuel < cost) [[unlikely]]
            return &refuel_block;
        fuel -= cost;
        WAXWING_COUNT_CHARGE(static_cast<u64>(cost));
        DONE(2);
    }
};

// Calls -----------------------------------------------------------------------

struct Call {
    static constexpr Flow flow = Flow::leave;
    RUN {
        FuncEntry* entry = pc[1].entry;
        u64* frame = fp + pc[2].word[0];
        const Cell* cells = cells_of(*entry);
        if (!push_frame(*entry, frame, pc + 3, fp, inst->stack_end)) [[unlikely]]
            STEP_TRAP(Trap::call_stack_exhausted);
        fp = frame;
        pc = cells;
        return nullptr;
    }
};

// Calls the function in acc, which is not one of the running instance's own, from an
// instruction with the operands {-, -, #delta} and a cell more.
template <Mode mode>
HANDLER_DECL(call_foreign);

template <Mode mode>
struct CallImport {
    static constexpr Flow flow = Flow::leave;
    RUN {
        acc = reinterpret_cast<u64>(inst->funcs[pc[2].word[0]]);
        return &call_foreign<mode>;
    }
};

// A call of `func`, of this instance or another.
template <Mode mode>
[[gnu::always_inline]] inline Handler call_func(FuncInst* func, WAXWING_REGISTERS) {
    if (func->inst != inst) [[unlikely]] {
        acc = reinterpret_cast<u64>(func);
        return &call_foreign<mode>;
    }
    FuncEntry* callee = func->entry[static_cast<usize>(mode)];
    u64* frame = fp + pc[1].word[1];
    const Cell* cells = cells_of(*callee);
    if (!push_frame(*callee, frame, pc + 3, fp, inst->stack_end)) [[unlikely]]
        STEP_TRAP(Trap::call_stack_exhausted);
    fp = frame;
    pc = cells;
    return nullptr;
}
#define CALL_FUNC(func) \
    call_func<mode>(func, pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel, taken)

// Not by identity of type, but by subtyping.
[[gnu::noinline, gnu::cold]] bool matches(const FuncInst* func, u32 type_id);

// The function at `index` of a table, in `func`, or the trap, in the order the
// specification has it. `table_and_type` are the two numbers.
[[gnu::always_inline]] inline Trap look_up(FuncInst*& func, u64 index, const Cell& table_and_type,
                                           ModuleInst* inst) {
    const TableInst* table = inst->tables[table_and_type.word[0]];
    if (index >= table->size) [[unlikely]] {
        inst->activation->trap_detail = index;
        return Trap::undefined_element;
    }
    func = reinterpret_cast<FuncInst*>(table->elements[index]);
    if (!func) [[unlikely]] {
        inst->activation->trap_detail = index;
        return Trap::uninitialized_element;
    }
    const u32 wanted = table_and_type.word[1];
    if (func->type_id != wanted && !matches(func, wanted)) [[unlikely]]
        return Trap::indirect_call_type_mismatch;
    return Trap::none;
}

// The high half of a slot that holds an i32 is anything.
template <Mode mode, Src index, AddressType address>
struct CallIndirect {
    static constexpr Flow flow = Flow::leave;
    RUN {
        const u64 word = index == Src::acc ? acc : fp[pc[1].slot[1]];
        const u64 i = address == AddressType::i32 ? static_cast<u32>(word) : word;
        FuncInst* func;
        if (const Trap why = look_up(func, i, pc[2], inst); why != Trap::none) [[unlikely]]
            STEP_TRAP(why);
        return CALL_FUNC(func);
    }
};

template <Mode mode>
struct CallRef {
    static constexpr Flow flow = Flow::leave;
    RUN {
        auto* func = reinterpret_cast<FuncInst*>(fp[pc[1].slot[1]]);
        if (!func) [[unlikely]]
            STEP_TRAP(Trap::null_function_reference);
        return CALL_FUNC(func);
    }
};

// Where a frame goes back to.
struct Link {
    const Cell* return_pc;
    u64* caller;
};

// The arguments of a tail call become the parameters of a new frame in the
// place of the old one; its link goes on to where the old one did.
[[gnu::always_inline]] inline Link replace_frame(u64* fp, const Cell& link_args_count) {
    const auto& [link, args, count, unused] = link_args_count.slot;
    const Link old{reinterpret_cast<const Cell*>(fp[link]), reinterpret_cast<u64*>(fp[link + 1])};
    if (count > 4) {
        std::memmove(fp, fp + args, count * sizeof(u64));
        return old;
    }
    for (u16 i = 0; i < count; ++i) {
        fp[i] = fp[args + i];
        asm("" : "+m"(fp[i]));  // or it is made into a call of memmove
    }
    return old;
}

struct ReturnCall {
    static constexpr Flow flow = Flow::leave;
    RUN {
        FuncEntry* callee = pc[1].entry;
        if (fp + callee->frame_size() > inst->stack_end) [[unlikely]]
            STEP_TRAP(Trap::call_stack_exhausted);
        const Cell* cells = cells_of(*callee);
        const Link link = replace_frame(fp, pc[2]);
        if (!push_frame(*callee, fp, link.return_pc, link.caller, inst->stack_end)) [[unlikely]]
            STEP_TRAP(Trap::call_stack_exhausted);
        pc = cells;
        return nullptr;
    }
};

}  // namespace waxwing::interp
