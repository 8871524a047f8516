// Instructions that compute: operands are folded, results are held back.
#include "core/fault.hpp"
#include "interp/compiler.hpp"
#include "interp/families.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

bool is_constant(const auto& entry) {
    return entry.where == std::decay_t<decltype(entry)>::Where::constant;
}

ValType value_type(OperandType type) {
    switch (type) {
    case OperandType::i64: return i64;
    case OperandType::f32: return f32;
    case OperandType::f64: return f64;
    case OperandType::v128: return v128;
    default: return i32;
    }
}

bool is_wide(OperandType type) { return type == OperandType::i64 || type == OperandType::f64; }

// a op b == b mirrored(op) a
Opcode mirrored(Opcode op) {
    switch (op) {
#define MIRROR(T, s)                                  \
    case Opcode::T##_lt##s: return Opcode::T##_gt##s; \
    case Opcode::T##_gt##s: return Opcode::T##_lt##s; \
    case Opcode::T##_le##s: return Opcode::T##_ge##s; \
    case Opcode::T##_ge##s: return Opcode::T##_le##s;
        MIRROR(i32, _s)
        MIRROR(i32, _u)
        MIRROR(i64, _s)
        MIRROR(i64, _u)
        MIRROR(f32, )
        MIRROR(f64, )
#undef MIRROR
    default: return op;
    }
}

}  // namespace

std::optional<Opcode> negated(Opcode op) {
    switch (op) {
#define NEGATE(T)                                   \
    case Opcode::T##_eq: return Opcode::T##_ne;     \
    case Opcode::T##_ne: return Opcode::T##_eq;     \
    case Opcode::T##_lt_s: return Opcode::T##_ge_s; \
    case Opcode::T##_ge_s: return Opcode::T##_lt_s; \
    case Opcode::T##_gt_s: return Opcode::T##_le_s; \
    case Opcode::T##_le_s: return Opcode::T##_gt_s; \
    case Opcode::T##_lt_u: return Opcode::T##_ge_u; \
    case Opcode::T##_ge_u: return Opcode::T##_lt_u; \
    case Opcode::T##_gt_u: return Opcode::T##_le_u; \
    case Opcode::T##_le_u: return Opcode::T##_gt_u;
        NEGATE(i32)
        NEGATE(i64)
#undef NEGATE
    default: return std::nullopt;
    }
}

namespace {

// The operand cells of a two-operand instruction.
struct OperandCells {
    std::array<Cell, 2> cells;
    u8 count;
};
OperandCells operand_cells(auto lhs, auto rhs, bool wide) {
    if (lhs.src != Src::imm && rhs.src != Src::imm)
        return {{Cell{.slot = {0, lhs.slot, rhs.slot, 0}}}, 1};
    const auto& imm = lhs.src == Src::imm ? lhs : rhs;
    const auto& other = lhs.src == Src::imm ? rhs : lhs;
    if (wide) return {{Cell{.slot = {0, other.slot, 0, 0}}, Cell{.bits = imm.bits}}, 2};
    return {{Cell{.word = {u32{other.slot} << 16, static_cast<u32>(imm.bits)}}}, 1};
}

}  // namespace

// An entry's value in a slot or in its accumulator, whichever is at hand.
FuncCompiler::Operand FuncCompiler::slot_or_acc(const Entry& e) {
    const SlotKind kind = kind_of(e.type);
    if (is_pending(e) && kind != SlotKind::v128) {
        flush(Dst::acc);
        return {.src = Src::acc};
    }
    flush();
    if (is_constant(e)) move(e, e.home);
    const u16 slot = e.where == Entry::Where::local ? static_cast<u16>(e.bits) : e.home;
    return {.src = in_acc(slot, kind) ? Src::acc : Src::slot, .slot = slot};
}

FuncCompiler::Operand FuncCompiler::any_operand(const Entry& e) {
    if (is_constant(e)) return {.src = Src::imm, .bits = e.bits};
    return slot_or_acc(e);
}

