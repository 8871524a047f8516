// LEB128 integers, with the specification's rules for what is malformed:
// no more than ceil(bits / 7) bytes, and no stray bits in the last one.
#pragma once

#include <type_traits>

#include "core/fault.hpp"
#include "core/int.hpp"

namespace waxwing {

// Reads an integer of `bits` bits (signed if T is) at `pos`. Returns the place
// after it; or null, and why in `fault`.
template <class T, unsigned bits>
const u8* decode_leb(const u8* pos, const u8* end, T& out, Fault& fault) {
    using Unsigned = std::make_unsigned_t<T>;
    Unsigned value = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (shift >= bits) {
            fault = Fault::integer_representation_too_long;
            return nullptr;
        }
        if (pos == end) {
            fault = Fault::unexpected_end;
            return nullptr;
        }
        const u8 byte = *pos++;
        if (bits - shift < 7) {
            // Bits beyond the integer's width: zeros, or copies of the sign.
            const unsigned value_bits = bits - shift - (std::is_signed_v<T> ? 1 : 0);
            const unsigned unused = 0x7Fu >> value_bits << value_bits;
            const unsigned found = byte & unused;
            if (found != 0 && !(std::is_signed_v<T> && found == unused)) {
                fault = Fault::integer_too_large;
                return nullptr;
            }
        }
        value |= static_cast<Unsigned>(byte & 0x7F) << shift;
        if (byte >= 0x80) continue;
        if constexpr (std::is_signed_v<T>) {
            if ((byte & 0x40) && shift + 7 < 8 * sizeof(T)) value |= ~Unsigned{0} << (shift + 7);
        }
        out = static_cast<T>(value);
        return pos;
    }
}

// Why there is no such integer at `pos` in a window that ends at `end`, of a
// module that ends at `module_end`: for the official tests, one that its window
// cuts short is still too long or too large if its bytes go on that way.
template <class T, unsigned bits>
[[gnu::cold]] Fault leb_fault(const u8* pos, const u8* end, const u8* module_end) {
    T ignored;
    Fault fault = Fault::unexpected_end;
    if (decode_leb<T, bits>(pos, end, ignored, fault) || fault != Fault::unexpected_end)
        return fault;
    if (decode_leb<T, bits>(pos, module_end, ignored, fault)) return Fault::unexpected_end;
    return fault;
}

}  // namespace waxwing
