#include "print/literals.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/printable.hpp"

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
    while (!name.empty()) {
        if (static_cast<u8>(name[0]) < 0x80) {
            put_escaped(out, name[0]);
            name.remove_prefix(1);
            continue;
        }
        // What terminals obey or readers do not see, U+0080 to U+009F and others, is escaped.
        usize size = 1;
        while (size < name.size() && static_cast<u8>(name[size]) >= 0x80)
            ++size;
        out.put(printable(name.substr(0, size)));
        name.remove_prefix(size);
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
