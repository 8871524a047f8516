// Blocks, branches, calls and exceptions.
#include <algorithm>
#include <cassert>

#include "core/try.hpp"
#include "validator/func_validator.hpp"

namespace waxwing {

void FuncValidator::push_frame(Opcode op, BlockTypes types) {
    ControlFrame frame{.op = op};
    frame.height = static_cast<u32>(operands_.height());
    frame.trail = static_cast<u32>(locals_.trail());
    frame.types = types;
    frames_.push_back(frame);
    operands_.set_floor(frame.height);
}

Result<BlockTypes> FuncValidator::block_types(const BlockType& block) const {
    switch (block.kind) {
    case BlockType::Kind::empty: break;
    case BlockType::Kind::value: TRY(check_value_type(block.value)); return BlockTypes(block.value);
    case BlockType::Kind::type: {
        const FuncType* type = TRY(func_type(block.type_index));
        return BlockTypes(type);
    }
    }
    return BlockTypes();
}

Result<void> FuncValidator::enter(Opcode op, const BlockType& block) {
    const BlockTypes types = TRY(block_types(block));
    if (op == Opcode::if_) TRY(pop(i32));
    TRY(pop(types.params()));
    push_frame(op, types);
    return push(types.params());
}

Result<void> FuncValidator::unreachable(const Instr&) {
    set_unreachable();
    return {};
}

Result<void> FuncValidator::nop(const Instr&) { return {}; }

// block bt : [t1*] -> [t2*]   if bt = [t1*] -> [t2*]
Result<void> FuncValidator::block(const Instr& in) { return enter(Opcode::block, in.block); }

Result<void> FuncValidator::loop(const Instr& in) { return enter(Opcode::loop, in.block); }

// if bt : [t1* i32] -> [t2*]
Result<void> FuncValidator::if_(const Instr& in) { return enter(Opcode::if_, in.block); }

Result<void> FuncValidator::else_(const Instr&) {
    assert(frames_.back().op == Opcode::if_);  // InstrReader sees to it
    TRY(leave_block());
    ControlFrame& frame = frames_.back();
    frame.op = Opcode::else_;
    frame.unreachable = false;
    return push(frame.types.params());
}

Result<void> FuncValidator::end(const Instr&) {
    TRY(leave_block());
    if (frames_.back().op == Opcode::if_) {
        // A missing `else` passes the parameters on.
        frames_.back().unreachable = false;
        TRY(push(frames_.back().types.params()));
        TRY(leave_block());
    }
    const BlockTypes types = frames_.back().types;
    frames_.pop_back();
    if (frames_.empty()) return {};
    operands_.set_floor(frames_.back().height);
    return push(types.results());
}

// The innermost block has its results on the stack and nothing else. Takes them,
// and takes back the initialisations of locals.
Result<void> FuncValidator::leave_block() {
    const ControlFrame& frame = frames_.back();
    const auto results = frame.types.results();
    TRY(require(results));
    if (operands_.available() > results.size())
        return mismatch("block", results, operands_.top(operands_.available()));
    operands_.drop_to_floor();
    locals_.undo_to(frame.trail);
    return {};
}

void FuncValidator::set_unreachable() {
    operands_.drop_to_floor();
    frames_.back().unreachable = true;
}

Result<ControlFrame*> FuncValidator::label(u32 depth) {
    if (depth >= frames_.size()) return fail(Fault::unknown_label, depth);
    return &frames_[frames_.size() - 1 - depth];
}

// What is left are the declared types, though the operands may have had subtypes.
Result<void> FuncValidator::pop_and_push(std::span<const ValType> types) {
    if (types.empty()) return {};
    TRY(pop(types));
    return push(types);
}

// br l : [t1* t*] -> [t2*]   if l = [t*]
Result<void> FuncValidator::br(const Instr& in) {
    const ControlFrame* target = TRY(label(in.index));
    TRY(pop(target->label_types()));
    set_unreachable();
    return {};
}

// br_if l : [t* i32] -> [t*]   if l = [t*]
Result<void> FuncValidator::br_if(const Instr& in) {
    const ControlFrame* target = TRY(label(in.index));
    TRY(pop(i32));
    return pop_and_push(target->label_types());
}

// br_table l* l : [t1* t* i32] -> [t2*]   if the operands fit every label
// Each block is looked at once, however often it is named.
Result<void> FuncValidator::br_table(const Instr& in) {
    TRY(pop(i32));
    const ControlFrame* fallback = TRY(label(in.index));
    const usize arity = fallback->label_types().size();
    for (const u32 depth : in.labels) {
        ControlFrame* target = TRY(label(depth));
        if (target->checked_at == at_) continue;
        target->checked_at = at_;
        const auto types = target->label_types();
        if (types.size() != arity)
            return mismatch(": br_table targets need the same number of operands, but label " +
                            std::to_string(depth) + " takes " + std::to_string(types.size()) +
                            " and the default " + std::to_string(arity));
        TRY(require(types));
    }
    TRY(pop(fallback->label_types()));
    set_unreachable();
    return {};
}

Result<void> FuncValidator::return_(const Instr&) {
    TRY(pop(frames_.front().types.results()));
    set_unreachable();
    return {};
}

Result<void> FuncValidator::check_call(const FuncType& callee) {
    TRY(pop(callee.params));
    return push(callee.results);
}

// The callee's results become the caller's.
Result<void> FuncValidator::check_tail_call(const FuncType& callee) {
    TRY(pop(callee.params));
    const auto results = frames_.front().types.results();
    const bool fits = are_same(callee.results, results) ||
                      std::ranges::equal(callee.results, results,
                                         [this](ValType a, ValType b) { return is_subtype(a, b); });
    if (!fits)
        return mismatch(": tail call of a function of type " + to_string(callee) +
                        " does not return what the caller does");
    set_unreachable();
    return {};
}

// call f : the type of f
Result<void> FuncValidator::call(const Instr& in) {
    if (in.index >= module_.functions.size()) return fail(Fault::unknown_function, in.index);
    return check_call(module_.func_type(in.index));
}

Result<void> FuncValidator::return_call(const Instr& in) {
    if (in.index >= module_.functions.size()) return fail(Fault::unknown_function, in.index);
    return check_tail_call(module_.func_type(in.index));
}

// call_indirect t x : [t1* at] -> [t2*]   if x = [t1*] -> [t2*] and t : at (ref null func)
Result<void> FuncValidator::call_indirect(const Instr& in) {
    const FuncType* callee = TRY(indirect_callee(in));
    return check_call(*callee);
}

Result<void> FuncValidator::return_call_indirect(const Instr& in) {
    const FuncType* callee = TRY(indirect_callee(in));
    return check_tail_call(*callee);
}

Result<const FuncType*> FuncValidator::indirect_callee(const Instr& in) {
    const core::Table* target = TRY(table(in.index2));
    if (!is_subtype(target->type.element, funcref))
        return mismatch(": table " + std::to_string(in.index2) + " has elements of type " +
                        to_string(target->type.element) + ", which are not functions");
    const FuncType* callee = TRY(func_type(in.index));
    TRY(pop(address_of(*target)));
    return callee;
}

// call_ref x : [t1* (ref null x)] -> [t2*]   if x = [t1*] -> [t2*]
Result<void> FuncValidator::call_ref(const Instr& in) {
    const FuncType* callee = TRY(referenced_callee(in));
    return check_call(*callee);
}

Result<void> FuncValidator::return_call_ref(const Instr& in) {
    const FuncType* callee = TRY(referenced_callee(in));
    return check_tail_call(*callee);
}

Result<const FuncType*> FuncValidator::referenced_callee(const Instr& in) {
    const FuncType* callee = TRY(func_type(in.index));
    TRY(pop(ValType::ref(HeapType::defined(in.index), true)));
    return callee;
}

// throw x : [t1* t*] -> [t2*]   if x = [t*] -> []
Result<void> FuncValidator::throw_(const Instr& in) {
    const FuncType* type = TRY(tag(in.index));
    TRY(pop(type->params));
    set_unreachable();
    return {};
}

Result<void> FuncValidator::throw_ref(const Instr&) {
    TRY(pop(exnref));
    set_unreachable();
    return {};
}

// try_table bt catch* : as block; labels are counted outside of it
Result<void> FuncValidator::try_table(const Instr& in) {
    for (const CatchClause& clause : in.catches)
        TRY(check_clause(clause));
    return enter(Opcode::try_table, in.block);
}

// catch x l : l takes what the tag carries, then, for the *_ref clauses, the exception
Result<void> FuncValidator::check_clause(const CatchClause& clause) {
    using Kind = CatchClause::Kind;
    std::span<const ValType> carried;
    if (clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref) {
        const FuncType* type = TRY(tag(clause.tag));
        carried = type->params;
    }
    const bool with_ref = clause.kind == Kind::catch_ref || clause.kind == Kind::catch_all_ref;
    const ControlFrame* target = TRY(label(clause.label));
    const auto types = target->label_types();

    bool fits = types.size() == carried.size() + (with_ref ? 1 : 0);
    if (fits && !are_same(carried, types.first(carried.size())))
        fits = std::ranges::equal(carried, types.first(carried.size()),
                                  [this](ValType a, ValType b) { return is_subtype(a, b); });
    if (fits && with_ref) fits = is_subtype(ValType::ref(HeapKind::exn, false), types.back());
    if (fits) return {};
    return mismatch(": catch clause does not fit label " + std::to_string(clause.label));
}

// br_on_null l : [t* (ref null ht)] -> [t* (ref ht)]   if l = [t*]
Result<void> FuncValidator::br_on_null(const Instr& in) {
    const ControlFrame* target = TRY(label(in.index));
    const ValType operand = TRY(pop_ref());
    TRY(pop_and_push(target->label_types()));
    push(ValType::ref(operand.heap(), false));
    return {};
}

// br_on_non_null l : [t* (ref null ht)] -> [t*]   if l = [t* (ref ht)]
Result<void> FuncValidator::br_on_non_null(const Instr& in) {
    const ControlFrame* target = TRY(label(in.index));
    const auto types = target->label_types();
    if (types.empty() || !types.back().is_ref())
        return mismatch(": label " + std::to_string(in.index) + " does not take a reference");
    TRY(pop(ValType::ref(types.back().heap(), true)));
    return pop_and_push(types.first(types.size() - 1));
}

namespace {

// The references of `type` that a cast to `target` refuses.
ValType difference(ValType type, ValType target) {
    return target.is_nullable() ? ValType::ref(type.heap(), false) : type;
}

struct Cast {
    ValType source;
    ValType target;
};

Cast cast_of(const Instr& in) {
    return {ValType::ref(in.heap, in.cast_flags & 1), ValType::ref(in.heap2, in.cast_flags & 2)};
}

}  // namespace

// br_on_cast l rt1 rt2 : [t* rt1] -> [t* rt1\rt2]   if rt2 <: rt1 and l = [t* rt2]
Result<void> FuncValidator::br_on_cast(const Instr& in) {
    const auto [source, target] = cast_of(in);
    return check_cast(in, source, target, target, difference(source, target));
}

// br_on_cast_fail l rt1 rt2 : [t* rt1] -> [t* rt2]   if rt2 <: rt1 and l = [t* rt1\rt2]
Result<void> FuncValidator::br_on_cast_fail(const Instr& in) {
    const auto [source, target] = cast_of(in);
    return check_cast(in, source, target, difference(source, target), target);
}

Result<void> FuncValidator::check_cast(const Instr& in, ValType source, ValType target,
                                       ValType taken, ValType left) {
    TRY(check_value_type(source));
    TRY(check_value_type(target));
    if (!is_subtype(target, source))
        return mismatch(": " + to_string(target) + " is not a subtype of " + to_string(source));
    const ControlFrame* frame = TRY(label(in.index));
    const auto types = frame->label_types();
    if (types.empty() || !is_subtype(taken, types.back()))
        return mismatch(": label " + std::to_string(in.index) + " does not take " +
                        to_string(taken));
    TRY(pop(source));
    TRY(pop_and_push(types.first(types.size() - 1)));
    push(left);
    return {};
}

}  // namespace waxwing
