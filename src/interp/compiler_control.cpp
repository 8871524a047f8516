// Blocks, branches, calls and returns.
#include <algorithm>

#include "interp/compiler.hpp"
#include "interp/fuel.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {

std::span<const ValType> FuncCompiler::params(const Control& c) const {
    if (c.type_kind != BlockType::Kind::type) return {};
    return module_.types[c.type_index].func()->params;
}

std::span<const ValType> FuncCompiler::results(const Control& c) const {
    if (c.kind == Opcode::call) return module_.func_type(func_).results;
    switch (c.type_kind) {
    case BlockType::Kind::empty: return {};
    case BlockType::Kind::value: return {&c.value, 1};
    case BlockType::Kind::type: break;
    }
    return module_.types[c.type_index].func()->results;
}

std::span<const ValType> FuncCompiler::label_types(const Control& c) const {
    return c.kind == Opcode::loop ? params(c) : results(c);
}

void FuncCompiler::enter(const Instr& in) {
    Control control(in.op, in.block);
    const auto count = static_cast<u32>(params(control).size());
    std::optional<Condition> cond;
    if (in.op == Opcode::if_)
        cond = condition();
    else
        flush();
    materialize_top(count);
    settle_locals();
    control.height = static_cast<u32>(stack_.size()) - count;
    control.base = count ? top(count - 1).home : next_home();
    if (in.op == Opcode::loop) {
        stop_charging();
        control.label = position();
        forget_all();
        start_charging();
    } else if (cond) {
        conditional(cond->op, cond->lhs, cond->rhs, false);
        control.else_patch = position();
        targets_.push_back(position());
        bits(0);
    }
    controls_.push_back(control);
    if (cond) start_charging();
}

void FuncCompiler::else_() {
    Control& control = controls_.back();
    if (!control.unreachable) {
        materialize_top(static_cast<u32>(results(control).size()));
        instr(br_handler());
        target(0);
    }
    stop_charging();
    target_here(control.else_patch);
    control.else_patch = none;
    control.kind = Opcode::else_;
    control.unreachable = false;
    cut(control.height);
    push_types(params(control));
    settled_ = static_cast<u32>(stack_.size());
    forget_all();
    start_charging();
}

void FuncCompiler::end() {
    if (controls_.back().kind == Opcode::try_table) end_try_table();
    Control control = controls_.back();
    if (controls_.size() == 1) {
        if (!control.unreachable) return_();
        stop_charging();
        return_pads();
        return;
    }
    const bool waited_for = control.kind != Opcode::loop && control.label != none;
    const bool joins = waited_for || control.else_patch != none;
    const auto count = static_cast<u32>(results(control).size());
    if (joins && !control.unreachable) materialize_top(count);
    controls_.pop_back();
    if (joins) {
        stop_charging();
        if (waited_for) bind(control.label);
        if (control.else_patch != none) target_here(control.else_patch);
    } else if (!control.unreachable) {
        return;  // nobody else arrives: the stack is what it is
    }
    cut(control.height);
    push_types(results(control));
    if (!joins) {
        set_unreachable();
        return;
    }
    settled_ = static_cast<u32>(stack_.size());
    forget_all();
    start_charging();
}

void FuncCompiler::set_unreachable() {
    pending_.active = false;
    controls_.back().unreachable = true;
    cut(controls_.back().height);
}

FuncCompiler::Condition FuncCompiler::condition() {
    const Entry e = top();
    if (is_pending(e) && pending_.compare) {
        pending_.active = false;
        pop();
        return {pending_.ins.op, pending_.ins.a, pending_.ins.b};
    }
    const Operand value = slot_or_acc(e);
    pop();
    return {Opcode::i32_ne, value, {.src = Src::imm, .bits = 0}};
}

