#include "decoder/utf8.hpp"

#include <cstring>

namespace waxwing {
namespace {

constexpr bool is_continuation(u8 byte) { return (byte & 0xC0) == 0x80; }

// The length of the encoded character at the start of `text`; 0 if there is none.
// The second byte alone decides about overlong forms, surrogates and the maximum.
usize character_length(std::span<const u8> text) {
    const u8 lead = text[0];
    if (lead < 0x80) return 1;
    const usize length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;

    const u8 lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const u8 highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < lowest || text[1] > highest) return 0;
    for (usize i = 2; i < length; ++i)
        if (!is_continuation(text[i])) return 0;
    return length;
}

}  // namespace

bool is_utf8(std::span<const u8> text) {
    while (!text.empty()) {
        u64 eight;
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
            if ((eight & 0x8080808080808080) == 0) {
                text = text.subspan(sizeof eight);
                continue;
            }
        }
        const usize length = character_length(text);
        if (length == 0) return false;
        text = text.subspan(length);
    }
    return true;
}

}  // namespace waxwing
