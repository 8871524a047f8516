// Arguments and expected results.
#include <cstring>

#include "text/instr_parser.hpp"
#include "text/script_parser.hpp"

namespace waxwing::text {
namespace {

constexpr unsigned max_depth = 64;  // of `either` in `either`

constexpr ValType external = ValType::ref(HeapKind::extern_, false);
constexpr ValType internal = ValType::ref(HeapKind::any, false);

std::optional<HeapKind> heap_kind(Keyword word) {
    switch (word) {
    case Keyword::any: return HeapKind::any;
    case Keyword::eq: return HeapKind::eq;
    case Keyword::i31: return HeapKind::i31;
    case Keyword::struct_: return HeapKind::struct_;
    case Keyword::array: return HeapKind::array;
    case Keyword::none: return HeapKind::none;
    case Keyword::func: return HeapKind::func;
    case Keyword::nofunc: return HeapKind::nofunc;
    case Keyword::extern_: return HeapKind::extern_;
    case Keyword::noextern: return HeapKind::noextern;
    case Keyword::exn: return HeapKind::exn;
    case Keyword::noexn: return HeapKind::noexn;
    default: return std::nullopt;
    }
}

// The number type of "tNN.const"; bottom for other words.
ValType number_type(Keyword word) {
    switch (word) {
    case keyword_of(Opcode::i32_const): return waxwing::i32;
    case keyword_of(Opcode::i64_const): return waxwing::i64;
    case keyword_of(Opcode::f32_const): return waxwing::f32;
    case keyword_of(Opcode::f64_const): return waxwing::f64;
    default: return {};
    }
}

unsigned bits_of(ValType type) { return type == waxwing::i32 || type == waxwing::f32 ? 32 : 64; }
bool is_float(ValType type) { return type == waxwing::f32 || type == waxwing::f64; }

void set_lane(V128& vector, unsigned lane, unsigned bits, u64 value) {
    std::memcpy(vector.bytes.data() + lane * bits / 8, &value, bits / 8);
}
u64 get_lane(const V128& vector, unsigned lane, unsigned bits) {
    u64 value = 0;
    std::memcpy(&value, vector.bytes.data() + lane * bits / 8, bits / 8);
    return value;
}

// Is `actual`, of 32 or 64 bits, what is expected?
bool matches_bits(u64 expected, NanPattern nan, unsigned bits, u64 actual) {
    if (nan == NanPattern::none) return actual == expected;
    const unsigned mantissa = bits == 32 ? 23 : 52;
    const u64 magnitude = actual & ((u64{1} << (bits - 1)) - 1);
    const u64 canonical = ((u64{1} << (bits - mantissa)) - 1) << (mantissa - 1);
    if (nan == NanPattern::canonical) return magnitude == canonical;
    return (magnitude & canonical) == canonical;
}

}  // namespace

// lane ::= num | 'nan:canonical' | 'nan:arithmetic'
Result<u64> ScriptParser::lane(unsigned bits, bool is_float, NanPattern& nan) {
    nan = NanPattern::none;
    if (is_float && in_.accept(Keyword::nan_canonical))
        nan = NanPattern::canonical;
    else if (is_float && in_.accept(Keyword::nan_arithmetic))
        nan = NanPattern::arithmetic;
    if (nan != NanPattern::none) return 0;
    return number(in_, bits, is_float);
}

// const ::= '(' tNN '.const' num ')' | '(' 'v128.const' shape num* ')'
//         | '(' 'ref.null' heaptype ')' | '(' 'ref.extern' nat ')' | '(' 'ref.host' nat ')'
Result<Value> ScriptParser::argument() {
    TRY(in_.expect(TokenKind::open));
    const Keyword word = in_.keyword();
    const Token token = in_.peek();
    in_.advance();
    Value value;
    const ValType type = number_type(word);
    if (!type.is_bottom()) {
        const u64 bits = TRY(number(in_, bits_of(type), is_float(type)));
        value = Value::number(type, bits);
    } else if (word == keyword_of(Opcode::v128_const)) {
        value = TRY(vector_argument());
    } else if (word == keyword_of(Opcode::ref_null)) {
        const auto kind = heap_kind(in_.keyword());
        if (!kind) return std::unexpected(in_.unexpected());
        in_.advance();
        value = Value::null(ValType::ref(*kind, true));
    } else if (word == Keyword::ref_extern || word == Keyword::ref_host) {
        const u32 number = TRY(in_.u32_literal());
        value = Value::ref(word == Keyword::ref_extern ? external : internal, Ref::host(number));
    } else {
        return std::unexpected(in_.unexpected(token));
    }
    TRY(in_.expect_close());
    return value;
}

Result<Value> ScriptParser::vector_argument() {
    const auto shape = shape_of(in_.keyword());
    if (!shape) return std::unexpected(in_.unexpected());
    in_.advance();
    V128 vector;
    for (unsigned i = 0; i < shape->lanes; ++i) {
        const u64 bits = TRY(number(in_, shape->bits, shape->is_float));
        set_lane(vector, i, shape->bits, bits);
    }
    return Value::v128(vector);
}

// result ::= '(' tNN '.const' lane ')' | '(' 'v128.const' shape lane* ')' | reference
//          | '(' 'either' result+ ')'
Result<Expected> ScriptParser::expected(unsigned depth) {
    TRY(in_.expect(TokenKind::open));
    const Keyword word = in_.keyword();
    Expected out;
    const ValType type = number_type(word);
    if (!type.is_bottom()) {
        in_.advance();
        const u64 bits = TRY(lane(bits_of(type), is_float(type), out.nan[0]));
        out.value = Value::number(type, bits);
        out.has_value = true;
    } else if (word == keyword_of(Opcode::v128_const)) {
        in_.advance();
        TRY(expected_vector(out));
    } else if (word == Keyword::either) {
        if (depth == max_depth)
            return std::unexpected(in_.fail(TextFault::nested_too_deeply, in_.peek()));
        in_.advance();
        out.kind = Expected::Kind::either;
        do {
            Expected alternative = TRY(expected(depth + 1));
            out.alternatives.push_back(std::move(alternative));
        } while (in_.kind() == TokenKind::open);
    } else {
        TRY(expected_reference(word, out));
    }
    TRY(in_.expect_close());
    return out;
}

Result<void> ScriptParser::expected_vector(Expected& out) {
    const auto shape = shape_of(in_.keyword());
    if (!shape) return std::unexpected(in_.unexpected());
    in_.advance();
    out.kind = Expected::Kind::vector;
    out.lane_bits = shape->bits;
    out.float_lanes = shape->is_float;
    out.has_value = true;
    V128 vector;
    for (unsigned i = 0; i < shape->lanes; ++i) {
        NanPattern nan;
        const u64 bits = TRY(lane(shape->bits, shape->is_float, nan));
        if (shape->is_float) out.nan[i] = nan;
        set_lane(vector, i, shape->bits, bits);
    }
    out.value = Value::v128(vector);
    return {};
}

// '(' 'ref.null' heaptype? ')' | '(' 'ref.extern' nat? ')' | '(' 'ref.host' nat ')'
// | '(' 'ref' ')' | '(' 'ref.func' ')' | ...
Result<void> ScriptParser::expected_reference(Keyword word, Expected& out) {
    using Kind = Expected::Kind;
    switch (word) {
    case keyword_of(Opcode::ref_null): out.kind = Kind::ref_null; break;
    case Keyword::ref_extern: out.kind = Kind::ref_extern; break;
    case Keyword::ref_host: out.kind = Kind::ref_host; break;
    case Keyword::ref: out.kind = Kind::ref_any; break;
    case keyword_of(Opcode::ref_func): out.kind = Kind::ref_func; break;
    case keyword_of(Opcode::ref_eq): out.kind = Kind::ref_eq; break;
    case keyword_of(Opcode::ref_i31): out.kind = Kind::ref_i31; break;
    case Keyword::ref_struct: out.kind = Kind::ref_struct; break;
    case Keyword::ref_array: out.kind = Kind::ref_array; break;
    case Keyword::ref_exn: out.kind = Kind::ref_exn; break;
    default: return std::unexpected(in_.unexpected());
    }
    in_.advance();
    if (out.kind == Kind::ref_null) {
        if (const auto kind = heap_kind(in_.keyword())) {
            out.heap = HeapType(*kind);
            in_.advance();
        }
    } else if (out.kind == Kind::ref_host ||
               (out.kind == Kind::ref_extern && in_.kind() == TokenKind::nat)) {
        const u32 number = TRY(in_.u32_literal());
        out.has_value = true;
        out.value = Value::ref(out.kind == Kind::ref_host ? internal : external, Ref::host(number));
    }
    return {};
}

bool matches_number(const Expected& expected, const Value& actual) {
    using Kind = Expected::Kind;
    if (expected.kind == Kind::either) {
        for (const Expected& alternative : expected.alternatives) {
            if (matches_number(alternative, actual)) return true;
        }
        return false;
    }
    if (expected.kind != Kind::value && expected.kind != Kind::vector) return false;
    if (expected.value.type() != actual.type()) return false;
    if (expected.kind == Kind::value)
        return matches_bits(expected.value.bits(), expected.nan[0], bits_of(actual.type()),
                            actual.bits());
    const V128 wanted = expected.value.as_v128();
    const V128 found = actual.as_v128();
    if (!expected.float_lanes) return wanted == found;
    for (unsigned i = 0; i < 128u / expected.lane_bits; ++i) {
        if (!matches_bits(get_lane(wanted, i, expected.lane_bits), expected.nan[i],
                          expected.lane_bits, get_lane(found, i, expected.lane_bits)))
            return false;
    }
    return true;
}

}  // namespace waxwing::text
