#include "cli/values.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <cstdint>

#include "core/printable.hpp"
#include "text/numbers.hpp"

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

// As the text format has it: "0X1" is 0x1 there, ".5" is 0.5, "infinity" is inf.
std::string normalized(std::string_view text) {
    std::string out;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        out = text[0];
        text.remove_prefix(1);
    }
    if (take_prefix(text, "0X"))
        out += "0x";
    else if (text.starts_with('.'))
        out += '0';
    else if (text == "infinity")
        text = "inf";
    return out.append(text);
}

// Its bits as a two's complement number of `width` bits.
std::optional<std::uint64_t> parse_bits(std::string_view text, unsigned width) {
    const std::string literal = normalized(text);
    const text::TokenKind kind = text::classify_number(literal);
    if (kind != text::TokenKind::nat && kind != text::TokenKind::integer) return std::nullopt;
    return text::parse_integer(literal, width);
}

std::optional<std::uint64_t> parse_float(std::string_view text, unsigned width) {
    const std::string literal = normalized(text);
    if (!text::is_number(text::classify_number(literal))) return std::nullopt;
    if (width == 32) return text::parse_f32(literal);
    return text::parse_f64(literal);
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
    const auto payload = parse_bits(text, 64);
    if (!payload || text.front() == '-' || *payload >> 62) return std::nullopt;
    return Value::ref(type, Ref::host(*payload));
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
        if (const auto bits = parse_float(text, 32)) return Value::number(type, *bits);
        break;
    case ValType::Kind::f64:
        if (const auto bits = parse_float(text, 64)) return Value::number(type, *bits);
        break;
    case ValType::Kind::v128:
        if (const auto vector = parse_vector(text)) return Value::v128(*vector);
        break;
    case ValType::Kind::ref: return parse_reference(type, text);
    default: break;
    }
    return std::nullopt;
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
