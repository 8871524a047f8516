// Moves, branches, calls and returns.
//
// A frame, from fp upwards:
//
//   parameters, later results | link: return pc, caller's fp | locals | temporaries
//
// The link stands at max(parameters, results). A caller puts arguments where
// its temporaries end; they become the parameters of the callee's frame, and
// the results are found there after it returned.
#include <utility>

#include "interp/machine.hpp"
#include "interp/outside.hpp"
#include "interp/steps_control.hpp"

namespace waxwing::interp {

HANDLER trap(STATE) {
    Activation* activation = inst->activation;
    SAVE_STATE(activation);
    activation->trap = static_cast<Trap>(acc);
    activation->status = Status::trapped;
    STOP();
}

namespace {

// Calls -----------------------------------------------------------------------

// After a host function: its result may be the next instruction's operand.
#define LOAD_RESULT(frame)                    \
    do {                                      \
        acc = (frame)[0];                     \
        facc = read_slot<double>((frame), 0); \
        sacc = read_slot<float>((frame), 0);  \
    } while (0)

// Tail calls ------------------------------------------------------------------

// Tail-calls the function in acc, whoever it belongs to.
template <Mode mode>
HANDLER return_call_func(STATE) {
    auto* func = reinterpret_cast<FuncInst*>(acc);
    FuncEntry* callee = func->entry[static_cast<usize>(mode)];
    if (func->inst && fp + callee->frame_size() > inst->stack_end) [[unlikely]]
        TRAP(Trap::call_stack_exhausted);
    if (!func->inst) {
        u64* frame = fp + pc[1].slot[1];
        inst->activation->fuel = fuel;
        const bool done = call_host(*func, *inst, pc, fp, frame);
        fuel = inst->activation->fuel;
        if (!done) GO(fail_in_tail_call);
        LOAD_MEMORY();
        LOAD_RESULT(frame);
        std::memmove(fp, frame, func->result_slots * sizeof(u64));
        LEAVE_FRAME(pc[1].slot[0]);
        DISPATCH();
    }
    if (func->inst != inst && !prepare_to_enter(*inst->activation)) [[unlikely]]
        TRAP(Trap::out_of_memory);
    Link link = replace_frame(fp, pc[1]);
    if (func->inst != inst) {
        // Going back must restore this frame's caller; if that is in another
        // instance, the way back to it is kept already.
        if (link.return_pc != leave_instance_code) {
            (void)enter_instance(*func->inst, *inst, link.return_pc, link.caller);
            link.return_pc = leave_instance_code;
        } else {
            func->inst->activation = inst->activation;
            func->inst->stack_end = inst->stack_end;
        }
        inst = func->inst;
        LOAD_MEMORY();
    }
    const Cell* cells = cells_of(*callee);
    if (!push_frame(*callee, fp, link.return_pc, link.caller, inst->stack_end)) [[unlikely]]
        TRAP(Trap::call_stack_exhausted);
    JUMP(cells);
}

template <Mode mode>
HANDLER return_call_import(STATE) {
    acc = reinterpret_cast<u64>(inst->funcs[pc[2].word[0]]);
    GO(return_call_func<mode>);
}

template <Mode mode>
HANDLER return_call_indirect(STATE) {
    const bool narrow = inst->tables[pc[2].word[0]]->type.address == AddressType::i32;
    const u64 word = fp[pc[1].slot[3]];
    const u64 i = narrow ? static_cast<u32>(word) : word;
    FuncInst* func;
    if (const Trap why = look_up(func, i, pc[2], inst); why != Trap::none) [[unlikely]]
        TRAP(why);
    acc = reinterpret_cast<u64>(func);
    GO(return_call_func<mode>);
}

template <Mode mode>
HANDLER return_call_ref(STATE) {
    acc = fp[pc[1].slot[3]];
    if (acc == 0) [[unlikely]]
        TRAP(Trap::null_function_reference);
    GO(return_call_func<mode>);
}

// Outside of functions ----------------------------------------------------------

HANDLER leave_call(STATE) {
    inst->activation->status = Status::done;
    inst->activation->fuel = fuel;
    STOP();
}

HANDLER leave_instance(STATE) {
    Activation* activation = inst->activation;
    const Switch back = activation->switches.back();
    activation->switches.pop_back();
    inst = back.inst;
    inst->activation = activation;
    inst->stack_end = activation->stack_end;
    LOAD_MEMORY();
    fp = back.fp;
    JUMP(back.pc);
}

// Stands in for a function that is not translated yet. The frame was pushed.
HANDLER translate_stub(STATE) {
    auto* entry = reinterpret_cast<FuncEntry*>(reinterpret_cast<u8*>(const_cast<Cell*>(pc)) -
                                               offsetof(FuncEntry, stub));
    if (!translate(*entry, *inst)) {
        if (inst->activation->status == Status::interrupted) GO(stop);
        GO(fail);
    }
    if (fp + entry->frame_size() > inst->stack_end) [[unlikely]]
        TRAP(Trap::call_stack_exhausted);
    JUMP(cells_of(*entry));
}

}  // namespace

// A type is in its list of supertypes, which is short. All of it is looked at, as that is faster.
bool matches(const FuncInst* func, u32 type_id) {
    u32 found = 0;
    for (const u32 super : func->defined->supers)
        found |= super == type_id;
    return found;
}

// Calls the function in acc, which is not one of the running instance's own.
template <Mode mode>
HANDLER call_foreign(STATE) {
    auto* func = reinterpret_cast<FuncInst*>(acc);
    u64* frame = fp + pc[1].word[1];
    if (!func->inst) {
        inst->activation->fuel = fuel;
        const bool done = call_host(*func, *inst, pc, fp, frame);
        fuel = inst->activation->fuel;
        if (!done) GO(fail);
        LOAD_MEMORY();
        LOAD_RESULT(frame);
        NEXT(3);
    }
    FuncEntry* entry = func->entry[static_cast<usize>(mode)];
    const Cell* cells = cells_of(*entry);
    if (!push_frame(*entry, frame, leave_instance_code, fp, inst->stack_end)) [[unlikely]]
        TRAP(Trap::call_stack_exhausted);
    if (!enter_instance(*func->inst, *inst, pc + 3, fp)) [[unlikely]]
        TRAP(Trap::out_of_memory);
    inst = func->inst;
    LOAD_MEMORY();
    fp = frame;
    JUMP(cells);
}
template HANDLER_DECL(call_foreign<Mode::plain>);
template HANDLER_DECL(call_foreign<Mode::metered>);

HANDLER const64(STATE) {
    fp[pc[1].slot[0]] = pc[2].bits;
    NEXT(3);
}
HANDLER const128(STATE) {
    fp[pc[1].slot[0]] = pc[2].bits;
    fp[pc[1].slot[0] + 1] = pc[3].bits;
    NEXT(4);
}
HANDLER unreachable(STATE) { TRAP(Trap::unreachable); }

// Fuel ----------------------------------------------------------------------------

bool refuel(Activation& activation, s64 needed) noexcept {
    const Status status = activation.refuel(needed);
    if (status == Status::running) return true;
    activation.status = status;
    return false;
}

HANDLER stop(STATE) {
    SAVE_STATE(inst->activation);
    STOP();
}

HANDLER refuel_block(STATE) {
    Activation* activation = inst->activation;
    activation->fuel = fuel;
    const bool goes_on = refuel(*activation, static_cast<s64>(pc[1].bits));
    fuel = activation->fuel;
    if (!goes_on) GO(stop);
    DISPATCH();
}

const Cell leave_call_code[] = {{.handler = leave_call}};
const Cell leave_instance_code[] = {{.handler = leave_instance}};
Handler translate_stub_handler() { return translate_stub; }

Handler copy_handler(SlotKind kind) {
    switch (kind) {
    case SlotKind::f32: return step<Copy<SlotKind::f32>>;
    case SlotKind::v128: return step<Copy<SlotKind::v128>>;
    default: return step<Copy<SlotKind::word>>;
    }
}

// One template argument from a kind, for templates over SlotKind and one enum more.
#define BY_KIND(name, ...)                                               \
    switch (kind) {                                                      \
    case SlotKind::word: return step<name<SlotKind::word, __VA_ARGS__>>; \
    case SlotKind::f32: return step<name<SlotKind::f32, __VA_ARGS__>>;   \
    case SlotKind::f64: return step<name<SlotKind::f64, __VA_ARGS__>>;   \
    case SlotKind::v128: return step<name<SlotKind::v128, __VA_ARGS__>>; \
    }                                                                    \
    return nullptr

template <Src cond, Dst dst>
static Handler select_by_kind(SlotKind kind) {
    BY_KIND(Select, cond, dst);
}
Handler select_handler(SlotKind kind, Src cond, Dst dst) {
    if (cond == Src::acc)
        return dst == Dst::acc ? select_by_kind<Src::acc, Dst::acc>(kind)
                               : select_by_kind<Src::acc, Dst::slot>(kind);
    return dst == Dst::acc ? select_by_kind<Src::slot, Dst::acc>(kind)
                           : select_by_kind<Src::slot, Dst::slot>(kind);
}

template <Dst dst>
static Handler global_get_by_kind(SlotKind kind) {
    BY_KIND(GlobalGet, dst);
}
Handler global_get_handler(SlotKind kind, Dst dst) {
    return dst == Dst::acc ? global_get_by_kind<Dst::acc>(kind)
                           : global_get_by_kind<Dst::slot>(kind);
}
template <Src src>
static Handler global_set_by_kind(SlotKind kind) {
    BY_KIND(GlobalSet, src);
}
Handler global_set_handler(SlotKind kind, Src src) {
    return src == Src::acc ? global_set_by_kind<Src::acc>(kind)
                           : global_set_by_kind<Src::slot>(kind);
}

Handler return_handler(SlotKind kind, Src src) {
    if (src == Src::imm) return step<ReturnValue<SlotKind::word, Src::imm>>;
    const bool acc = src == Src::acc;
    switch (kind) {
    case SlotKind::f32:
        return acc ? step<ReturnValue<SlotKind::f32, Src::acc>>
                   : step<ReturnValue<SlotKind::f32, Src::slot>>;
    case SlotKind::f64:
        return acc ? step<ReturnValue<SlotKind::f64, Src::acc>>
                   : step<ReturnValue<SlotKind::f64, Src::slot>>;
    default:
        return acc ? step<ReturnValue<SlotKind::word, Src::acc>>
                   : step<ReturnValue<SlotKind::word, Src::slot>>;
    }
}

Handler br_table_handler(Src index, bool moves) {
    if (moves)
        return index == Src::acc ? step<BrTableMove<Src::acc>> : step<BrTableMove<Src::slot>>;
    return index == Src::acc ? step<BrTable<Src::acc>> : step<BrTable<Src::slot>>;
}

Handler copy2_handler() { return step<Copy2>; }
Handler copy_run_handler() { return step<CopyRun>; }
Handler const32_handler() { return step<Const32>; }
Handler br_handler() { return step<Br>; }
Handler ret_handler() { return step<Return>; }
Handler fuel_handler() { return step<Fuel>; }
Handler call_handler() { return step<Call>; }
Handler return_call_handler() { return step<ReturnCall>; }

#define BY_MODE(name) (mode == Mode::metered ? name<Mode::metered> : name<Mode::plain>)
#define STEP_BY_MODE(name) \
    (mode == Mode::metered ? step<name<Mode::metered>> : step<name<Mode::plain>>)
Handler call_import_handler(Mode mode) { return STEP_BY_MODE(CallImport); }
Handler call_ref_handler(Mode mode) { return STEP_BY_MODE(CallRef); }
Handler return_call_import_handler(Mode mode) { return BY_MODE(return_call_import); }
Handler return_call_indirect_handler(Mode mode) { return BY_MODE(return_call_indirect); }
Handler return_call_ref_handler(Mode mode) { return BY_MODE(return_call_ref); }
template <AddressType address>
static Handler call_indirect_by_mode(Mode mode, Src index) {
    if (mode == Mode::metered)
        return index == Src::acc ? step<CallIndirect<Mode::metered, Src::acc, address>>
                                 : step<CallIndirect<Mode::metered, Src::slot, address>>;
    return index == Src::acc ? step<CallIndirect<Mode::plain, Src::acc, address>>
                             : step<CallIndirect<Mode::plain, Src::slot, address>>;
}
Handler call_indirect_handler(Mode mode, Src index, AddressType address) {
    return address == AddressType::i32 ? call_indirect_by_mode<AddressType::i32>(mode, index)
                                       : call_indirect_by_mode<AddressType::i64>(mode, index);
}

void run(Activation& activation) noexcept {
    ModuleInst* inst = activation.inst;
    const Cell* pc = activation.pc;
    u64* fp = activation.fp;
    u64 acc = activation.acc;
    double facc = activation.facc;
    float sacc = activation.sacc;
    s64 fuel = activation.fuel;
    u8* mem;
    u64 mem_size;
    LOAD_MEMORY();
    activation.status = Status::running;
    const Handler next = std::exchange(activation.next, nullptr);
    (next ? next : pc->handler)(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel);
#if defined(WAXWING_DISPATCH_LOOP)
    while (pc)
        pc->handler(pc, fp, mem, mem_size, inst, acc, facc, sacc, fuel);
#endif
}

}  // namespace waxwing::interp