// Requires: `e` is not pending. A constant is put into its home, ahead of what is pending.
FuncCompiler::Operand FuncCompiler::slot_operand(Entry e) {
    if (is_constant(e)) move(e, e.home);
    return {.src = Src::slot,
            .slot = e.where == Entry::Where::local ? static_cast<u16>(e.bits) : e.home};
}

void FuncCompiler::binary(Opcode op, ValType result) {
    Entry l = top(1), r = top(0);
    const bool commutes = is_commutative(op);
    if (!is_pending(l) && !is_pending(r)) flush();
    if (is_constant(l) && is_constant(r)) {
        materialize(top(1));
        l = top(1);
    }
    if (is_constant(l) && commutes) std::swap(l, r);
    Operand lhs, rhs;
    if (is_constant(l) || is_constant(r)) {
        lhs = any_operand(l);
        rhs = any_operand(r);
    } else {
        const bool l_first = is_pending(l) || !is_pending(r);
        if (l_first) lhs = slot_or_acc(l);
        if (l_first && lhs.src == Src::acc) {
            rhs = slot_operand(r);
        } else {
            rhs = slot_or_acc(r);
            lhs = slot_operand(l);
            if (rhs.src == Src::acc && commutes) std::swap(lhs, rhs);
        }
    }
    pop();
    pop();
    push_temp(result);
    const auto [cells, count] = operand_cells(lhs, rhs, is_wide(info(op).type.inputs[0]));
    hold(kind_of(result), binary_handler(op, lhs.src, rhs.src, Dst::slot),
         binary_handler(op, lhs.src, rhs.src, Dst::acc), {cells[0]});
    if (count == 2) pending_.cells[pending_.cell_count++] = cells[1];
    describe(Ins::Kind::binary, op, lhs, rhs, 0);
}

// Leaves the result as a pending comparison on the stack, in the place of lhs
// and rhs, which were popped.
void FuncCompiler::hold_comparison(Opcode op, Operand lhs, Operand rhs) {
    const auto [cells, count] = operand_cells(lhs, rhs, is_wide(info(op).type.inputs[0]));
    hold(SlotKind::word, compare_handler(op, lhs.src, rhs.src, Dst::slot),
         compare_handler(op, lhs.src, rhs.src, Dst::acc), {cells[0]});
    if (count == 2) pending_.cells[pending_.cell_count++] = cells[1];
    pending_.compare = true;
    describe(Ins::Kind::compare, op, lhs, rhs, 0);
}

void FuncCompiler::comparison(Opcode op, Entry l, Entry r) {
    if (!is_pending(l) && !is_pending(r)) flush();
    if (is_constant(l) && is_constant(r)) {
        materialize(top(1));
        l = top(1);
    }
    if (is_constant(l) || (!is_constant(r) && is_pending(r))) {
        std::swap(l, r);
        op = mirrored(op);
    }
    Operand lhs = slot_or_acc(l);
    Operand rhs;
    if (is_constant(r)) {
        rhs = {.src = Src::imm, .bits = r.bits};
    } else if (lhs.src == Src::acc) {
        rhs = slot_operand(r);
    } else {
        rhs = slot_or_acc(r);
        if (rhs.src == Src::acc) {
            std::swap(lhs, rhs);
            op = mirrored(op);
        }
    }
    pop();
    pop();
    push_temp(i32);
    hold_comparison(op, lhs, rhs);
}

// Is the top entry zero (or null)?
void FuncCompiler::test_zero(Opcode equal, ValType) {
    const Entry e = top();
    if (is_pending(e) && pending_.compare) {
        if (const auto op = negated(pending_.ins.op)) {
            const Operand lhs = pending_.ins.a, rhs = pending_.ins.b;
            pop();
            push_temp(i32);
            hold_comparison(*op, lhs, rhs);
            return;
        }
    }
    const Operand value = slot_or_acc(e);
    pop();
    push_temp(i32);
    hold_comparison(equal, value, {.src = Src::imm, .bits = 0});
}

void FuncCompiler::unary(Opcode op, ValType result) {
    const Operand value = slot_or_acc(top());
    pop();
    push_temp(result);
    hold(kind_of(result), unary_handler(op, value.src, Dst::slot),
         unary_handler(op, value.src, Dst::acc), {Cell{.slot = {0, value.slot, 0, 0}}});
    describe(Ins::Kind::unary, op, value, {}, 0);
}

