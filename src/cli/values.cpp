#include "cli/values.hpp"

#include <fmt/core.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace waxwing::cli {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

template <class T>
std::optional<T> parse_whole(std::string_view text, int base) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Integer {
    bool negative;
    std::uint64_t magnitude;
};

std::optional<Integer> parse_integer(std::string_view text) {
    const bool negative = take_prefix(text, "-");
    if (!negative) take_prefix(text, "+");
    const int base = take_prefix(text, "0x") || take_prefix(text, "0X") ? 16 : 10;
    const auto magnitude = parse_whole<std::uint64_t>(text, base);
    if (!magnitude) return std::nullopt;
    return Integer{negative, *magnitude};
}

// Its bits as a two's complement number of `width` bits.
std::optional<std::uint64_t> parse_bits(std::string_view text, int width) {
    const auto integer = parse_integer(text);
    if (!integer) return std::nullopt;
    const std::uint64_t sign = std::uint64_t{1} << (width - 1);
    const std::uint64_t mask = sign | (sign - 1);
    if (integer->magnitude > (integer->negative ? sign : mask)) return std::nullopt;
    return (integer->negative ? 0 - integer->magnitude : integer->magnitude) & mask;
}

template <class F, class Bits>
std::optional<Bits> parse_float(std::string_view text) {
    constexpr int mantissa = std::numeric_limits<F>::digits - 1;
    const bool negative = take_prefix(text, "-");
    if (!negative) take_prefix(text, "+");
    const Bits sign = negative ? Bits{1} << (sizeof(Bits) * 8 - 1) : 0;
    const Bits infinity = std::bit_cast<Bits>(std::numeric_limits<F>::infinity());

    if (text == "inf" || text == "infinity") return sign | infinity;
    if (text == "nan") return sign | infinity | Bits{1} << (mantissa - 1);
    if (take_prefix(text, "nan:0x")) {
        const auto payload = parse_whole<Bits>(text, 16);
        if (!payload || *payload == 0 || *payload >> mantissa) return std::nullopt;
        return sign | infinity | *payload;
    }
    if (text.empty() || text.front() == '-') return std::nullopt;
    const bool hex = take_prefix(text, "0x") || take_prefix(text, "0X");
    F value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value,
                        hex ? std::chars_format::hex : std::chars_format::general);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (!std::isfinite(value)) return std::nullopt;
    return sign | std::bit_cast<Bits>(value);
}

std::optional<V128> parse_vector(std::string_view text) {
    if (!take_prefix(text, "0x") || text.size() != 32) return std::nullopt;
    V128 vector;
    for (std::size_t i = 0; i < 16; ++i) {
        const auto byte = parse_whole<std::uint8_t>(text.substr(2 * i, 2), 16);
        if (!byte) return std::nullopt;
        vector.bytes[15 - i] = *byte;
    }
    return vector;
}

std::optional<Value> parse_reference(ValType type, std::string_view text) {
    if (text == "null" && type.is_nullable()) return Value::null(type);
    if (type.heap() != HeapKind::extern_) return std::nullopt;
    const auto payload = parse_integer(text);
    if (!payload || payload->negative || payload->magnitude >> 62) return std::nullopt;
    return Value::ref(type, Ref::host(payload->magnitude));
}

std::string json_value(const Value& value) {
    const std::string text = to_string(value);
    const bool number = value.type() == i32 ||
                        (value.type() == f32 && std::isfinite(value.as_f32())) ||
                        (value.type() == f64 && std::isfinite(value.as_f64()));
    return number ? text : json_string(text);
}

}  // namespace

std::optional<Value> parse_value(ValType type, std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon != text.npos && text.substr(0, colon) == to_string(type))
        text.remove_prefix(colon + 1);
    switch (type.kind()) {
    case ValType::Kind::i32:
        if (const auto bits = parse_bits(text, 32)) return Value::number(type, *bits);
        break;
    case ValType::Kind::i64:
        if (const auto bits = parse_bits(text, 64)) return Value::number(type, *bits);
        break;
    case ValType::Kind::f32:
        if (const auto bits = parse_float<float, std::uint32_t>(text))
            return Value::number(type, *bits);
        break;
    case ValType::Kind::f64:
        if (const auto bits = parse_float<double, std::uint64_t>(text))
            return Value::number(type, *bits);
        break;
    case ValType::Kind::v128:
        if (const auto vector = parse_vector(text)) return Value::v128(*vector);
        break;
    case ValType::Kind::ref: return parse_reference(type, text);
    default: break;
    }
    return std::nullopt;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + "\"";
}

std::string format_results(std::span<const Value> results, ResultStyle style) {
    std::string out;
    if (style == ResultStyle::json) {
        for (const Value& value : results) {
            out += fmt::format("{}{{\"type\":{},\"value\":{}}}", out.empty() ? "" : ",",
                               json_string(to_string(value.type())), json_value(value));
        }
        return "[" + out + "]\n";
    }
    for (const Value& value : results) {
        if (style == ResultStyle::typed) out += to_string(value.type()) + ":";
        out += to_string(value) + "\n";
    }
    return out;
}

}  // namespace waxwing::cli
