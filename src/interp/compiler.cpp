#include "interp/compiler.hpp"

#include <algorithm>

#include "core/fault.hpp"
#include "interp/families.hpp"
#include "interp/handlers.hpp"
#include "interp/pairs.hpp"

namespace waxwing::interp {

void FuncCompiler::begin(u32 func, Mode mode) {
    func_ = func;
    mode_ = mode;
    const FuncType& type = module_.func_type(func);
    const core::Code& code = module_.code[func - module_.imported_functions];
    local_slots_.clear();
    local_types_.clear();
    u32 slot = 0;
    for (const ValType t : type.params) {
        local_slots_.push_back(static_cast<u16>(slot));
        local_types_.push_back(t);
        slot += slot_count(t);
    }
    link_ = static_cast<u16>(std::max(slot, slot_count(type.results)));
    slot = link_ + 2u;
    for (const core::LocalGroup& group : module_.locals(code)) {
        for (u32 i = 0; i < group.count; ++i) {
            local_slots_.push_back(static_cast<u16>(slot));
            local_types_.push_back(group.type);
            slot += slot_count(group.type);
        }
    }
    temp_base_ = static_cast<u16>(slot);
    max_slots_ = slot;
    lazy_.assign(slot, 0);
    stack_.clear();
    settled_ = 0;
    controls_.clear();
    patches_.clear();
    cells_.clear();
    targets_.clear();
    tries_ = {};
    region_ = TryTable::none;
    forget_all();
    pending_ = {};
    skipping_ = 0;
    fuel_cell_ = none;
    if (origins_) origins_->clear();
    controls_.push_back({.kind = Opcode::call, .type = {}, .height = 0, .base = temp_base_});
    offset_ = code.instructions.offset;
    start_charging();
}

Result<void> FuncCompiler::publish() {
    const u32 frame = max_slots_ + frame_slack;
    if (max_slots_ > max_frame_slots) {
        return std::unexpected(limit_error("function " + std::to_string(func_) + " needs " +
                                               std::to_string(max_slots_) + " frame slots (limit " +
                                               std::to_string(max_frame_slots) + ")",
                                           offset_));
    }
    compiled_.publish(func_, mode_, cells_, targets_, frame, std::move(tries_));
    return {};
}

bool FuncCompiler::supports(Opcode op) {
    const std::string_view family = family_of(op);
    return family != "legacy";
}

Result<void> FuncCompiler::emit(const Instr& in) {
    offset_ = in.offset;
    if (controls_.back().unreachable) {
        switch (in.op) {
        case Opcode::block:
        case Opcode::loop:
        case Opcode::if_:
        case Opcode::try_table: ++skipping_; return {};
        case Opcode::else_:
            if (skipping_ == 0) else_();
            return {};
        case Opcode::end:
            if (skipping_ == 0)
                end();
            else
                --skipping_;
            return {};
        default: return {};
        }
    }
    if (max_slots_ > max_frame_slots) return {};  // publish() tells
    ++fuel_cost_;
    switch (in.op) {
    case Opcode::unreachable:
        flush();
        instr(unreachable);
        set_unreachable();
        break;
    case Opcode::nop: --fuel_cost_; break;
    case Opcode::atomic_fence: break;  // one thread at a time uses a store
    case Opcode::block:
    case Opcode::loop:
        --fuel_cost_;
        enter(in);
        break;
    case Opcode::if_: enter(in); break;
    case Opcode::try_table:
        --fuel_cost_;
        try_table(in);
        break;
    case Opcode::throw_: throw_(in); break;
    case Opcode::throw_ref: throw_ref(); break;
    case Opcode::else_:
        --fuel_cost_;
        else_();
        break;
    case Opcode::end:
        --fuel_cost_;
        end();
        break;
    case Opcode::br:
        br(in.index);
        set_unreachable();
        break;
    case Opcode::br_if: br_if(in.index); break;
    case Opcode::br_table: br_table(in); break;
    case Opcode::return_:
        return_();
        set_unreachable();
        break;
    case Opcode::call: call_direct(in.index); break;
    case Opcode::call_indirect: call_indirect(in); break;
    case Opcode::call_ref: call_ref(in); break;
    case Opcode::return_call:
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref: return_call(in); break;
    case Opcode::br_on_null: br_on_null(in.index, true); break;
    case Opcode::br_on_non_null: br_on_null(in.index, false); break;
    case Opcode::drop:
        if (is_pending(top())) flush(Dst::acc);  // it may trap
        pop();
        break;
    case Opcode::select: select(top(1).type); break;
    case Opcode::select_t: select(in.types[0]); break;
    case Opcode::local_get:
        push(Entry::Where::local, local_types_[in.index], local_slots_[in.index]);
        break;
    case Opcode::local_set: local_set(in.index, false); break;
    case Opcode::local_tee: local_set(in.index, true); break;
    case Opcode::global_get: {
        const ValType type = module_.globals[in.index].type.type;
        const SlotKind kind = kind_of(type);
        flush();
        push_temp(type);
        hold(kind, global_get_handler(kind, Dst::slot), global_get_handler(kind, Dst::acc),
             {Cell{.word = {0, in.index}}});
        describe(Ins::Kind::global_get, in.op, {}, {}, in.index);
        break;
    }
    case Opcode::global_set: {
        const SlotKind kind = kind_of(top().type);
        const Operand value = slot_or_acc(top());
        pop();
        if (value.src == Src::acc && kind == SlotKind::word && fuse_global_set(in.index)) break;
        instr(global_set_handler(kind, value.src));
        slots_word(0, value.slot, in.index);
        break;
    }
    case Opcode::i32_const: push(Entry::Where::constant, i32, in.bits & 0xFFFFFFFF); break;
    case Opcode::i64_const: push(Entry::Where::constant, i64, in.bits); break;
    case Opcode::f32_const: push(Entry::Where::constant, f32, in.bits & 0xFFFFFFFF); break;
    case Opcode::f64_const: push(Entry::Where::constant, f64, in.bits); break;
    case Opcode::i32_wrap_i64: wrap(); break;
    case Opcode::v128_const: vector_constant(in.vec); break;
    case Opcode::ref_null: push(Entry::Where::constant, ValType::ref(in.heap, true), 0); break;
    case Opcode::ref_is_null: test_zero(Opcode::i64_eq, i64); break;
    case Opcode::ref_func: on_stack(in, 0, {funcref}); break;
    case Opcode::ref_as_non_null: on_stack(in, 1, {top().type}); break;
    case Opcode::memory_size: on_stack(in, 0, {type_of(address_type(in.index))}); break;
    case Opcode::memory_grow: on_stack(in, 1, {type_of(address_type(in.index))}); break;
    case Opcode::memory_fill:
    case Opcode::memory_copy:
    case Opcode::memory_init:
        charge_bulk(Bulk::memory, in.op == Opcode::memory_init ? in.index2 : in.index);
        on_stack(in, 3, {});
        break;
    case Opcode::table_fill:
    case Opcode::table_copy:
    case Opcode::table_init:
        charge_bulk(Bulk::table, in.op == Opcode::table_init ? in.index2 : in.index);
        on_stack(in, 3, {});
        break;
    case Opcode::data_drop:
    case Opcode::elem_drop: on_stack(in, 0, {}); break;
    case Opcode::table_get: on_stack(in, 1, {module_.tables[in.index].type.element}); break;
    case Opcode::table_set: on_stack(in, 2, {}); break;
    case Opcode::table_size:
        on_stack(in, 0, {type_of(module_.tables[in.index].type.address)});
        break;
    case Opcode::table_grow:
        charge_bulk(Bulk::table_growth, in.index);
        on_stack(in, 2, {type_of(module_.tables[in.index].type.address)});
        break;
    default:
        if (!supports(in.op)) {
            return std::unexpected(Error(Code::compile, ErrorKind::unsupported,
                                         std::string(info(in.op).name) + " is not implemented yet")
                                       .with_offset(in.offset)
                                       .with_function(func_));
        }
        if (info(in.op).feature == Feature::gc)
            gc(in);
        else
            fixed(in);
        break;
    }
    return {};
}

// Cells -------------------------------------------------------------------------

// The instruction gets a handler of its own, or joins the one before it: then pc
// stands at the cell before its operands all the same (step.hpp).
void FuncCompiler::begin_instr(Handler handler, u32 offset) {
    before_head_ = head_;
    const Handler both = head_.handler ? pair_handler(head_.handler, handler) : nullptr;
    if (origins_) origins_->push_back({both ? position() - 1 : position(), offset});
    if (both) {
        cells_[head_.start].handler = both;
        head_.handler = both;
        return;
    }
    head_ = {position(), handler};
    cells_.push_back({.handler = handler});
}

void FuncCompiler::slots(u32 a, u32 b, u32 c, u32 d) {
    cells_.push_back({.slot = {static_cast<u16>(a), static_cast<u16>(b), static_cast<u16>(c),
                               static_cast<u16>(d)}});
}

void FuncCompiler::slots_word(u32 a, u32 b, u32 word) {
    cells_.push_back({.word = {a | b << 16, word}});
}
void FuncCompiler::word(u32 low, u32 high) { cells_.push_back({.word = {low, high}}); }
void FuncCompiler::bits(u64 value) { cells_.push_back({.bits = value}); }

void FuncCompiler::target(u32 depth) {
    Control& to = label(depth);
    targets_.push_back(position());
    if (to.kind == Opcode::loop) {
        bits(to.start);
        return;
    }
    patches_.push_back({position(), to.patches});
    to.patches = static_cast<u32>(patches_.size() - 1);
    bits(0);
}

void FuncCompiler::target_here(u32 at) {
    if (at & clause_patch)
        tries_.clauses[at & ~clause_patch].target = position();
    else
        cells_[at].bits = position();
    fence();
}

void FuncCompiler::bind(Control& control) {
    for (u32 p = control.patches; p != none; p = patches_[p].next)
        target_here(patches_[p].cell);
    control.patches = none;
}

// Fuel is charged at the start of a straight piece of code, for all of it.
void FuncCompiler::start_charging() {
    stop_charging();
    fuel_cost_ = 0;
    if (mode_ != Mode::metered) return;
    flush();
    instr(fuel_handler());
    fuel_cell_ = position();
    bits(0);
}

void FuncCompiler::stop_charging() {
    if (fuel_cell_ != none) cells_[fuel_cell_].bits = fuel_cost_;
    fuel_cell_ = none;
}

// Symbolic stack ------------------------------------------------------------------

SlotKind FuncCompiler::kind_of(ValType type) {
    switch (type.kind()) {
    case ValType::Kind::f32: return SlotKind::f32;
    case ValType::Kind::f64: return SlotKind::f64;
    case ValType::Kind::v128: return SlotKind::v128;
    default: return SlotKind::word;
    }
}

u16 FuncCompiler::next_home() const {
    if (stack_.empty()) return temp_base_;
    return static_cast<u16>(stack_.back().home + slot_count(stack_.back().type));
}

void FuncCompiler::push(Entry::Where where, ValType type, u64 bits) {
    const u16 home = next_home();
    stack_.push_back({where, type, home, bits});
    max_slots_ = std::max<u32>(max_slots_, home + slot_count(type));
    if (where == Entry::Where::local) ++lazy_[bits];
}

void FuncCompiler::push_types(std::span<const ValType> types) {
    for (const ValType type : types)
        push_temp(type);
}

FuncCompiler::Entry FuncCompiler::pop() {
    const Entry e = stack_.back();
    stack_.pop_back();
    if (e.where == Entry::Where::local) --lazy_[e.bits];
    settled_ = std::min(settled_, static_cast<u32>(stack_.size()));
    return e;
}

void FuncCompiler::cut(u32 height) {
    while (stack_.size() > height)
        pop();
}

bool FuncCompiler::is_pending(const Entry& e) const {
    return pending_.active && !pending_.fixed && e.where == Entry::Where::temp &&
           e.home == pending_.dst;
}

void FuncCompiler::hold(SlotKind kind, Handler to_slot, Handler to_acc,
                        std::initializer_list<Cell> cells) {
    pending_ = {};
    pending_.active = true;
    pending_.kind = kind;
    pending_.dst = top().home;
    pending_.handlers = {to_slot, to_acc};
    pending_.offset = offset_;
    for (const Cell c : cells)
        pending_.cells[pending_.cell_count++] = c;
}

void FuncCompiler::flush(Dst dst) {
    if (!pending_.active) return;
    encode_pending(pending_.fixed ? Dst::slot : dst);
}

void FuncCompiler::encode_pending(Dst dst) {
    if (pending_.kind == SlotKind::v128) dst = Dst::slot;
    pending_.active = false;
    Ins ins = pending_.ins;
    ins.dst = dst;
    ins.dst_slot = pending_.dst;
    ins.result = pending_.kind;
    ins.offset = pending_.offset;
    if (!fuse(ins)) {
        const u32 start = position();
        begin_instr(pending_.handlers[static_cast<usize>(dst)], pending_.offset);
        ins.before = before_head_;
        pending_.cells[0].slot[0] = pending_.dst;
        for (u8 i = 0; i < pending_.cell_count; ++i)
            cell(pending_.cells[i]);
        remember(ins, start);
    }
    if (dst == Dst::slot) forget(pending_.dst);
    if (pending_.kind == SlotKind::v128) forget(static_cast<u16>(pending_.dst + 1));
    if (pending_.kind != SlotKind::v128)
        acc_[static_cast<usize>(pending_.kind)] = dst == Dst::slot ? pending_.dst : none;
}

void FuncCompiler::forget(u16 slot) {
    for (u32& known : acc_)
        if (known == slot) known = none;
}

// Writes an entry's value to a slot. The entry is not pending.
void FuncCompiler::move(const Entry& e, u16 slot) {
    if (e.where == Entry::Where::constant) {
        if (e.bits <= 0xFFFFFFFF) {
            instr(const32_handler());
            slots_word(slot, 0, static_cast<u32>(e.bits));
        } else {
            instr(const64);
            slots(slot);
            bits(e.bits);
        }
    } else {
        const u16 from = e.where == Entry::Where::local ? static_cast<u16>(e.bits) : e.home;
        if (from == slot) return;
        instr(copy_handler(kind_of(e.type)));
        slots(slot, from);
    }
    forget(slot);
    if (e.type.is_vector()) forget(static_cast<u16>(slot + 1));
}

void FuncCompiler::materialize(Entry& e) {
    if (e.where == Entry::Where::temp) return;
    move(e, e.home);
    if (e.where == Entry::Where::local) --lazy_[e.bits];
    e.where = Entry::Where::temp;
}

void FuncCompiler::materialize_top(u32 count) {
    flush();
    for (u32 i = count; i > 0;) {
        Entry& e = top(--i);
        // Two words at once where neighbours both come from locals.
        if (i > 0 && e.where == Entry::Where::local && kind_of(e.type) != SlotKind::f32 &&
            kind_of(e.type) != SlotKind::v128) {
            Entry& next = top(i - 1);
            if (next.where == Entry::Where::local && kind_of(next.type) != SlotKind::f32 &&
                kind_of(next.type) != SlotKind::v128) {
                instr(copy2_handler());
                slots(e.home, static_cast<u32>(e.bits), next.home, static_cast<u32>(next.bits));
                for (Entry* each : {&e, &next}) {
                    forget(each->home);
                    --lazy_[each->bits];
                    each->where = Entry::Where::temp;
                }
                --i;
                continue;
            }
        }
        materialize(e);
    }
}

// What settles is encoded before a pending instruction. That is safe while the
// pending one writes its own home only.
void FuncCompiler::settle_locals() {
    if (pending_.fixed) flush();
    for (u32 i = settled_; i < stack_.size(); ++i)
        if (stack_[i].where == Entry::Where::local) materialize(stack_[i]);
    settled_ = static_cast<u32>(stack_.size());
}

void FuncCompiler::settle_local(u16 slot) {
    if (lazy_[slot] > 0 && pending_.fixed) flush();
    for (usize i = stack_.size(); lazy_[slot] > 0;) {
        Entry& e = stack_[--i];
        if (e.where == Entry::Where::local && e.bits == slot) materialize(e);
    }
}

bool FuncCompiler::top_is_at(u32 count, u16 base) const {
    return count == 0 || stack_[stack_.size() - count].home == base;
}

// Moves the top entries, which stay on the stack, to consecutive slots at or
// below their homes. In ascending order no source is overwritten before it is
// read: a home is never below its destination, and locals are not written.
void FuncCompiler::move_top(u32 count, u16 base) {
    flush();
    u16 slot = base;
    for (u32 i = count; i-- > 0;) {
        const Entry& e = top(i);
        move(e, slot);
        slot = static_cast<u16>(slot + slot_count(e.type));
    }
}

}  // namespace waxwing::interp