// The low half of an i64 is where an i32 is read from, so nothing needs to be
// done; arithmetic that only the low half depends on can be done in i32.
void FuncCompiler::wrap() {
    Entry& e = top();
    if (is_constant(e)) {
        e.type = i32;
        e.bits &= 0xFFFFFFFF;
        return;
    }
    e.type = i32;
    if (!is_pending(e) || pending_.ins.kind != Ins::Kind::binary) return;
    Opcode op;
    switch (pending_.ins.op) {
    case Opcode::i64_add: op = Opcode::i32_add; break;
    case Opcode::i64_sub: op = Opcode::i32_sub; break;
    case Opcode::i64_mul: op = Opcode::i32_mul; break;
    case Opcode::i64_and: op = Opcode::i32_and; break;
    case Opcode::i64_or: op = Opcode::i32_or; break;
    case Opcode::i64_xor: op = Opcode::i32_xor; break;
    default: return;
    }
    Operand lhs = pending_.ins.a, rhs = pending_.ins.b;
    const bool extended =
        last_.op == Opcode::i64_extend_i32_u || last_.op == Opcode::i64_extend_i32_s;
    if (lhs.src == Src::acc && follows(last_) && extended && last_.dst == Dst::acc) {
        lhs = last_.a;
        rewind(last_);
    }
    const u32 offset = pending_.offset;
    const auto [cells, count] = operand_cells(lhs, rhs, false);
    hold(SlotKind::word, binary_handler(op, lhs.src, rhs.src, Dst::slot),
         binary_handler(op, lhs.src, rhs.src, Dst::acc), {cells[0]});
    pending_.offset = offset;
    describe(Ins::Kind::binary, op, lhs, rhs, 0);
    if (rhs.src == Src::imm) pending_.ins.b.bits &= 0xFFFFFFFF;
}

void FuncCompiler::load(const Instr& in, ValType result) {
    const SlotKind kind = kind_of(result);
    if (in.mem.memory != 0 || address_type(0) == AddressType::i64) {
        flush();
        const Operand addr = slot_operand(top());
        const Handler handler = load_any_handler(in.op, address_type(in.mem.memory));
        pop();
        push_temp(result);
        hold(kind, handler, handler,
             {Cell{.word = {u32{addr.slot} << 16, in.mem.memory}}, Cell{.bits = in.mem.offset}});
        return;
    }
    const auto offset = static_cast<u32>(in.mem.offset);
    if (!is_pending(top())) flush();
    const Operand addr = any_operand(top());
    pop();
    push_temp(result);
    const Handler to_slot = load_handler(in.op, addr.src, Dst::slot);
    const Handler to_acc = load_handler(in.op, addr.src, Dst::acc);
    if (addr.src == Src::imm)
        hold(kind, to_slot, to_acc, {Cell{}, Cell{.bits = addr.bits + offset}});
    else
        hold(kind, to_slot, to_acc, {Cell{.word = {u32{addr.slot} << 16, offset}}});
    describe(Ins::Kind::load, in.op, addr, {}, offset);
}

void FuncCompiler::store(const Instr& in) {
    if (in.mem.memory != 0 || address_type(0) == AddressType::i64) {
        flush();
        const Operand value = slot_operand(top());
        const Operand addr = slot_operand(top(1));
        pop();
        pop();
        instr(store_any_handler(in.op, address_type(in.mem.memory)));
        slots_word(value.slot, addr.slot, in.mem.memory);
        bits(in.mem.offset);
        return;
    }
    const auto offset = static_cast<u32>(in.mem.offset);
    const Entry v = top(), a = top(1);
    const SlotKind kind = kind_of(v.type);
    Operand value, addr;
    if (is_pending(v)) {
        value = slot_or_acc(v);
        addr = any_operand(a);
    } else {
        if (!is_pending(a)) flush();
        addr = any_operand(a);
        value = addr.src == Src::imm ? slot_or_acc(v) : any_operand(v);
    }
    // One integer accumulator cannot be both; if it equals both, the value is in its slot too.
    if (kind == SlotKind::word && addr.src == Src::acc && value.src == Src::acc)
        value.src = Src::slot;
    pop();
    pop();
    if (fuse_store(in.op, addr, value, offset)) return;
    instr(store_handler(in.op, addr.src, value.src));
    if (addr.src == Src::imm) {
        slots(0, value.slot);
        bits(addr.bits + offset);
        return;
    }
    slots_word(addr.slot, value.slot, offset);
    if (value.src == Src::imm) bits(value.bits);
}

