// Tables from the bytes of an opcode to what InstrReader does next, made from
// opcodes.def.
#pragma once

#include <array>

#include "core/opcode.hpp"

namespace waxwing {

struct OpcodeEntry {
    static constexpr u16 no_opcode = 0xFFFF;
    static constexpr u8 never = 31;  // no feature has this number
    // Instructions that open an `if` or close a block are told from those with
    // the same immediates; other shapes are the number of an Immediates.
    static constexpr u8 shape_else = 0xF0;
    static constexpr u8 shape_end = 0xF1;
    static constexpr u8 shape_if = 0xF2;

    u16 op = no_opcode;
    u8 shape = 0xFF;
    u8 feature = never;  // what must be on
};

namespace detail {

constexpr u8 shape_of(Opcode op, Immediates immediates) {
    switch (op) {
    case Opcode::else_: return OpcodeEntry::shape_else;
    case Opcode::end: return OpcodeEntry::shape_end;
    case Opcode::if_: return OpcodeEntry::shape_if;
    default: return static_cast<u8>(immediates);
    }
}

// The entries of one prefix, by code. Legacy opcodes keep their number, so that
// they can be named, but no features make them legal.
template <u32 prefix, usize size>
consteval std::array<OpcodeEntry, size> make_entries() {
    std::array<OpcodeEntry, size> entries{};
    u16 op = 0;
    const auto add = [&](u32 encoding, Immediates immediates, u8 feature) {
        if (encoding >> 16 == prefix)
            entries[encoding & 0xFFFF] = {op, shape_of(Opcode{op}, immediates), feature};
        ++op;
    };
#define OP(ident, name, encoding, imm, type, feature, family) \
    add(encoding, Immediates::imm, static_cast<u8>(Feature::feature));
#define RULE(ident, name, encoding, imm, feature) \
    add(encoding, Immediates::imm, static_cast<u8>(Feature::feature));
#define LEGACY(ident, name, encoding, imm, feature) \
    add(encoding, Immediates::imm, OpcodeEntry::never);
#include "core/opcodes.def"
    return entries;
}

inline constexpr auto one_byte_entries = make_entries<0, 256>();
inline constexpr auto entries_fb = make_entries<0xFB, 32>();
inline constexpr auto entries_fc = make_entries<0xFC, 32>();
inline constexpr auto entries_fd = make_entries<0xFD, 288>();
inline constexpr auto entries_fe = make_entries<0xFE, 96>();

template <usize size>
OpcodeEntry look_up(const std::array<OpcodeEntry, size>& entries, u32 code) {
    return code < size ? entries[code] : OpcodeEntry();
}

}  // namespace detail

// The entry of a first byte; that of a prefix needs the feature `never`.
inline OpcodeEntry entry_of_byte(u8 byte) { return detail::one_byte_entries[byte]; }

// Requires is_prefix(prefix).
inline OpcodeEntry entry_of_prefixed(u8 prefix, u32 code) {
    switch (prefix) {
    case 0xFB: return detail::look_up(detail::entries_fb, code);
    case 0xFC: return detail::look_up(detail::entries_fc, code);
    case 0xFD: return detail::look_up(detail::entries_fd, code);
    default: return detail::look_up(detail::entries_fe, code);
    }
}

}  // namespace waxwing
