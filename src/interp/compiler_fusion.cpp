// Fuses an instruction with the one encoded just before it, whose result it
// takes from an accumulator. See fused.hpp for what there is.
#include "interp/compiler.hpp"
#include "interp/fused.hpp"

namespace waxwing::interp {
namespace {

bool is_wide(Opcode op) {
    const OperandType type = info(op).type.inputs[0];
    return type == OperandType::i64 || type == OperandType::f64;
}

// A fused instruction keeps immediates in 32 bits, sign-extended to i64.
bool fits(const auto& operand, Opcode op) {
    if (operand.src != Src::imm || !is_wide(op)) return true;
    return operand.bits == static_cast<u64>(static_cast<s64>(static_cast<s32>(operand.bits)));
}

u32 low(u64 bits) { return static_cast<u32>(bits); }

SlotKind operand_kind(Opcode op) {
    switch (info(op).type.inputs[0]) {
    case OperandType::f32: return SlotKind::f32;
    case OperandType::f64: return SlotKind::f64;
    default: return SlotKind::word;
    }
}

// Places that fused handlers read: a from a slot or the accumulator, b from a
// slot or an immediate.
bool is_plain(const auto& ins) {
    return ins.a.src != Src::imm && ins.b.src != Src::acc && fits(ins.b, ins.op);
}

}  // namespace

void FuncCompiler::describe(Ins::Kind kind, Opcode op, Operand a, Operand b, u32 immediate) {
    pending_.ins = {};
    pending_.ins.kind = kind;
    pending_.ins.op = op;
    pending_.ins.a = a;
    pending_.ins.b = b;
    pending_.ins.immediate = immediate;
}

void FuncCompiler::remember(Ins ins, u32 start) {
    before_last_ = last_;
    last_ = ins;
    last_.start = start;
    last_.end = position();
}

void FuncCompiler::take_back(u32 start, const Head& before) {
    cells_.truncate(start);
    if (origins_)
        while (!origins_->empty() && origins_->back().cell + 1 >= start)
            origins_->pop_back();
    head_ = before;
    if (head_.handler) cells_[head_.start].handler = head_.handler;  // if it had been joined
}

// Takes back `prev` and encodes the handler that does both. Traps belong to the
// instruction at `offset`; those of a second one are told by the cell after.
void FuncCompiler::fused(const Ins& prev, u32 offset, Handler handler) {
    rewind(prev);
    begin_instr(handler, offset);
    last_ = {};
}

bool FuncCompiler::fuse(const Ins& next) {
    if (!follows(last_)) return false;
    const Ins prev = last_;
    switch (next.kind) {
    case Ins::Kind::binary: return fuse_binary(prev, next);
    case Ins::Kind::load: return fuse_load(prev, next);
    case Ins::Kind::select: return fuse_select(prev, next);
    default: return false;
    }
}

// Two steps of counters in a row.
bool FuncCompiler::fuse_steps(const Ins& prev, const Ins& next) {
    const auto is_step = [](const Ins& ins) {
        return ins.kind == Ins::Kind::binary && ins.op == Opcode::i32_add && ins.dst == Dst::slot &&
               ins.a.src == Src::slot && ins.b.src == Src::imm;
    };
    if (!is_step(prev) || !is_step(next)) return false;
    fused(prev, next.offset, add_add_handler());
    slots(prev.dst_slot, prev.a.slot, next.dst_slot, next.a.slot);
    word(low(prev.b.bits), low(next.b.bits));
    return true;
}

bool FuncCompiler::fuse_binary(const Ins& prev, const Ins& next) {
    if (fuse_steps(prev, next)) return true;
    const bool reversed = next.b.src == Src::acc;
    if (prev.dst != Dst::acc || prev.result != operand_kind(next.op)) return false;
    if (!reversed && next.a.src != Src::acc) return false;
    const Operand c = reversed ? next.a : next.b;
    if (!fits(c, next.op)) return false;
    if (prev.kind == Ins::Kind::binary && is_plain(prev)) {
        const Handler handler =
            binary2_handler(prev.op, next.op, prev.a.src, prev.b.src, c.src, reversed, next.dst);
        if (!handler) return false;
        fused(prev, next.offset, handler);
        slots(next.dst_slot, prev.a.slot, prev.b.slot, c.slot);
        if (prev.b.src == Src::imm || c.src == Src::imm) word(low(prev.b.bits), low(c.bits));
        return true;
    }
    if (prev.kind == Ins::Kind::load && prev.a.src != Src::imm && !reversed) {
        const Handler handler = load_binary_handler(prev.op, next.op, prev.a.src, c.src, next.dst);
        if (!handler) return false;
        fused(prev, prev.offset, handler);
        slots(next.dst_slot, prev.a.slot, c.slot);
        word(prev.immediate, low(c.bits));
        return true;
    }
    return false;
}

bool FuncCompiler::fuse_load(const Ins& prev, const Ins& next) {
    if (next.a.src != Src::acc || prev.dst != Dst::acc || prev.result != SlotKind::word)
        return false;
    if (prev.kind == Ins::Kind::binary && prev.op == Opcode::i32_add && is_plain(prev)) {
        const Handler handler = load_add_handler(next.op, prev.a.src, prev.b.src, next.dst);
        if (!handler) return false;
        fused(prev, next.offset, handler);
        slots(next.dst_slot, prev.a.slot, prev.b.slot);
        word(next.immediate, low(prev.b.bits));
        return true;
    }
    if (prev.kind == Ins::Kind::load && prev.op == Opcode::i32_load && prev.a.src != Src::imm) {
        const Handler handler = load_load_handler(next.op, prev.a.src, next.dst);
        if (!handler) return false;
        fused(prev, prev.offset, handler);
        if (origins_) origins_->push_back({position(), next.offset});
        slots(next.dst_slot, prev.a.slot);
        word(prev.immediate, next.immediate);
        return true;
    }
    return false;
}

bool FuncCompiler::fuse_select(const Ins& prev, const Ins& next) {
    if (next.a.src != Src::acc || next.result != SlotKind::word || prev.dst != Dst::acc)
        return false;
    if (prev.kind != Ins::Kind::compare || !is_plain(prev)) return false;
    const Handler handler = compare_select_handler(prev.op, prev.a.src, prev.b.src, next.dst);
    if (!handler) return false;
    fused(prev, next.offset, handler);
    slots(next.dst_slot, next.x, next.y, prev.a.slot);
    word(prev.b.slot, low(prev.b.bits));
    return true;
}

bool FuncCompiler::fuse_store(Opcode op, Operand addr, Operand value, u32 offset) {
    if (!follows(last_) || last_.dst != Dst::acc) return false;
    const Ins prev = last_;
    const bool binary = prev.kind == Ins::Kind::binary && is_plain(prev);
    if (value.src == Src::acc && addr.src == Src::slot) {
        if (binary) {
            const Handler handler = binary_store_handler(prev.op, op, prev.a.src, prev.b.src);
            if (!handler) return false;
            fused(prev, offset_, handler);
            slots(addr.slot, prev.a.slot, prev.b.slot);
            word(offset, low(prev.b.bits));
            return true;
        }
        if (prev.kind == Ins::Kind::load && prev.a.src != Src::imm) {
            const Handler handler = load_store_handler(prev.op, op, prev.a.src);
            if (!handler) return false;
            fused(prev, prev.offset, handler);
            if (origins_) origins_->push_back({position(), offset_});
            slots(addr.slot, prev.a.slot);
            word(offset, prev.immediate);
            return true;
        }
        return false;
    }
    if (addr.src == Src::acc && value.src != Src::acc && binary && prev.op == Opcode::i32_add) {
        const Handler handler = store_add_handler(op, prev.a.src, prev.b.src, value.src);
        if (!handler) return false;
        fused(prev, offset_, handler);
        slots(value.slot, prev.a.slot, prev.b.slot);
        word(offset, low(prev.b.bits));
        if (value.src == Src::imm) bits(value.bits);
        return true;
    }
    return false;
}

// The caller adds the target.
bool FuncCompiler::fuse_branch(Opcode op, Operand lhs, Operand rhs, bool sense) {
    if (!follows(last_) || lhs.src != Src::acc || !fits(rhs, op)) return false;
    const Ins prev = last_;
    if (prev.result != operand_kind(op)) return false;
    const bool to_slot = prev.dst == Dst::slot;
    if (to_slot && rhs.src == Src::slot && rhs.slot == prev.dst_slot) return false;
    if (!sense) {
        const auto other = negated(op);
        if (!other) return false;
        op = *other;
    }
    if (prev.kind == Ins::Kind::binary && is_plain(prev) && is_wide(prev.op) == is_wide(op)) {
        const Handler handler =
            binary_branch_handler(prev.op, op, prev.a.src, prev.b.src, rhs.src, prev.dst);
        if (!handler) return false;
        fused(prev, offset_, handler);
        slots(prev.dst_slot, prev.a.slot, prev.b.slot, rhs.slot);
        if (prev.b.src == Src::imm || rhs.src == Src::imm) word(low(prev.b.bits), low(rhs.bits));
        return true;
    }
    if (prev.kind == Ins::Kind::load && prev.a.src != Src::imm) {
        const Handler handler = load_branch_handler(prev.op, op, prev.a.src, rhs.src, prev.dst);
        if (!handler) return false;
        fused(prev, prev.offset, handler);
        slots(prev.dst_slot, prev.a.slot, rhs.slot);
        word(prev.immediate, low(rhs.bits));
        return true;
    }
    return false;
}

// The pointer of the shadow stack that C compilers keep in a global.
bool FuncCompiler::fuse_global_set(u32 index) {
    if (!follows(last_) || last_.kind != Ins::Kind::binary || last_.b.src != Src::imm) return false;
    const Ins prev = last_;
    const Ins first = before_last_;
    const bool adds = prev.op == Opcode::i32_add, subtracts = prev.op == Opcode::i32_sub;
    const u32 amount = subtracts ? low(prev.b.bits) : 0 - low(prev.b.bits);
    if (!adds && !subtracts) return false;
    if (prev.a.src == Src::acc && prev.dst == Dst::slot && first.kind == Ins::Kind::global_get &&
        first.immediate == index && first.dst == Dst::acc && first.end == prev.start) {
        fused(first, offset_, global_sub_tee_handler());
        slots_word(prev.dst_slot, 0, amount);
        word(index);
        return true;
    }
    if (prev.a.src == Src::slot && prev.dst == Dst::acc) {
        fused(prev, offset_, global_set_add_handler());
        slots_word(0, prev.a.slot, 0 - amount);
        word(index);
        return true;
    }
    return false;
}

}  // namespace waxwing::interp
