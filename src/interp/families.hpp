// The handler family of each instruction, read from the last column of
// opcodes.def at compile time.
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include "core/opcode.hpp"

namespace waxwing::interp {

inline constexpr std::array<std::string_view, opcode_count> families = {
#define OP(ident, name, encoding, imm, type, feature, family) #family,
#define RULE(...) "rule",
#define LEGACY(...) "legacy",
#include "core/opcodes.def"
};

constexpr std::string_view family_of(Opcode op) { return families[static_cast<usize>(op)]; }
constexpr bool is_family(Opcode op, std::string_view name) {
    const std::string_view family = family_of(op);
    return family.substr(0, family.find('(')) == name;
}

consteval usize family_size(std::string_view name) {
    usize count = 0;
    for (usize i = 0; i < opcode_count; ++i)
        count += is_family(static_cast<Opcode>(i), name);
    return count;
}

// The members of a family, and back: where an opcode stands among them.
template <usize size>
struct FamilyList {
    std::array<Opcode, size> ops{};
    std::array<u8, opcode_count> position{};
};
template <usize size>
consteval FamilyList<size> list_family(std::string_view name) {
    FamilyList<size> list;
    usize next = 0;
    for (usize i = 0; i < opcode_count; ++i) {
        const auto op = static_cast<Opcode>(i);
        if (!is_family(op, name)) continue;
        list.position[i] = static_cast<u8>(next);
        list.ops[next++] = op;
    }
    return list;
}
#define WAXWING_FAMILY(name) \
    inline constexpr auto name##_family = list_family<family_size(#name)>(#name)
WAXWING_FAMILY(unary);
WAXWING_FAMILY(binary);
WAXWING_FAMILY(compare);
WAXWING_FAMILY(load);
WAXWING_FAMILY(store);
#undef WAXWING_FAMILY

// "u16" in "load(u16, u32)": what is in memory, and what it becomes.
template <char kind, int bits>
constexpr auto type_named() {
    if constexpr (kind == 'f' && bits == 32)
        return float{};
    else if constexpr (kind == 'f')
        return double{};
    else if constexpr (kind == 'u' && bits == 8)
        return u8{};
    else if constexpr (kind == 'u' && bits == 16)
        return u16{};
    else if constexpr (kind == 'u' && bits == 32)
        return u32{};
    else if constexpr (kind == 'u')
        return u64{};
    else if constexpr (bits == 8)
        return i8{};
    else if constexpr (bits == 16)
        return i16{};
    else if constexpr (bits == 32)
        return s32{};
    else
        return s64{};
}
struct NamedType {
    char kind;
    int bits;
};
// The n-th name between the parentheses.
consteval NamedType parse_type_name(std::string_view family, int n) {
    usize at = family.find('(') + 1;
    for (; n > 0; --n)
        at = family.find(',', at) + 2;
    NamedType type{family[at], 0};
    for (++at; at < family.size() && family[at] >= '0' && family[at] <= '9'; ++at)
        type.bits = type.bits * 10 + (family[at] - '0');
    return type;
}
template <Opcode op, int n>
struct FamilyType {
    static constexpr NamedType named = parse_type_name(family_of(op), n);
    using type = decltype(type_named<named.kind, named.bits>());
};
template <Opcode op>
using MemoryType_ = typename FamilyType<op, 0>::type;
template <Opcode op>
using LoadedType = typename FamilyType<op, 1>::type;

}  // namespace waxwing::interp
