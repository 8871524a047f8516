// Vector instructions. A vector has no accumulator: it goes from slot to slot,
// and no entry of the symbolic stack is a vector constant.
#include <algorithm>
#include <cstring>

#include "interp/compiler.hpp"
#include "interp/handlers.hpp"
#include "interp/simd_shape.hpp"

namespace waxwing::interp {
namespace {

using Lanes = std::array<u64, 2>;

Lanes lanes_of(const V128& value) { return std::bit_cast<Lanes>(value.bytes); }

// The lane type's width in bytes, of a splat.
usize splat_width(Opcode op) {
    switch (op) {
    case Opcode::i8x16_splat: return 1;
    case Opcode::i16x8_splat: return 2;
    case Opcode::i32x4_splat:
    case Opcode::f32x4_splat: return 4;
    default: return 8;
    }
}

V128 splat_of(u64 bits, usize width) {
    V128 value;
    for (usize i = 0; i < value.bytes.size(); ++i)
        value.bytes[i] = static_cast<u8>(bits >> i % width * 8);
    return value;
}

// Bits of a lane, of a shift.
u32 shift_modulus(Opcode op) {
    switch (op) {
    case Opcode::i8x16_shl:
    case Opcode::i8x16_shr_s:
    case Opcode::i8x16_shr_u: return 8;
    case Opcode::i16x8_shl:
    case Opcode::i16x8_shr_s:
    case Opcode::i16x8_shr_u: return 16;
    case Opcode::i32x4_shl:
    case Opcode::i32x4_shr_s:
    case Opcode::i32x4_shr_u: return 32;
    default: return 64;
    }
}

SimdVariant from(Src src) {
    return src == Src::acc ? SimdVariant::from_acc : SimdVariant::from_slot;
}

}  // namespace

void FuncCompiler::hold_vector(Handler handler, std::initializer_list<Cell> cells) {
    push_temp(v128);
    hold(SlotKind::v128, handler, handler, cells);
}

void FuncCompiler::vector_constant(const V128& value) {
    const auto [low, high] = lanes_of(value);
    flush();
    hold_vector(const128, {Cell{}, Cell{.bits = low}, Cell{.bits = high}});
}

// dst = op(vectors)
void FuncCompiler::simd_vectors(const Instr& in) {
    const u32 count = info(in.op).type.input_count;
    Cell operands{};
    flush();
    for (u32 i = count; i > 0; --i)
        operands.slot[i] = slot_operand(pop()).slot;
    const Handler handler = simd_handler(in.op, SimdVariant::plain);
    if (in.op == Opcode::i8x16_shuffle) {
        const auto [low, high] = lanes_of(in.vec);
        hold_vector(handler, {operands, Cell{.bits = low}, Cell{.bits = high}});
    } else {
        hold_vector(handler, {operands});
    }
}

// scalar = op(vector)
void FuncCompiler::simd_to_scalar(const Instr& in, ValType result) {
    flush();
    const u16 vector = slot_operand(pop()).slot;
    push_temp(result);
    hold(kind_of(result), simd_handler(in.op, SimdVariant::to_slot),
         simd_handler(in.op, SimdVariant::to_acc), {Cell{.slot = {0, vector, in.lane, 0}}});
}

void FuncCompiler::simd_splat(const Instr& in) {
    const Entry e = top();
    if (e.where == Entry::Where::constant) {
        flush();
        pop();
        vector_constant(splat_of(e.bits, splat_width(in.op)));
        return;
    }
    const Operand scalar = slot_or_acc(e);
    pop();
    hold_vector(simd_handler(in.op, from(scalar.src)), {Cell{.slot = {0, scalar.slot, 0, 0}}});
}

// Shifts and replacements of lanes.
void FuncCompiler::simd_with_scalar(const Instr& in) {
    const Entry e = top();
    const bool is_shift = simd_shape(in.op) == SimdShape::shift;
    Operand scalar;
    if (is_shift && e.where == Entry::Where::constant) {
        flush();
        scalar = {.src = Src::imm, .slot = static_cast<u16>(e.bits % shift_modulus(in.op))};
    } else {
        scalar = slot_or_acc(e);
    }
    pop();
    const u16 vector = slot_operand(pop()).slot;
    const SimdVariant variant = scalar.src == Src::imm ? SimdVariant::from_imm : from(scalar.src);
    hold_vector(simd_handler(in.op, variant), {Cell{.slot = {0, scalar.slot, vector, in.lane}}});
}

void FuncCompiler::simd_memory(const Instr& in) {
    const SimdShape shape = simd_shape(in.op);
    const bool has_vector = shape != SimdShape::load;
    const bool any = in.mem.memory != 0 || address_type(0) == AddressType::i64;
    if (any || !is_pending(top(has_vector))) flush();
    u16 vector = 0;
    if (has_vector) {
        const Entry e = pop();
        vector = e.where == Entry::Where::local ? static_cast<u16>(e.bits) : e.home;
    }
    const Operand addr = any ? slot_operand(top()) : slot_or_acc(top());
    pop();
    SimdVariant variant = from(addr.src);
    if (any)
        variant = address_type(in.mem.memory) == AddressType::i64 ? SimdVariant::any_memory64
                                                                  : SimdVariant::any_memory32;
    const Handler handler = simd_handler(in.op, variant);
    const Cell operands{.slot = {0, addr.slot, vector, in.lane}};
    const Cell offset{.bits = in.mem.offset};
    const Cell memory{.word = {in.mem.memory, 0}};
    if (shape == SimdShape::store || shape == SimdShape::store_lane) {
        instr(handler);
        cell(operands);
        cell(offset);
        if (any) cell(memory);
    } else if (any) {
        hold_vector(handler, {operands, offset, memory});
    } else {
        hold_vector(handler, {operands, offset});
    }
}

void FuncCompiler::simd(const Instr& in, ValType result) {
    switch (simd_shape(in.op)) {
    case SimdShape::vectors:
    case SimdShape::shuffle: return simd_vectors(in);
    case SimdShape::test:
    case SimdShape::extract: return simd_to_scalar(in, result);
    case SimdShape::splat: return simd_splat(in);
    case SimdShape::shift:
    case SimdShape::replace: return simd_with_scalar(in);
    default: return simd_memory(in);
    }
}

}  // namespace waxwing::interp
