#include "print/literals.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace waxwing::print {
namespace {

// What may stand in an identifier without quotes.
bool is_idchar(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    return std::string_view("!#$%&'*+-./:<=>?@\\^_`|~").find(c) != std::string_view::npos;
}

void put_escaped(Output& out, char c) {
    switch (c) {
    case '\t': out.put("\\t"); return;
    case '\n': out.put("\\n"); return;
    case '\r': out.put("\\r"); return;
    case '"': out.put("\\\""); return;
    case '\\': out.put("\\\\"); return;
    default: break;
    }
    if (c >= 0x20 && c < 0x7F) {
        out.put(c);
    } else {
        out.put('\\');
        out.hex_digits(static_cast<u8>(c), 2);
    }
}

template <class Bits, class Float>
void put_float(Output& out, Bits bits, int mantissa_bits) {
    const auto value = std::bit_cast<Float>(bits);
    if (std::isnan(value)) {
        const Bits payload = bits & ((Bits{1} << mantissa_bits) - 1);
        if (std::signbit(value)) out.put('-');
        out.put("nan");
        if (payload == Bits{1} << (mantissa_bits - 1)) return;
        out.put(':');
        out.hex(payload);
        return;
    }
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.put(std::string_view(digits, static_cast<usize>(end - digits)));
}

}  // namespace

void put_bytes(Output& out, std::string_view bytes) {
    out.put('"');
    for (const char c : bytes)
        put_escaped(out, c);
    out.put('"');
}

void put_long_bytes(Output& out, std::string_view bytes, usize depth) {
    constexpr usize per_line = 80;
    if (bytes.size() <= per_line) {
        out.put(' ');
        put_bytes(out, bytes);
        return;
    }
    for (; !bytes.empty(); bytes.remove_prefix(std::min(per_line, bytes.size()))) {
        out.line();
        out.indent(depth);
        put_bytes(out, bytes.substr(0, per_line));
    }
}

void put_name(Output& out, std::string_view name) {
    out.put('"');
    for (usize i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<u8>(name[i]);
        // U+0080 to U+009F: terminals obey them.
        const bool control = byte == 0xC2 && static_cast<u8>(name[i + 1]) < 0xA0;
        if (control) {
            out.put("\\u{");
            out.hex_digits(static_cast<u8>(name[++i]), 2);
            out.put('}');
        } else if (byte >= 0x80) {
            out.put(name[i]);
        } else {
            put_escaped(out, name[i]);
        }
    }
    out.put('"');
}

void put_identifier(Output& out, std::string_view name) {
    out.put('$');
    if (std::ranges::all_of(name, is_idchar))
        out.put(name);
    else
        put_name(out, name);
}

void put_f32(Output& out, u32 bits) { put_float<u32, float>(out, bits, 23); }
void put_f64(Output& out, u64 bits) { put_float<u64, double>(out, bits, 52); }

void put_v128(Output& out, const V128& value) {
    out.put("i32x4");
    for (const u32 lane : std::bit_cast<std::array<u32, 4>>(value.bytes)) {
        out.put(" 0x");
        out.hex_digits(lane, 8);
    }
}

}  // namespace waxwing::print
