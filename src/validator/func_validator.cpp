#include "validator/func_validator.hpp"

#include <algorithm>
#include <cassert>

#include "core/limits.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace {

// OperandType counts as ValType::Kind does, so that the table of instructions
// serves as it is: nothing is made of it when a program starts, since modules may
// be validated before `main`. Requires: not `addr`.
constexpr ValType number_type(OperandType type) { return static_cast<ValType::Kind>(type); }
// Bottom stands for the memory's address type.
constexpr ValType value_type(OperandType type) {
    return type == OperandType::addr ? ValType() : number_type(type);
}
static_assert(value_type(OperandType::none) == ValType());
static_assert(value_type(OperandType::i32) == i32 && value_type(OperandType::i64) == i64);
static_assert(value_type(OperandType::f32) == f32 && value_type(OperandType::f64) == f64);
static_assert(value_type(OperandType::v128) == v128);

template <usize size>
constexpr std::array<ValType, size> value_types(const std::array<OperandType, size>& types) {
    std::array<ValType, size> result;
    std::ranges::transform(types, result.begin(), value_type);
    return result;
}

bool is_atomic(Opcode op) { return info(op).encoding >> 16 == 0xFE; }

}  // namespace

FuncValidator::FuncValidator(ModuleValidator& module)
    : owner_(module), module_(module.module()),
      address0_(module_.memories.empty() ? ValType() : address_of(module_.memories[0])) {}

Result<void> FuncValidator::begin_function(u32 func_index) {
    assert(func_index >= module_.imported_functions);
    const core::Code& code = module_.code[func_index - module_.imported_functions];
    const FuncType& type = module_.func_type(func_index);
    at_ = code.range.offset;
    func_ = func_index;
    is_constant_ = false;
    visible_globals_ = static_cast<u32>(module_.globals.size());
    visible_with_gc_ = 0;

    const auto groups = module_.locals(code);
    for (const core::LocalGroup& group : groups)
        TRY(check_value_type(group.type));
    locals_.reset(type.params, groups);

    operands_.clear();
    frames_.clear();
    push_frame(Opcode::block, BlockTypes(&type));
    return {};
}

Result<void> FuncValidator::begin_const(const ConstExpr& expr) {
    at_ = expr.offset;
    func_ = no_function;
    is_constant_ = true;
    visible_globals_ = expr.visible_globals;
    visible_with_gc_ = expr.visible_with_gc;
    locals_.reset({}, {});
    operands_.clear();
    frames_.clear();
    push_frame(Opcode::block, BlockTypes(expr.expected));
    return {};
}

// Which fast path an OP row takes.
consteval FuncValidator::Shape FuncValidator::shape_of(u32 encoding, Immediates immediates,
                                                       std::string_view type) {
    const auto spaces = std::ranges::count(type, ' ');
    const bool has_result = !type.ends_with("->");
    if (encoding >> 16 == 0xFE) return Shape::other;
    if (immediates == Immediates::none && has_result) {
        if (spaces == 2) return Shape::unary;
        if (spaces == 3 && !type.ends_with("i64 i64")) return Shape::binary;
    }
    if (immediates >= Immediates::mem8 && immediates <= Immediates::mem128) {
        if (spaces == 2 && has_result) return Shape::load;
        if (spaces == 2) return Shape::store;
    }
    return Shape::other;
}

Result<void> FuncValidator::check(const Instr& in) {
    assert(!done());
    at_ = in.offset;
    if (is_constant_) [[unlikely]]
        TRY(check_constant(in));
    switch (in.op) {
#define OP(ident, name, encoding, immediates, type, ...) \
    case Opcode::ident:                                  \
        return fixed<shape_of(encoding, Immediates::immediates, type), Immediates::immediates>(in);
#define RULE(ident, ...) \
    case Opcode::ident: return ident(in);
#define LEGACY(ident, ...) \
    case Opcode::ident: return fail(Fault::illegal_opcode, std::string(info(in.op).name));
#include "core/opcodes.def"
    }
    return fail(Fault::illegal_opcode);
}

