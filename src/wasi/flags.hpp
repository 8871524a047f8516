// Sets of bits with a type.
#pragma once

#include <concepts>
#include <type_traits>

#include "wasi/int.hpp"

namespace waxwing::wasi {

// Specialized for every enumeration whose enumerators are bits: the bits that
// have a meaning.
template <class Bit>
struct DefinedBits;

template <class Bit>
concept FlagBit = requires { DefinedBits<Bit>::value; };

template <class Bit>
struct Flags {
    using Int = std::underlying_type_t<Bit>;
    Int bits = 0;

    constexpr Flags() = default;
    constexpr Flags(Bit bit) : bits(static_cast<Int>(bit)) {}
    static constexpr Flags from_bits(Int bits) {
        Flags flags;
        flags.bits = bits;
        return flags;
    }
    static constexpr Int defined = DefinedBits<Bit>::value;

    constexpr bool has(Bit bit) const { return (bits & static_cast<Int>(bit)) != 0; }
    constexpr bool has_any(Flags other) const { return (bits & other.bits) != 0; }
    constexpr bool has_all(Flags other) const { return (bits & other.bits) == other.bits; }

    friend constexpr bool operator==(Flags, Flags) = default;
    friend constexpr Flags operator|(Flags a, Flags b) {
        return from_bits(static_cast<Int>(a.bits | b.bits));
    }
    friend constexpr Flags operator&(Flags a, Flags b) {
        return from_bits(static_cast<Int>(a.bits & b.bits));
    }
    // Everything in a that is not in b.
    friend constexpr Flags operator-(Flags a, Flags b) {
        return from_bits(static_cast<Int>(a.bits & ~b.bits));
    }
};

template <FlagBit Bit>
constexpr Flags<Bit> operator|(Bit a, Bit b) {
    return Flags<Bit>(a) | Flags<Bit>(b);
}

}  // namespace waxwing::wasi
