// Tables from the bytes of an opcode to what InstrReader does next, made from
// opcodes.def.
#pragma once

#include <array>

#include "core/opcode.hpp"

namespace waxwing {

struct OpcodeEntry {
    static constexpr u16 no_opcode = 0xFFFF;
    static constexpr u8 never = 31;  // no feature has this number
    // Shapes are the numbers of Immediates, but some have their own: those of
    // one index each are alike, and those that change the nesting differ.
    static constexpr u8 shape_index = 0xF0;
    static constexpr u8 shape_else = 0xF1;
    static constexpr u8 shape_end = 0xF2;
    static constexpr u8 shape_if = 0xF3;

    u16 op = no_opcode;
    u8 shape = 0xFF;
    u8 feature = never;  // what must be on

    // The short form, for most instructions met in practice: an opcode and up
    // to two immediates of one byte each. It takes `short_size` bytes (0: there
    // is no such form), if no immediate has a bit of `long_bits`; the first
    // immediate is in the low byte of these.
    u8 short_size = 0;
    enum class Extend : u8 { none, to_32, to_64 } extend = Extend::none;  // the first one's sign
    u16 long_bits = 0;
};
static_assert(sizeof(OpcodeEntry) == 8);

namespace detail {

constexpr u8 shape_of(Opcode op, Immediates immediates) {
    switch (op) {
    case Opcode::else_: return OpcodeEntry::shape_else;
    case Opcode::end: return OpcodeEntry::shape_end;
    case Opcode::if_: return OpcodeEntry::shape_if;
    default: break;
    }
    switch (immediates) {
    case Immediates::label:
    case Immediates::func:
    case Immediates::type:
    case Immediates::tag:
    case Immediates::local:
    case Immediates::global:
    case Immediates::table:
    case Immediates::elem: return OpcodeEntry::shape_index;
    default: return static_cast<u8>(immediates);
    }
}

constexpr OpcodeEntry make_entry(u16 op, Immediates immediates, u8 feature) {
    using Extend = OpcodeEntry::Extend;
    OpcodeEntry entry{op, shape_of(Opcode{op}, immediates), feature};
    const auto give_short_form = [&](u8 size, u16 long_bits, Extend extend = Extend::none) {
        // That of a feature which may be off would need a check.
        if (feature != static_cast<u8>(Feature::mvp)) return;
        entry.short_size = size;
        entry.long_bits = long_bits;
        entry.extend = extend;
    };
    switch (entry.shape) {
    case static_cast<u8>(Immediates::none): give_short_form(1, 0); break;
    case OpcodeEntry::shape_index: give_short_form(2, 0x80); break;
    case static_cast<u8>(Immediates::i32): give_short_form(2, 0x80, Extend::to_32); break;
    case static_cast<u8>(Immediates::i64): give_short_form(2, 0x80, Extend::to_64); break;
    case static_cast<u8>(Immediates::mem8):
    case static_cast<u8>(Immediates::mem16):
    case static_cast<u8>(Immediates::mem32):
    case static_cast<u8>(Immediates::mem64): give_short_form(3, 0x80C0); break;
    default: break;
    }
    return entry;
}

// The entries of one prefix, by code. Legacy opcodes keep their number, so that
// they can be named, but no features make them legal.
template <u32 prefix, usize size>
consteval std::array<OpcodeEntry, size> make_entries() {
    std::array<OpcodeEntry, size> entries{};
    u16 op = 0;
    const auto add = [&](u32 encoding, Immediates immediates, u8 feature) {
        if (encoding >> 16 == prefix)
            entries[encoding & 0xFFFF] = make_entry(op, immediates, feature);
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
inline const OpcodeEntry& entry_of_byte(u8 byte) { return detail::one_byte_entries[byte]; }

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
