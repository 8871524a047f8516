// Structures, arrays, i31 and casts. What only reads or tests takes its reference
// from wherever it is; what makes objects takes all operands from their homes,
// where the collector finds them.
#include "interp/compiler.hpp"
#include "interp/fuel.hpp"
#include "interp/gc_handlers.hpp"

namespace waxwing::interp {
namespace {

Access access_of(ValType storage, bool is_signed) {
    switch (storage.kind()) {
    case ValType::Kind::i8: return is_signed ? Access::i8_s : Access::i8_u;
    case ValType::Kind::i16: return is_signed ? Access::i16_s : Access::i16_u;
    case ValType::Kind::i32: return Access::i32;
    case ValType::Kind::f32: return Access::f32;
    case ValType::Kind::f64: return Access::f64;
    case ValType::Kind::v128: return Access::v128;
    default: return Access::i64;
    }
}

ValType unpacked(ValType storage) { return storage.is_packed() ? i32 : storage; }

struct Cast {
    CastKind kind;
    u32 depth = 0;
    u32 id = 0;
};

Cast cast_to(HeapType type, const core::CanonicalTypes& types) {
    switch (type.kind()) {
    case HeapKind::concrete: break;
    case HeapKind::i31: return {CastKind::i31};
    case HeapKind::eq: return {CastKind::eq};
    case HeapKind::struct_: return {CastKind::structure};
    case HeapKind::array: return {CastKind::array};
    case HeapKind::none:
    case HeapKind::nofunc:
    case HeapKind::noextern:
    case HeapKind::noexn:
    case HeapKind::bottom: return {CastKind::never};
    default: return {CastKind::always};
    }
    const core::DefinedType& defined = *types[type.index()];
    return {defined.func() ? CastKind::defined_func : CastKind::defined,
            static_cast<u32>(defined.supers.size()), defined.id};
}

}  // namespace

// dst = op(ref)
void FuncCompiler::hold_access(ValType result, Handler to_slot, Handler to_acc,
                               std::initializer_list<Cell> cells) {
    push_temp(result);
    hold(kind_of(result), to_slot, to_acc, cells);
}

void FuncCompiler::struct_get(const Instr& in) {
    const ValType storage = module_.types[in.index].struct_()->fields[in.index2].storage;
    const Access access = access_of(storage, in.op == Opcode::struct_get_s);
    const Operand ref = slot_or_acc(top());
    pop();
    hold_access(
        unpacked(storage), struct_get_handler(access, ref.src, Dst::slot),
        struct_get_handler(access, ref.src, Dst::acc),
        {Cell{.word = {u32{ref.slot} << 16, compiled_.layout(in.index).fields[in.index2].offset}}});
}

void FuncCompiler::struct_set(const Instr& in) {
    const ValType storage = module_.types[in.index].struct_()->fields[in.index2].storage;
    const Operand value = slot_or_acc(top());
    const Operand ref = slot_operand(top(1));
    pop();
    pop();
    instr(struct_set_handler(access_of(storage, false), value.src));
    slots_word(ref.slot, value.slot, compiled_.layout(in.index).fields[in.index2].offset);
}

void FuncCompiler::array_get(const Instr& in) {
    const ValType storage = module_.types[in.index].array()->element.storage;
    const Access access = access_of(storage, in.op == Opcode::array_get_s);
    Operand ref, index;
    if (top().where == Entry::Where::constant) {
        index = {.src = Src::imm, .bits = top().bits};
        ref = slot_or_acc(top(1));
    } else if (is_pending(top(1))) {
        ref = slot_or_acc(top(1));
        index = slot_operand(top());
    } else {
        index = slot_or_acc(top());
        ref = index.src == Src::acc ? slot_operand(top(1)) : slot_or_acc(top(1));
    }
    pop();
    pop();
    Cell operands{.slot = {0, ref.slot, index.slot, 0}};
    if (index.src == Src::imm) operands.word[1] = static_cast<u32>(index.bits);
    hold_access(unpacked(storage), array_get_handler(access, ref.src, index.src, Dst::slot),
                array_get_handler(access, ref.src, index.src, Dst::acc), {operands});
}

void FuncCompiler::array_set(const Instr& in) {
    const ValType storage = module_.types[in.index].array()->element.storage;
    const Operand value = slot_or_acc(top());
    const Operand index = slot_operand(top(1));
    const Operand ref = slot_operand(top(2));
    pop();
    pop();
    pop();
    instr(array_set_handler(access_of(storage, false), value.src));
    slots(ref.slot, index.slot, value.slot);
}

void FuncCompiler::ref_unary(ValType result, Handler (*handler)(Src src, Dst dst)) {
    const Operand value = slot_or_acc(top());
    pop();
    hold_access(result, handler(value.src, Dst::slot), handler(value.src, Dst::acc),
                {Cell{.slot = {0, value.slot, 0, 0}}});
}

void FuncCompiler::ref_test(HeapType type, bool nullable) {
    const Cast cast = cast_to(type, compiled_.types);
    const Operand ref = slot_or_acc(top());
    pop();
    hold_access(i32, ref_test_handler(cast.kind, nullable, ref.src, Dst::slot),
                ref_test_handler(cast.kind, nullable, ref.src, Dst::acc),
                {Cell{.slot = {0, ref.slot, 0, 0}}, Cell{.word = {cast.depth, cast.id}}});
}

// The reference stays where it is: a cast only looks at it.
void FuncCompiler::ref_cast(HeapType type, bool nullable) {
    const Cast cast = cast_to(type, compiled_.types);
    if (cast.kind == CastKind::always && nullable) return;
    flush();
    const Operand ref = slot_or_acc(top());
    instr(ref_cast_handler(cast.kind, nullable, ref.src));
    slots(0, ref.slot);
    word(cast.depth, cast.id);
}

void FuncCompiler::br_on_cast(const Instr& in, bool sense) {
    const Cast cast = cast_to(in.heap2, compiled_.types);
    const bool nullable = in.cast_flags & 2;
    const u32 depth = in.index;
    const auto count = static_cast<u32>(label_types(label(depth)).size());
    materialize_top(count);
    const bool is_return = depth + 1 == controls_.size();
    const bool direct = !is_return && top_is_at(count, label(depth).base);
    instr(br_on_cast_handler(cast.kind, nullable, direct == sense));
    slots(0, top().home);
    word(cast.depth, cast.id);
    if (direct) {
        target(depth);
    } else {
        const u32 over = position();
        targets_.push_back(over);
        bits(0);
        br(depth);
        target_here(over);
    }
    start_charging();
}

void FuncCompiler::new_object(const Instr& in, u32 operands, u32 argument) {
    const Layout& layout = compiled_.layout(in.index);
    materialize_top(operands);
    const u32 base = operands ? top(operands - 1).home : next_home();
    for (u32 i = 0; i < operands; ++i)
        pop();
    push_temp(ValType::ref(HeapType::defined(in.index), false));
    fuel_cost_ += fuel::for_bytes(layout.size);  // of an array: of its header
    hold(SlotKind::word, new_handler(in.op, layout.is_words, mode_, Dst::slot),
         new_handler(in.op, layout.is_words, mode_, Dst::acc),
         {Cell{.word = {base << 16, argument}}, Cell{.pointer = &layout}});
}

void FuncCompiler::array_bulk(const Instr& in, u32 operands, u32 argument) {
    materialize_top(operands);
    const u32 base = top(operands - 1).home;
    for (u32 i = 0; i < operands; ++i)
        pop();
    instr(array_bulk_handler(in.op, mode_));
    slots_word(base, 0, argument);
}

void FuncCompiler::gc(const Instr& in) {
    switch (in.op) {
    case Opcode::ref_eq: return comparison(Opcode::i64_eq, top(1), top(0));
    case Opcode::struct_new:
        return new_object(in, static_cast<u32>(module_.types[in.index].struct_()->fields.size()),
                          0);
    case Opcode::struct_new_default: return new_object(in, 0, 0);
    case Opcode::struct_get:
    case Opcode::struct_get_s:
    case Opcode::struct_get_u: return struct_get(in);
    case Opcode::struct_set: return struct_set(in);
    case Opcode::array_new: return new_object(in, 2, 0);
    case Opcode::array_new_default: return new_object(in, 1, 0);
    case Opcode::array_new_fixed:
        fuel_cost_ += fuel::for_bytes(in.index2 * size_of(compiled_.layout(in.index).element));
        return new_object(in, in.index2, in.index2);
    case Opcode::array_new_data:
    case Opcode::array_new_elem: return new_object(in, 2, in.index2);
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u: return array_get(in);
    case Opcode::array_set: return array_set(in);
    case Opcode::array_len: return ref_unary(i32, array_len_handler);
    case Opcode::array_fill: return array_bulk(in, 4, compiled_.layout(in.index).slots);
    case Opcode::array_copy: return array_bulk(in, 5, 0);
    case Opcode::array_init_data:
    case Opcode::array_init_elem: return array_bulk(in, 4, in.index2);
    case Opcode::ref_test: return ref_test(in.heap, false);
    case Opcode::ref_test_null: return ref_test(in.heap, true);
    case Opcode::ref_cast: return ref_cast(in.heap, false);
    case Opcode::ref_cast_null: return ref_cast(in.heap, true);
    case Opcode::br_on_cast: return br_on_cast(in, true);
    case Opcode::br_on_cast_fail: return br_on_cast(in, false);
    // The same word means the same reference in both hierarchies.
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any: --fuel_cost_; return;
    case Opcode::ref_i31: return ref_unary(i31ref, ref_i31_handler);
    case Opcode::i31_get_s:
        return ref_unary(i32, [](Src src, Dst dst) { return i31_get_handler(true, src, dst); });
    default:
        return ref_unary(i32, [](Src src, Dst dst) { return i31_get_handler(false, src, dst); });
    }
}

}  // namespace waxwing::interp