// Operands that are just what the table says. Anything else goes the slow way.
template <FuncValidator::Shape shape, Immediates immediates>
Result<void> FuncValidator::fixed(const Instr& in) {
    const FixedType& type = info(in.op).type;
    const auto input = [&](usize i) { return number_type(type.inputs[i]); };
    const auto output = [&] { return number_type(type.outputs[0]); };
    if constexpr (shape == Shape::unary) {
        if (!operands_.at_floor() && operands_.peek() == input(0)) [[likely]] {
            operands_.replace(1, output());
            return {};
        }
    } else if constexpr (shape == Shape::binary) {
        if (operands_.available() >= 2 && operands_.peek(0) == input(1) &&
            operands_.peek(1) == input(0)) [[likely]] {
            operands_.replace(2, output());
            return {};
        }
    } else if constexpr (shape == Shape::load || shape == Shape::store) {
        constexpr usize count = shape == Shape::load ? 1 : 2;
        constexpr u8 natural = natural_alignment_log2(immediates);
        const bool plain = in.mem.memory == 0 && in.mem.align_log2 <= natural &&
                           in.mem.offset <= 0xFFFFFFFF && operands_.available() >= count;
        if (plain && operands_.peek(count - 1) == address0_ &&
            (count == 1 || operands_.peek(0) == input(1))) [[likely]] {
            if constexpr (shape == Shape::load)
                operands_.replace(1, output());
            else
                operands_.pop(2);
            return {};
        }
    }
    return fixed_slow(in);
}

Result<void> FuncValidator::fixed_slow(const Instr& in) {
    const OpcodeInfo& row = info(in.op);
    auto inputs = value_types(row.type.inputs);
    const auto outputs = value_types(row.type.outputs);
    if (has_memarg(row.immediates)) {
        TRY(check_memarg(in));
        inputs[0] = address_of(module_.memories[in.mem.memory]);
    }
    if (lane_count(row.immediates) != 0) TRY(check_lanes(in));
    TRY(pop(std::span(inputs).first(row.type.input_count)));
    return push(std::span(outputs).first(row.type.output_count));
}

// memarg : the memory exists, and address + alignment suit it
Result<void> FuncValidator::check_memarg(const Instr& in) const {
    const core::Memory* target = TRY(memory(in.mem.memory));
    const u8 natural = natural_alignment_log2(info(in.op).immediates);
    if (in.mem.align_log2 > natural) return fail(Fault::invalid_alignment);
    if (is_atomic(in.op) && in.mem.align_log2 != natural) return fail(Fault::atomic_alignment);
    if (in.mem.offset > 0xFFFFFFFF && target->type.address == AddressType::i32)
        return fail(Fault::offset_out_of_range);
    return {};
}

Result<void> FuncValidator::check_lanes(const Instr& in) const {
    const Immediates immediates = info(in.op).immediates;
    const u8 lanes = lane_count(immediates);
    if (immediates != Immediates::shuffle) {
        if (in.lane < lanes) return {};
        return fail(Fault::invalid_lane_index, in.lane);
    }
    for (const u8 lane : in.vec.bytes)
        if (lane >= lanes) return fail(Fault::invalid_lane_index, lane);
    return {};
}

// Specification, "Validation / Instructions / Constant Expressions". That a
// global is immutable and visible is the business of global.get.
Result<void> FuncValidator::check_constant(const Instr& in) {
    using enum Opcode;
    switch (in.op) {
    case i32_const:
    case i64_const:
    case f32_const:
    case f64_const:
    case v128_const:
    case ref_null:
    case ref_func:
    case global_get:
    case end: return {};
    case i32_add:
    case i32_sub:
    case i32_mul:
    case i64_add:
    case i64_sub:
    case i64_mul:
        if (module_.features.has(Feature::extended_const)) return {};
        return std::unexpected(make_error(Fault::constant_expression_required,
                                          ": " + std::string(info(in.op).name),
                                          Feature::extended_const, at_));
    case struct_new:
    case struct_new_default:
    case array_new:
    case array_new_default:
    case array_new_fixed:
    case ref_i31:
    case any_convert_extern:
    case extern_convert_any: return {};
    default: break;
    }
    return fail(Fault::constant_expression_required,
                ": " + std::string(info(in.op).name) + " is not constant");
}