// Branches if the comparison's outcome is `sense`. The caller adds the target.
void FuncCompiler::conditional(Opcode op, Operand lhs, Operand rhs, bool sense) {
    if (fuse_branch(op, lhs, rhs, sense)) return;
    instr(branch_handler(op, lhs.src, rhs.src, sense));
    if (rhs.src != Src::imm) {
        slots(0, lhs.slot, rhs.slot);
        return;
    }
    const OperandType type = info(op).type.inputs[0];
    if (type == OperandType::i64 || type == OperandType::f64) {
        slots(0, lhs.slot);
        bits(rhs.bits);
    } else {
        slots_word(0, lhs.slot, static_cast<u32>(rhs.bits));
    }
}

void FuncCompiler::br(u32 depth) {
    if (depth + 1 == controls_.size()) return return_();
    const Control& to = label(depth);
    fuel_cost_ += fuel::for_slots(slot_count(label_types(to)));
    move_top(static_cast<u32>(label_types(to).size()), to.base);
    instr(br_handler());
    target(depth);
}

// Values that the branch carries are in their homes on both ways out of it.
void FuncCompiler::branch_if(Condition cond, bool sense, u32 depth) {
    const Control& to = label(depth);
    const auto count = static_cast<u32>(label_types(to).size());
    if (count) materialize_top(count);
    const bool is_return = depth + 1 == controls_.size();
    if (is_return || !top_is_at(count, to.base)) {
        conditional(cond.op, cond.lhs, cond.rhs, !sense);
        const u32 over = position();
        targets_.push_back(over);
        bits(0);
        br(depth);
        target_here(over);
    } else {
        conditional(cond.op, cond.lhs, cond.rhs, sense);
        target(depth);
    }
    start_charging();
}

void FuncCompiler::br_if(u32 depth) { branch_if(condition(), true, depth); }

void FuncCompiler::br_on_null(u32 depth, bool on_null) {
    flush();
    const Operand ref = slot_operand(top());
    Condition cond{on_null ? Opcode::i64_eq : Opcode::i64_ne, ref, {.src = Src::imm, .bits = 0}};
    if (!on_null) {
        branch_if(cond, true, depth);
        pop();
        return;
    }
    const Entry e = pop();
    branch_if(cond, true, depth);
    if (e.where == Entry::Where::local)
        push(Entry::Where::local, e.type, e.bits);
    else
        push_temp(e.type);
}

void FuncCompiler::br_table(const Instr& in) {
    const Operand index = slot_or_acc(top());
    pop();
    const auto count = static_cast<u32>(label_types(label(in.index)).size());
    const u64 cost = fuel_cost_ + fuel::for_slots(slot_count(label_types(label(in.index))));
    if (count) materialize_top(count);
    const auto returns = [&](u32 depth) { return depth + 1 == controls_.size(); };
    const auto moves = [&](u32 depth) {
        return !returns(depth) && !top_is_at(count, label(depth).base);
    };
    const bool any_moves = moves(in.index) || std::ranges::any_of(in.labels, moves);
    instr(br_table_handler(index.src, any_moves));
    slots_word(0, index.slot, static_cast<u32>(in.labels.size()));
    const u16 from = count ? top(count - 1).home : u16{0};
    if (any_moves) slots(from, slots_of_top(count));
    u32 return_targets = none;
    for (usize i = 0; i <= in.labels.size(); ++i) {
        const u32 depth = i < in.labels.size() ? in.labels[i] : in.index;
        if (any_moves && returns(depth)) {
            wait(return_targets, relative_patch | from);
        } else if (any_moves) {
            relative_target(depth, label(depth).base);
        } else if (returns(depth)) {
            targets_.push_back(position());
            wait(return_targets);
        } else {
            target(depth);
        }
    }
    if (return_targets != none) {
        bind(return_targets);
        return_();
    }
    fuel_cost_ = cost;  // one of the labels is gone to
    set_unreachable();
}