void FuncCompiler::fixed(const Instr& in) {
    const FixedType& type = info(in.op).type;
    const ValType result = value_type(type.outputs[0]);
    if (is_family(in.op, "binary")) return binary(in.op, result);
    if (is_family(in.op, "compare")) return comparison(in.op, top(1), top(0));
    if (is_family(in.op, "unary")) return unary(in.op, result);
    if (is_family(in.op, "load")) return load(in, result);
    if (is_family(in.op, "store")) return store(in);
    if (is_family(in.op, "simd")) return simd(in, result);
    if (is_family(in.op, "atomic")) return in_place(atomic_handler(in.op), in);
    if (is_family(in.op, "wide")) return in_place(wide_handler(in.op), in);
    if (in.op == Opcode::i32_eqz) return test_zero(Opcode::i32_eq, i32);
    if (in.op == Opcode::i64_eqz) return test_zero(Opcode::i64_eq, i64);
}

void FuncCompiler::select(ValType type) {
    const SlotKind kind = kind_of(type);
    if (!is_pending(top())) flush();
    const Operand b = slot_operand(top(1));
    const Operand a = slot_operand(top(2));
    const Operand cond = slot_or_acc(top());
    pop();
    pop();
    pop();
    push_temp(type);
    hold(kind, select_handler(kind, cond.src, Dst::slot), select_handler(kind, cond.src, Dst::acc),
         {Cell{.slot = {0, a.slot, b.slot, cond.slot}}});
    describe(Ins::Kind::select, Opcode::select, cond, {}, 0);
    pending_.ins.x = a.slot;
    pending_.ins.y = b.slot;
}

void FuncCompiler::local_set(u32 index, bool keep) {
    const Local to = local(index);
    const auto slot = static_cast<u16>(to.slot);
    const ValType type = to.type;
    if (is_pending(top())) {
        pop();
        settle_local(slot);
        pending_.dst = slot;
        pending_.fixed = true;
    } else {
        flush();
        const Entry e = pop();
        settle_local(slot);
        move(e, slot);
        const SlotKind kind = kind_of(type);
        if (e.where == Entry::Where::temp && in_acc(e.home, kind))
            acc_[static_cast<usize>(kind)] = slot;
    }
    if (keep) push(Entry::Where::local, type, slot);
}

void FuncCompiler::on_stack(const Instr& in, u32 operands, std::initializer_list<ValType> results) {
    const std::vector<ValType> types(results);
    materialize_top(operands);
    const u16 base = operands ? top(operands - 1).home : next_home();
    for (u32 i = 0; i < operands; ++i)
        pop();
    instr(stack_handler(in.op, mode_));
    slots_word(base, 0, in.index);
    word(in.index2);
    forget(base);
    push_types(types);
}

// Operands in consecutive slots, which the results take over.
void FuncCompiler::in_place(Handler handler, const Instr& in) {
    const FixedType& type = info(in.op).type;
    materialize_top(type.input_count);
    const u16 base = top(type.input_count - 1u).home;
    for (u32 i = 0; i < type.input_count; ++i)
        pop();
    instr(handler);
    const MemArg mem = has_memarg(info(in.op).immediates) ? in.mem : MemArg{};
    slots_word(base, 0, mem.memory);
    bits(mem.offset);
    for (u32 i = 0; i < type.output_count; ++i) {
        forget(static_cast<u16>(base + i));
        push_temp(value_type(type.outputs[i]));
    }
}

}  // namespace waxwing::interp
