#include "text/strings.hpp"

namespace waxwing::text {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_utf8(u32 code, std::string& out) {
    const auto put = [&](u32 byte) { out += static_cast<char>(byte); };
    const auto tail = [&](u32 shift) { put(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        tail(6);
        tail(0);
    } else {
        put(0xF0 | code >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

// '\u{' hexnum '}', hexnum a scalar value; zero if it is not.
usize unicode_length(std::string_view text, u32& code) {
    if (text.size() < 5 || text[2] != '{') return 0;
    code = 0;
    bool after_digit = false;  // an underscore stands between digits
    for (usize i = 3; i < text.size(); ++i) {
        const int digit = hex_digit(text[i]);
        if (digit >= 0) {
            code = code << 4 | static_cast<u32>(digit);
            if (code > 0x10FFFF) return 0;
            after_digit = true;
        } else if (text[i] == '_' && after_digit) {
            after_digit = false;
        } else {
            const bool surrogate = code >= 0xD800 && code < 0xE000;
            return text[i] == '}' && after_digit && !surrogate ? i + 1 : 0;
        }
    }
    return 0;
}

}  // namespace

usize escape_length(std::string_view text) {
    if (text.size() < 2) return 0;
    switch (text[1]) {
    case 't':
    case 'n':
    case 'r':
    case '"':
    case '\'':
    case '\\': return 2;
    case 'u': {
        u32 code;
        return unicode_length(text, code);
    }
    default: return text.size() >= 3 && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0 ? 3 : 0;
    }
}

void unescape(std::string_view literal, std::string& out) {
    std::string_view text = literal.substr(1, literal.size() - 2);
    while (!text.empty()) {
        const usize plain = std::min(text.find('\\'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) return;
        usize length = 2;
        switch (text[1]) {
        case 't': out += '\t'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case '"':
        case '\'':
        case '\\': out += text[1]; break;
        case 'u': {
            u32 code = 0;
            length = unicode_length(text, code);
            append_utf8(code, out);
            break;
        }
        default: length = 3; out += static_cast<char>(hex_digit(text[1]) << 4 | hex_digit(text[2]));
        }
        text.remove_prefix(length);
    }
}

std::string unescape(std::string_view literal) {
    std::string out;
    unescape(literal, out);
    return out;
}

}  // namespace waxwing::text
