#include "text/numbers.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <string>
#include <type_traits>

namespace waxwing::text {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// num ::= digit ('_'? digit)*.  Takes it off the front of `text`.
bool take_num(std::string_view& text, bool hex) {
    const auto digit = [&](usize i) {
        return i < text.size() && (hex ? hex_value(text[i]) >= 0 : is_digit(text[i]));
    };
    usize at = 0;
    while (digit(at)) {
        ++at;
        if (at < text.size() && text[at] == '_') {
            if (!digit(at + 1)) return false;
            ++at;
        }
    }
    text.remove_prefix(at);
    return at != 0;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}
bool take_sign(std::string_view& text) { return take(text, '-') || take(text, '+'); }

struct Signed {
    bool negative = false;
    std::string_view digits;  // without sign and "0x"
    bool hex = false;
};

Signed split(std::string_view literal) {
    Signed parts;
    parts.negative = literal[0] == '-';
    take_sign(literal);
    if (literal.starts_with("0x")) {
        parts.hex = true;
        literal.remove_prefix(2);
    }
    parts.digits = literal;
    return parts;
}

// The digits of a nat or integer; nothing above 2^64 - 1.
std::optional<u64> magnitude(const Signed& parts) {
    const u64 base = parts.hex ? 16 : 10;
    u64 value = 0;
    for (const char c : parts.digits) {
        if (c == '_') continue;
        const u64 digit = static_cast<u64>(hex_value(c));
        if (value > (~u64{0} - digit) / base) return std::nullopt;
        value = value * base + digit;
    }
    return value;
}

template <class Float>
struct Format;
template <>
struct Format<float> {
    using Bits = u32;
    static constexpr int mantissa_bits = 23;
    static constexpr int min_exponent = -126;  // of normal numbers
    static constexpr int max_exponent = 127;
};
template <>
struct Format<double> {
    using Bits = u64;
    static constexpr int mantissa_bits = 52;
    static constexpr int min_exponent = -1022;
    static constexpr int max_exponent = 1023;
};

// A power, from the digits behind 'e' or 'p'; large ones saturate.
s64 parse_power(std::string_view text) {
    constexpr s64 enough = s64{1} << 40;
    const bool negative = take(text, '-');
    take(text, '+');
    s64 value = 0;
    for (const char c : text) {
        if (c != '_' && value < enough) value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
}

// hexnum ('.' hexnum?)? ('p' sign? num)?, without sign. The mantissa is gathered
// in 64 bits, what falls off the end is remembered as one sticky bit, and then
// the number is rounded once.
template <class Float>
std::optional<typename Format<Float>::Bits> parse_hex(std::string_view digits) {
    using F = Format<Float>;
    u64 mantissa = 0;
    bool sticky = false;
    s64 power = 0;
    bool fraction = false;
    while (!digits.empty()) {
        const char c = digits[0];
        digits.remove_prefix(1);
        if (c == '_') continue;
        if (c == '.') {
            fraction = true;
        } else if (c == 'p' || c == 'P') {
            power += parse_power(digits);
            break;
        } else if (mantissa >> 60 == 0) {
            mantissa = mantissa << 4 | static_cast<u64>(hex_value(c));
            if (fraction) power -= 4;
        } else {
            sticky |= c != '0';
            if (!fraction) power += 4;
        }
    }
    if (mantissa == 0) return 0;

    // mantissa * 2^power, with the leading one of mantissa moved to bit 63.
    const int shift = std::countl_zero(mantissa);
    mantissa <<= shift;
    const s64 exponent = power - shift + 63;
    if (exponent > F::max_exponent) return std::nullopt;

    // Subnormal numbers keep fewer bits; below half of the least one remains zero.
    s64 kept = F::mantissa_bits + 1;
    if (exponent < F::min_exponent) kept -= F::min_exponent - exponent;
    if (kept < 0) return 0;
    const s64 dropped = 64 - kept;
    u64 rounded = dropped == 64 ? 0 : mantissa >> dropped;
    const bool half = mantissa >> (dropped - 1) & 1;
    const bool rest = (mantissa & ((u64{1} << (dropped - 1)) - 1)) != 0 || sticky;
    if (half && (rest || (rounded & 1))) ++rounded;

    // A carry out of the mantissa moves into the exponent by itself.
    const s64 biased = exponent < F::min_exponent ? 0 : exponent + F::max_exponent - 1;
    const u64 bits = (static_cast<u64>(biased) << F::mantissa_bits) + rounded;
    const u64 infinity = static_cast<u64>(2 * F::max_exponent + 1) << F::mantissa_bits;
    if (bits >= infinity) return std::nullopt;
    return static_cast<typename F::Bits>(bits);
}

// The power of ten of the first digit that is not zero; nothing for zero.
std::optional<s64> decimal_magnitude(std::string_view text) {
    s64 before = 0, after = 0, power = 0;
    bool fraction = false, seen = false;
    for (usize i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '.') {
            fraction = true;
        } else if (c == 'e' || c == 'E') {
            power = parse_power(text.substr(i + 1));
            break;
        } else {
            seen |= c != '0';
            if (seen && !fraction) ++before;
            if (!seen && fraction) ++after;
        }
    }
    if (!seen) return std::nullopt;
    return power + before - after;
}

// Decimal digits, without sign: std::from_chars rounds exactly, for float and
// double each on its own.
template <class Float>
std::optional<typename Format<Float>::Bits> parse_decimal(std::string_view digits) {
    std::string copy;
    if (digits.find('_') != std::string_view::npos) {
        for (const char c : digits)
            if (c != '_') copy += c;
        digits = copy;
    }
    Float value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc::result_out_of_range) {
        // Too large, or so small that it is zero.
        const std::optional<s64> size = decimal_magnitude(digits);
        if (size && *size > 0) return std::nullopt;
        return 0;
    }
    if (std::isinf(value)) return std::nullopt;
    return std::bit_cast<typename Format<Float>::Bits>(value);
}

