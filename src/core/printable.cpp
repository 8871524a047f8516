#include "core/printable.hpp"

#include "core/int.hpp"

namespace waxwing {
namespace {

struct Character {
    u32 code = 0;
    usize size = 0;  // in bytes; zero: not UTF-8
};

// The character that a text begins with. Requires: it is not empty.
Character first_character(std::string_view text) {
    const u8 lead = static_cast<u8>(text[0]);
    if (lead < 0x80) return {lead, 1};
    const usize size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    u32 code = lead & (0x7Fu >> size);
    for (usize i = 1; i < size; ++i) {
        const u8 byte = static_cast<u8>(text[i]);
        if ((byte & 0xC0) != 0x80) return {};
        code = code << 6 | (byte & 0x3F);
    }
    const bool overlong = code < (size == 2 ? 0x80u : size == 3 ? 0x800u : 0x10000u);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
    return {code, size};
}

bool is_harmless(u32 code) {
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
    const bool directs = code == 0x61C || code == 0x200E || code == 0x200F ||
                         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return !directs && code != 0x2028 && code != 0x2029;
}

std::string hex(u32 value, usize digits) {
    std::string text;
    for (; value != 0 || text.size() < digits; value >>= 4)
        text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    return text;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character c = first_character(text);
        if (c.size != 0 && is_harmless(c.code))
            out += text.substr(0, c.size);
        else if (c.size > 1)
            out += "\\u{" + hex(c.code, 1) + "}";
        else
            out += "\\" + hex(static_cast<u8>(text[0]), 2);
        text.remove_prefix(c.size == 0 ? 1 : c.size);
    }
    return out;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const Character c = first_character(text);
        if (c.size == 0)
            out += "\\ufffd";
        else if (c.code == '"' || c.code == '\\')
            out += {'\\', text[0]};
        else if (is_harmless(c.code))
            out += text.substr(0, c.size);
        else
            out += "\\u" + hex(c.code, 4);  // all of these are below U+10000
        text.remove_prefix(c.size == 0 ? 1 : c.size);
    }
    return out + "\"";
}

}  // namespace waxwing
