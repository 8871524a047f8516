#include "interp/compiler.hpp"

#include <algorithm>
#include <utility>

#include "core/fault.hpp"
#include "interp/families.hpp"
#include "interp/fuel.hpp"
#include "interp/handlers.hpp"
#include "interp/pairs.hpp"

namespace waxwing::interp {

void FuncCompiler::begin(u32 func, Mode mode) {
    func_ = func;
    mode_ = mode;
    const FuncType& type = module_.func_type(func);
    const core::Code& code = module_.code[func - module_.imported_functions];
    link_ = static_cast<u16>(std::max(slot_count(type.params), slot_count(type.results)));
    cut(0);  // what an earlier function left, if it was given up
    begin_locals(type.params, code);
    settled_ = 0;
    controls_.clear();
    cells_.clear();
    targets_.clear();
    tries_ = {};
    region_ = TryTable::none;
    forget_all();
    pending_ = {};
    skipping_ = 0;
    fuel_cell_ = none;
    if (origins_) origins_->clear();
    controls_.push_back(Control(Opcode::call));
    controls_.back().base = temp_base_;
    offset_ = code.instructions.offset;
    start_charging();
    fuel_cost_ += fuel::for_slots(temp_base_ - link_ - 2u);
}

void FuncCompiler::begin_locals(std::span<const ValType> params, const core::Code& code) {
    constexpr usize most_near = 1000;  // a function's parameters at least
    near_locals_.clear();
    far_locals_.clear();
    u32 slot = 0;
    for (const ValType t : params) {
        near_locals_.push_back({slot, t});
        slot += slot_count(t);
    }
    slot = link_ + 2u;
    u64 end = params.size();
    for (const core::LocalGroup& group : module_.locals(code)) {
        if (group.count == 0) continue;
        end += group.count;
        while (near_locals_.size() < std::min<u64>(end, most_near)) {
            near_locals_.push_back({slot, group.type});
            slot += slot_count(group.type);
        }
        const auto rest = static_cast<u32>(end - std::min<u64>(end, near_locals_.size()));
        const u32 far = std::min(rest, group.count);
        slot += far * slot_count(group.type);
        if (far) far_locals_.push_back({end, slot, group.type});
    }
    temp_base_ = static_cast<u16>(slot);
    max_slots_ = slot;
    if (lazy_.size() < slot) lazy_.resize(slot, 0);
}

FuncCompiler::Local FuncCompiler::far_local(u32 index) const {
    const auto run = std::ranges::upper_bound(far_locals_, u64{index}, {}, &LocalRun::end);
    const auto to_end = static_cast<u32>(run->end - index);
    return {run->slot_end - to_end * slot_count(run->type), run->type};
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
    give_back();
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
    case Opcode::local_get: push_local(local(in.index)); break;
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
    case Opcode::table_fill:
    case Opcode::table_copy:
    case Opcode::table_init: on_stack(in, 3, {}); break;
    case Opcode::data_drop:
    case Opcode::elem_drop: on_stack(in, 0, {}); break;
    case Opcode::table_get: on_stack(in, 1, {module_.tables[in.index].type.element}); break;
    case Opcode::table_set: on_stack(in, 2, {}); break;
    case Opcode::table_size:
        on_stack(in, 0, {type_of(module_.tables[in.index].type.address)});
        break;
    case Opcode::table_grow:
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

// Buffers are kept for the next function, unless they are large.
void FuncCompiler::give_back() {
    constexpr usize kept = 1 << 16;
    const auto trim = [](auto& list) {
        if (list.capacity() * sizeof(list[0]) <= kept) return;
        list.clear();
        list.shrink_to_fit();
    };
    cells_.clear();
    trim(targets_);
    trim(controls_);
    trim(far_locals_);
    if (stack_.empty()) trim(stack_);
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
    if (to.kind == Opcode::loop)
        bits(to.label);
    else
        wait(to.label);
}

// The distance to a label, and `slot` beside it.
void FuncCompiler::relative_target(u32 depth, u16 slot) {
    Control& to = label(depth);
    if (to.kind == Opcode::loop)
        word(to.label - position(), relative_patch | slot);
    else
        wait(to.label, relative_patch | slot);
}

void FuncCompiler::wait(u32& last, u32 high) {
    const u32 before = std::exchange(last, position());
    word(before, high);
}

void FuncCompiler::target_here(u32 place) {
    if (place & clause_patch)
        tries_.clauses[place & ~clause_patch].target = position();
    else if (cells_[place].word[1] & relative_patch)
        cells_[place].word[0] = position() - place;
    else
        cells_[place].bits = position();
    fence();
}

void FuncCompiler::bind(u32& last) {
    while (last != none) {
        const u32 place = last;
        last = place & clause_patch ? tries_.clauses[place & ~clause_patch].target
                                    : cells_[place].word[0];
        target_here(place);
    }
}

// Fuel is charged at the start of a straight piece of code, for all of it.
void FuncCompiler::start_charging() {
    stop_charging();
    fuel_cost_ = 0;
    if (mode_ != Mode::metered) return;
    flush();
    fuel_start_ = position();
    instr(fuel_handler());
    fuel_before_ = before_head_;
    fuel_cell_ = position();
    bits(0);
}

// A charge of nothing, with nothing after it, is taken back: whoever would arrive there
// arrives at what comes next.
void FuncCompiler::stop_charging() {
    if (fuel_cell_ == none) return;
    if (fuel_cost_ == 0 && fuel_start_ != none && position() == fuel_cell_ + 1)
        take_back(fuel_start_, fuel_before_);
    else
        cells_[fuel_cell_].bits = fuel_cost_;
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
    stack_.push_back({bits, type, home, where});
    max_slots_ = std::max<u32>(max_slots_, home + slot_count(type));
    if (where == Entry::Where::local) ++lazy_[bits];
}

void FuncCompiler::push_local(Local local) { push(Entry::Where::local, local.type, local.slot); }

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

// Far down the stack all locals are settled at once, so that the way there is gone once.
void FuncCompiler::settle_local(u16 slot) {
    constexpr usize near = 256;
    if (lazy_[slot] > 0 && pending_.fixed) flush();
    const usize end = stack_.size() - std::min(stack_.size(), near);
    for (usize i = stack_.size(); lazy_[slot] > 0 && i > end;) {
        Entry& e = stack_[--i];
        if (e.where == Entry::Where::local && e.bits == slot) materialize(e);
    }
    if (lazy_[slot] > 0) settle_locals();
}

bool FuncCompiler::top_is_at(u32 count, u16 base) const {
    return count == 0 || stack_[stack_.size() - count].home == base;
}

// Moves the top entries, which stay on the stack, to consecutive slots at or
// below their homes. In ascending order no source is overwritten before it is
// read: a home is never below its destination, and locals are not written. Neighbours
// that are in their homes are moved together, if they are more than a few.
void FuncCompiler::move_top(u32 count, u16 base) {
    constexpr u32 few = 3;
    flush();
    u16 slot = base;
    for (u32 left = count; left > 0;) {
        const u32 run = temps_from_top(left - 1, left);
        if (run > few) {
            const u16 from = top(left - 1).home;
            const u16 to = left > run ? top(left - run - 1).home : next_home();
            copy_run(slot, from, to - from);
            slot = static_cast<u16>(slot + (to - from));
            left -= run;
            continue;
        }
        const Entry& e = top(--left);
        move(e, slot);
        slot = static_cast<u16>(slot + slot_count(e.type));
    }
}

// How many entries in a row are temporaries, beginning `down` entries below the top.
u32 FuncCompiler::temps_from_top(u32 down, u32 most) const {
    const Entry* const first = &stack_[stack_.size() - 1 - down];
    u32 count = 0;
    while (count < most && first[count].where == Entry::Where::temp)
        ++count;
    return count;
}

// `count` slots at once; `to` is not above `from`.
void FuncCompiler::copy_run(u16 to, u16 from, u32 count) {
    if (to == from) return;
    instr(copy_run_handler());
    slots(to, from, count);
    for (u32& known : acc_)
        if (known >= to && known < to + count) known = none;
}

u32 FuncCompiler::slots_of_top(u32 count) const {
    return count ? next_home() - stack_[stack_.size() - count].home : 0;
}

}  // namespace waxwing::interp