void FuncCompiler::return_() {
    const std::span<const ValType> types = module_.func_type(func_).results;
    if (types.size() == 1 && !types[0].is_vector()) {
        const SlotKind kind = kind_of(types[0]);
        const Entry& e = top();
        if (e.where == Entry::Where::constant && kind == SlotKind::word && e.bits <= 0xFFFFFFFF) {
            flush();
            instr(return_handler(kind, Src::imm));
            slots_word(link_, 0, static_cast<u32>(e.bits));
            return;
        }
        const Operand value = slot_or_acc(e);
        instr(return_handler(kind, value.src));
        slots(link_, value.slot);
        return;
    }
    const auto count = static_cast<u32>(types.size());
    fuel_cost_ += fuel::for_slots(slot_count(types));
    // Results go where parameters are: those still needed must not be overwritten.
    if (count) materialize_top(count);
    move_top(count, 0);
    instr(ret_handler());
    slots(link_);
}

// Calls -------------------------------------------------------------------------

// Arguments in place, handler and operands encoded: what is known afterwards.
void FuncCompiler::call(const FuncType& type, u32 delta) {
    for (usize i = 0; i < type.params.size(); ++i)
        pop();
    forget_all();
    push_types(type.results);
    if (type.results.size() == 1 && !type.results[0].is_vector())
        acc_[static_cast<usize>(kind_of(type.results[0]))] = delta;
}

void FuncCompiler::call_direct(u32 func) {
    const FuncType& type = module_.func_type(func);
    const auto count = static_cast<u32>(type.params.size());
    materialize_top(count);
    const u16 delta = count ? top(count - 1).home : next_home();
    if (func < module_.imported_functions) {
        instr(call_import_handler(mode_));
        slots_word(0, 0, delta);
        word(func);
    } else {
        instr(call_handler());
        cell({.entry = &compiled_.entry(func, mode_)});
        word(delta);
    }
    call(type, delta);
}

void FuncCompiler::call_indirect(const Instr& in) {
    const FuncType& type = *module_.types[in.index].func();
    const auto count = static_cast<u32>(type.params.size());
    const Operand index = slot_or_acc(top());
    pop();
    materialize_top(count);
    const u16 delta = count ? top(count - 1).home : next_home();
    const AddressType address = module_.tables[in.index2].type.address;
    instr(call_indirect_handler(mode_, index.src, address));
    slots_word(0, index.slot, delta);
    word(in.index2, compiled_.types[in.index]->id);
    call(type, delta);
}

void FuncCompiler::call_ref(const Instr& in) {
    const FuncType& type = *module_.types[in.index].func();
    const auto count = static_cast<u32>(type.params.size());
    flush();
    const Operand ref = slot_operand(top());
    pop();
    materialize_top(count);
    const u16 delta = count ? top(count - 1).home : next_home();
    instr(call_ref_handler(mode_));
    slots_word(0, ref.slot, delta);
    word(0);
    call(type, delta);
}

void FuncCompiler::return_call(const Instr& in) {
    Operand callee;
    const FuncType* type;
    if (in.op == Opcode::return_call) {
        type = &module_.func_type(in.index);
    } else {
        type = module_.types[in.index].func();
        flush();
        callee = slot_operand(top());
        pop();
    }
    const auto count = static_cast<u32>(type->params.size());
    materialize_top(count);
    const u32 args = count ? top(count - 1).home : next_home();
    const u32 size = slot_count(type->params);
    fuel_cost_ += fuel::for_slots(size);
    if (in.op == Opcode::return_call && in.index >= module_.imported_functions) {
        instr(return_call_handler());
        cell({.entry = &compiled_.entry(in.index, mode_)});
        slots(link_, args, size);
    } else if (in.op == Opcode::return_call) {
        instr(return_call_import_handler(mode_));
        slots(link_, args, size);
        word(in.index);
    } else if (in.op == Opcode::return_call_indirect) {
        instr(return_call_indirect_handler(mode_));
        slots(link_, args, size, callee.slot);
        word(in.index2, compiled_.types[in.index]->id);
    } else {
        instr(return_call_ref_handler(mode_));
        slots(link_, args, size, callee.slot);
        word(0);
    }
    set_unreachable();
}

}  // namespace waxwing::interp
