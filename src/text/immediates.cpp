// What follows a mnemonic, by the kind of its immediates.
#include <bit>

#include "text/instr_parser.hpp"
#include "text/numbers.hpp"

namespace waxwing::text {

void InstrParser::opcode(Opcode op) {
    const u32 encoding = info(op).encoding;
    if (encoding > 0xFF) {
        out_->byte(static_cast<u8>(encoding >> 16));
        out_->u32_leb(encoding & 0xFFFF);
    } else {
        out_->byte(static_cast<u8>(encoding));
    }
}

// Some instructions have several opcodes, chosen by what follows the name.
Result<void> InstrParser::instruction(Opcode op) {
    switch (op) {
    case Opcode::select: return select();
    case Opcode::ref_test:
    case Opcode::ref_cast: return ref_test(op);
    default: opcode(op); return immediates(op);
    }
}

Result<void> InstrParser::immediates(Opcode op) {
    const Immediates kind = info(op).immediates;
    if (has_memarg(kind)) return memarg(op);
    switch (kind) {
    case Immediates::none: return {};
    case Immediates::zero_byte: out_->byte(0); return {};
    case Immediates::block_type: return block_type();
    case Immediates::try_table: TRY(block_type()); return catches();
    case Immediates::label: return write_label();
    case Immediates::label_table: return label_table();
    case Immediates::func: return write_index(module_.funcs);
    case Immediates::type: return write_index(module_.types_space);
    case Immediates::type_table: return call_indirect();
    case Immediates::tag: return write_index(module_.tags);
    case Immediates::local:
        if (!locals_) return write_index(IndexSpace{.unknown = "local"});
        return write_index(*locals_);
    case Immediates::global: return write_index(module_.globals);
    case Immediates::table: return optional_index(module_.tables);
    case Immediates::memory: return optional_index(module_.memories);
    case Immediates::table_table: return two_optional_indices(module_.tables);
    case Immediates::memory_memory: return two_optional_indices(module_.memories);
    case Immediates::data: module_.data_count_needed = true; return write_index(module_.datas);
    case Immediates::data_memory:
        module_.data_count_needed = true;
        return segment_and_optional_index(module_.datas, module_.memories);
    case Immediates::elem: return write_index(module_.elems);
    case Immediates::elem_table: return segment_and_optional_index(module_.elems, module_.tables);
    case Immediates::i32:
    case Immediates::i64:
    case Immediates::f32:
    case Immediates::f64: return constant(op);
    case Immediates::v128: return vector();
    case Immediates::select_types: return select();
    case Immediates::heap_type: return module_.heap_type(*out_);
    case Immediates::cast: return cast();
    case Immediates::type_field: return type_field();
    case Immediates::type_count: TRY(write_index(module_.types_space)); return count();
    case Immediates::type_data:
        module_.data_count_needed = true;
        TRY(write_index(module_.types_space));
        return write_index(module_.datas);
    case Immediates::type_elem:
        TRY(write_index(module_.types_space));
        return write_index(module_.elems);
    case Immediates::type_type:
        TRY(write_index(module_.types_space));
        return write_index(module_.types_space);
    case Immediates::lane2:
    case Immediates::lane4:
    case Immediates::lane8:
    case Immediates::lane16: return lane();
    case Immediates::shuffle: return shuffle();
    default: return {};  // memargs, above
    }
}

Result<void> InstrParser::write_index(const IndexSpace& space) {
    const u32 index = TRY(module_.index(space));
    out_->u32_leb(index);
    return {};
}

Result<void> InstrParser::write_label() {
    const u32 depth = TRY(label());
    out_->u32_leb(depth);
    return {};
}

Result<void> InstrParser::count() {
    const u32 count = TRY(in_.u32_literal());
    out_->u32_leb(count);
    return {};
}

Result<void> InstrParser::lane() {
    const u8 lane = TRY(in_.u8_literal());
    out_->byte(lane);
    return {};
}

// blocktype ::= ('(' 'result' valtype ')')? | typeuse
// Binary: 40, a value type, or a type index as s33.
Result<void> InstrParser::block_type() {
    const TypeUse use = TRY(module_.type_use(nullptr));
    if (!use.has_index && use.signature.param_count == 0 && use.signature.result_count <= 1) {
        if (use.signature.result_count == 0)
            out_->byte(0x40);
        else
            out_->bytes(use.signature.results());
        return {};
    }
    const u32 type = TRY(module_.resolve(use));
    out_->s64_leb(type);
    return {};
}

// catch ::= '(' 'catch' tagidx labelidx ')' | '(' 'catch_ref' tagidx labelidx ')'
//         | '(' 'catch_all' labelidx ')' | '(' 'catch_all_ref' labelidx ')'
Result<void> InstrParser::catches() {
    Writer clauses;
    u32 count = 0;
    for (; in_.kind() == TokenKind::open; ++count) {
        const Keyword word = in_.keyword(1);
        if (word < Keyword::catch_ || word > Keyword::catch_all_ref) break;
        const u8 kind = static_cast<u8>(static_cast<u16>(word) - static_cast<u16>(Keyword::catch_));
        in_.advance(2);
        clauses.byte(kind);
        if (kind < 2) {
            const u32 tag = TRY(module_.index(module_.tags));
            clauses.u32_leb(tag);
        }
        const u32 target = TRY(label());
        clauses.u32_leb(target);
        TRY(in_.expect_close());
    }
    out_->u32_leb(count);
    out_->bytes(clauses);
    return {};
}

// label+, the last one being the default.
Result<void> InstrParser::label_table() {
    Writer targets;
    u32 count = 0;
    u32 last = TRY(label());
    for (; module_.at_index(); ++count) {
        targets.u32_leb(last);
        last = TRY(label());
    }
    out_->u32_leb(count);
    out_->bytes(targets);
    out_->u32_leb(last);
    return {};
}

Result<void> InstrParser::optional_index(const IndexSpace& space) {
    if (module_.at_index()) return write_index(space);
    out_->u32_leb(0);
    return {};
}

// Both or none.
Result<void> InstrParser::two_optional_indices(const IndexSpace& space) {
    if (module_.at_index()) {
        TRY(write_index(space));
        return write_index(space);
    }
    out_->u32_leb(0);
    out_->u32_leb(0);
    return {};
}

// Text: idx? segment.  Binary: segment, idx.
Result<void> InstrParser::segment_and_optional_index(const IndexSpace& segment,
                                                     const IndexSpace& space) {
    const TokenKind next = in_.kind(1);
    u32 index = 0;
    if (module_.at_index() && (next == TokenKind::nat || next == TokenKind::id))
        index = TRY(module_.index(space));
    TRY(write_index(segment));
    out_->u32_leb(index);
    return {};
}

// Text: tableidx? typeuse.  Binary: typeidx, tableidx.
Result<void> InstrParser::call_indirect() {
    u32 table = 0;
    if (module_.at_index()) table = TRY(module_.index(module_.tables));
    const TypeUse use = TRY(module_.type_use(nullptr));
    const u32 type = TRY(module_.resolve(use));
    out_->u32_leb(type);
    out_->u32_leb(table);
    return {};
}

// 'select' ('(' 'result' valtype* ')')*
Result<void> InstrParser::select() {
    if (!in_.opens(Keyword::result)) {
        opcode(Opcode::select);
        return {};
    }
    Signature types;
    TRY(module_.signature(types, nullptr));
    opcode(Opcode::select_t);
    out_->u32_leb(types.result_count);
    out_->bytes(types.results());
    return {};
}

// ('ref.test' | 'ref.cast') reftype: the opcode says if the type is nullable.
Result<void> InstrParser::ref_test(Opcode plain) {
    Writer heap;
    bool nullable = false;
    TRY(module_.ref_type_parts(heap, nullable));
    const Opcode with_null =
        plain == Opcode::ref_test ? Opcode::ref_test_null : Opcode::ref_cast_null;
    opcode(nullable ? with_null : plain);
    out_->bytes(heap);
    return {};
}

// labelidx reftype reftype.  Binary: flags, label, heaptype, heaptype.
Result<void> InstrParser::cast() {
    const u32 target = TRY(label());
    Writer heaps;
    bool source_null = false, target_null = false;
    TRY(module_.ref_type_parts(heaps, source_null));
    TRY(module_.ref_type_parts(heaps, target_null));
    out_->byte(static_cast<u8>(source_null | target_null << 1));
    out_->u32_leb(target);
    out_->bytes(heaps);
    return {};
}

// typeidx fieldidx; names of fields belong to their type.
Result<void> InstrParser::type_field() {
    const u32 type = TRY(module_.index(module_.types_space));
    out_->u32_leb(type);
    const u32 field = TRY(module_.field_index(type));
    out_->u32_leb(field);
    return {};
}

// memidx? ('offset=' nat)? ('align=' nat)? lane?
// Binary: log2 of the alignment, with 40 set if a memory follows; offset.
Result<void> InstrParser::memarg(Opcode op) {
    const Immediates kind = info(op).immediates;
    const bool has_lane = lane_count(kind) != 0;
    // Before a lane a number is the memory only if it is not the lane itself.
    const bool memory_first =
        in_.kind() == TokenKind::id ||
        (in_.kind() == TokenKind::nat &&
         (!has_lane || in_.kind(1) == TokenKind::nat || in_.kind(1) == TokenKind::offset_eq ||
          in_.kind(1) == TokenKind::align_eq));
    u32 memory = 0;
    if (memory_first) memory = TRY(module_.index(module_.memories));

    u64 offset = 0;
    if (in_.kind() == TokenKind::offset_eq) {
        const auto value = parse_unsigned(in_.text(in_.peek()).substr(7), 64);
        if (!value) return std::unexpected(in_.fail(TextFault::i64_out_of_range, in_.peek()));
        offset = *value;
        in_.advance();
    }
    const u64 align_log2 = TRY(align(natural_alignment_log2(kind)));

    out_->byte(static_cast<u8>(align_log2 | (memory != 0 ? 0x40 : 0)));
    if (memory != 0) out_->u32_leb(memory);
    out_->u64_leb(offset);
    if (has_lane) return lane();
    return {};
}

Result<u64> InstrParser::align(u64 natural_log2) {
    if (in_.kind() != TokenKind::align_eq) return natural_log2;
    const auto value = parse_unsigned(in_.text(in_.peek()).substr(6), 64);
    if (!value) return std::unexpected(in_.fail(TextFault::i64_out_of_range, in_.peek()));
    if (!std::has_single_bit(*value))
        return std::unexpected(in_.fail(TextFault::alignment, in_.peek()));
    in_.advance();
    return static_cast<u64>(std::countr_zero(*value));
}

Result<u64> number(Cursor& in, unsigned bits, bool is_float) {
    const Token token = in.peek();
    if (!is_number(token.kind)) return std::unexpected(in.unexpected());
    in.advance();
    const std::string_view literal = in.text(token);
    std::optional<u64> value;
    if (!is_float) {
        if (token.kind != TokenKind::floating) value = parse_integer(literal, bits);
    } else if (bits == 32) {
        value = parse_f32(literal);
    } else {
        value = parse_f64(literal);
    }
    if (!value) return std::unexpected(in.fail(TextFault::constant_out_of_range, token, literal));
    return *value;
}

Result<void> InstrParser::constant(Opcode op) {
    const Immediates kind = info(op).immediates;
    const unsigned bits = kind == Immediates::i32 || kind == Immediates::f32 ? 32 : 64;
    const bool is_float = kind == Immediates::f32 || kind == Immediates::f64;
    const u64 value = TRY(number(in_, bits, is_float));
    switch (kind) {
    case Immediates::i32: out_->s64_leb(static_cast<s32>(value)); break;
    case Immediates::i64: out_->s64_leb(static_cast<s64>(value)); break;
    case Immediates::f32: out_->little_endian(static_cast<u32>(value)); break;
    default: out_->little_endian(value);
    }
    return {};
}

std::optional<Shape> shape_of(Keyword word) {
    switch (word) {
    case Keyword::i8x16: return Shape{16, 8, false};
    case Keyword::i16x8: return Shape{8, 16, false};
    case Keyword::i32x4: return Shape{4, 32, false};
    case Keyword::i64x2: return Shape{2, 64, false};
    case Keyword::f32x4: return Shape{4, 32, true};
    case Keyword::f64x2: return Shape{2, 64, true};
    default: return std::nullopt;
    }
}

usize InstrParser::pass_numbers() {
    usize count = 0;
    for (; is_number(in_.kind()); ++count)
        in_.advance();
    return count;
}

// shape num*.  Lanes are counted before they are read.
Result<void> InstrParser::vector() {
    const auto shape = shape_of(in_.keyword());
    if (!shape) return std::unexpected(in_.unexpected());
    in_.advance();
    const usize start = in_.position();
    const usize count = pass_numbers();
    if (in_.at_nonsense()) return std::unexpected(in_.unexpected());
    if (count != shape->lanes)
        return std::unexpected(in_.fail(TextFault::lane_literals, in_.peek()));
    in_.seek(start);
    for (unsigned lane = 0; lane < shape->lanes; ++lane) {
        const u64 bits = TRY(number(in_, shape->bits, shape->is_float));
        for (unsigned i = 0; i < shape->bits; i += 8)
            out_->byte(static_cast<u8>(bits >> i));
    }
    return {};
}

// 16 lanes. Any number counts as one; then it must be a lane.
Result<void> InstrParser::shuffle() {
    const usize start = in_.position();
    const Token first = in_.peek();
    const usize count = pass_numbers();
    if (in_.at_nonsense()) return std::unexpected(in_.unexpected());
    if (count != 16) return std::unexpected(in_.fail(TextFault::lane_length, first));
    in_.seek(start);
    for (int i = 0; i < 16; ++i, in_.advance()) {
        const std::string_view literal = in_.text(in_.peek());
        const auto value = in_.kind() == TokenKind::nat ? parse_unsigned(literal, 8) : std::nullopt;
        if (!value)
            return std::unexpected(in_.fail(TextFault::i8_out_of_range, in_.peek(), literal));
        out_->byte(static_cast<u8>(*value));
    }
    return {};
}

}  // namespace waxwing::text