template <class Float>
std::optional<typename Format<Float>::Bits> parse_float(std::string_view literal) {
    using F = Format<Float>;
    using Bits = typename F::Bits;
    constexpr Bits infinity = static_cast<Bits>(2 * F::max_exponent + 1) << F::mantissa_bits;
    const bool negative = literal[0] == '-';
    take_sign(literal);

    std::optional<Bits> bits;
    if (literal == "inf") {
        bits = infinity;
    } else if (literal == "nan") {
        bits = infinity | Bits{1} << (F::mantissa_bits - 1);
    } else if (literal.starts_with("nan:")) {
        const auto payload = magnitude({false, literal.substr(6), true});
        if (!payload || *payload == 0 || *payload >> F::mantissa_bits != 0) return std::nullopt;
        bits = infinity | static_cast<Bits>(*payload);
    } else if (literal.starts_with("0x")) {
        bits = parse_hex<Float>(literal.substr(2));
    } else {
        bits = parse_decimal<Float>(literal);
    }
    if (bits && negative) *bits |= Bits{1} << (sizeof(Bits) * 8 - 1);
    return bits;
}

}  // namespace

// nat     ::= num | '0x' hexnum
// integer ::= sign nat
// float   ::= sign? (num ('.' num?)? (('e' | 'E') sign? num)? | '0x' hexnum ... 'p' ...
//                    | 'inf' | 'nan' | 'nan:0x' hexnum)
TokenKind classify_number(std::string_view text) {
    const bool has_sign = take_sign(text);
    if (text == "inf" || text == "nan") return TokenKind::floating;
    if (text.starts_with("nan:0x")) {
        text.remove_prefix(6);
        return take_num(text, true) && text.empty() ? TokenKind::floating : TokenKind::reserved;
    }
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    if (!take_num(text, hex)) return TokenKind::reserved;
    if (text.empty()) return has_sign ? TokenKind::integer : TokenKind::nat;

    if (take(text, '.') && !text.empty() && (hex ? hex_value(text[0]) >= 0 : is_digit(text[0])) &&
        !take_num(text, hex))
        return TokenKind::reserved;
    if (hex ? take(text, 'p') || take(text, 'P') : take(text, 'e') || take(text, 'E')) {
        take_sign(text);
        if (!take_num(text, false)) return TokenKind::reserved;
    }
    return text.empty() ? TokenKind::floating : TokenKind::reserved;
}

std::optional<u64> parse_unsigned(std::string_view literal, unsigned bits) {
    const auto value = magnitude(split(literal));
    if (!value || (bits < 64 && *value >> bits != 0)) return std::nullopt;
    return value;
}

std::optional<u64> parse_integer(std::string_view literal, unsigned bits) {
    const Signed parts = split(literal);
    const auto value = magnitude(parts);
    if (!value) return std::nullopt;
    const u64 mask = bits == 64 ? ~u64{0} : (u64{1} << bits) - 1;
    if (!parts.negative) return *value <= mask ? value : std::nullopt;
    if (*value > u64{1} << (bits - 1)) return std::nullopt;
    return (~*value + 1) & mask;
}

std::optional<u32> parse_f32(std::string_view literal) { return parse_float<float>(literal); }
std::optional<u64> parse_f64(std::string_view literal) { return parse_float<double>(literal); }

}  // namespace waxwing::text