Result<void> FuncValidator::push(std::span<const ValType> types) {
    if (operands_.height() > limits::operands) [[unlikely]]
        return std::unexpected(
            limit_error("too many operands (limit " + std::to_string(limits::operands) + ")", at_));
    operands_.push(types);
    return {};
}

Result<void> FuncValidator::pop(std::span<const ValType> expected) {
    const usize count = expected.size();
    if (operands_.available() >= count && are_same(operands_.top(count), expected)) [[likely]] {
        operands_.pop(count);
        return {};
    }
    return pop_slow(expected);
}

Result<void> FuncValidator::pop_slow(std::span<const ValType> expected) {
    TRY(require(expected));
    operands_.pop(std::min(expected.size(), operands_.available()));
    return {};
}

// In unreachable code, operands that are missing have whatever type is wanted.
Result<void> FuncValidator::require(std::span<const ValType> expected) const {
    const auto found = operands_.top(expected.size());
    if (are_same(found, expected)) return {};
    const auto wanted = expected.last(found.size());
    const bool complete = found.size() == expected.size() || frames_.back().unreachable;
    const auto fits = [this](ValType a, ValType b) { return is_subtype(a, b); };
    if (complete && std::ranges::equal(found, wanted, fits)) return {};
    return mismatch("instruction", expected, found);
}

Result<void> FuncValidator::pop_repeated(ValType expected, u32 count) {
    if (operands_.available() < count && !frames_.back().unreachable)
        return mismatch(": instruction requires " + std::to_string(count) + " operands of type " +
                        to_string(expected) + " but stack has " +
                        std::to_string(operands_.available()));
    for (u32 i = 0; i < count && !operands_.at_floor(); ++i)
        TRY(pop(expected));
    return {};
}

Result<ValType> FuncValidator::pop_any() {
    if (operands_.at_floor()) {
        if (frames_.back().unreachable) return ValType();
        return mismatch(": instruction requires an operand but stack has []");
    }
    const ValType type = operands_.peek();
    operands_.pop();
    return type;
}

Result<ValType> FuncValidator::pop_ref() {
    const ValType type = TRY(pop_any());
    if (type.is_bottom()) return ValType::ref(HeapKind::bottom, false);
    if (type.is_ref()) return type;
    return mismatch(": instruction requires a reference but stack has [" + to_string(type) + "]");
}

std::unexpected<Error> FuncValidator::fail(Fault fault, std::string detail) const {
    if (func_ == no_function) return std::unexpected(make_error(fault, std::move(detail), at_));
    return std::unexpected(make_error(fault, std::move(detail), at_, func_));
}

std::unexpected<Error> FuncValidator::fail(Fault fault, u32 index) const {
    return fail(fault, std::to_string(index));
}

std::unexpected<Error> FuncValidator::mismatch(std::string detail) const {
    return fail(Fault::type_mismatch, std::move(detail));
}

namespace {

// "[i32 i64]"; of a long list, the end.
std::string list(std::span<const ValType> types) {
    constexpr usize shown = 24;
    std::string text = "[";
    if (types.size() > shown) {
        text += "...";
        types = types.last(shown);
    }
    for (const ValType type : types) {
        if (text.size() > 1) text += ' ';
        text += to_string(type);
    }
    return text + "]";
}

}  // namespace

std::unexpected<Error> FuncValidator::mismatch(const char* who, std::span<const ValType> expected,
                                               std::span<const ValType> found) const {
    return mismatch(": " + std::string(who) + " requires " + list(expected) + " but stack has " +
                    list(found));
}

}  // namespace waxwing
