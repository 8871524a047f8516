// UTF-8, strictly: no overlong forms, no surrogates, at most U+10FFFF.
#pragma once

#include <string_view>

#include "core/int.hpp"

namespace waxwing::text {

// Length of the well-formed sequence at the start of `text`, or zero.
constexpr usize utf8_length(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [&](usize i) { return static_cast<u8>(text[i]); };
    const u8 lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const usize length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < length) return 0;
    // The second byte carries what rules out overlong forms, surrogates and excess.
    const u8 low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const u8 high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) return 0;
    for (usize i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    return length;
}

constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const usize length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

static_assert(is_utf8("a\xC3\x9F\xE2\x82\xAC\xF0\x9F\x98\x80"));
static_assert(!is_utf8("\xC0\x80") && !is_utf8("\xED\xA0\x80") && !is_utf8("\xF4\x90\x80\x80"));

}  // namespace waxwing::text
