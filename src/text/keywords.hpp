// Keywords by number. Instructions come first, numbered as their Opcode; of
// several opcodes with one name ("select", "ref.test", "ref.cast") a keyword
// stands for the first.
#pragma once

#include <optional>
#include <string_view>

#include "core/opcode.hpp"

namespace waxwing::text {

enum class Keyword : u16 {
#define OP(ident, ...) op_##ident,
#define RULE(ident, ...) op_##ident,
#define LEGACY(ident, ...) op_##ident,
#include "core/opcodes.def"
#define WORD(ident, ...) ident,
#include "text/keywords.def"
    unknown = 0xFFFF,
};

constexpr Keyword keyword_of(Opcode op) { return static_cast<Keyword>(op); }
constexpr bool is_opcode(Keyword word) { return static_cast<usize>(word) < opcode_count; }
// Requires is_opcode(word).
constexpr Opcode opcode_of(Keyword word) { return static_cast<Opcode>(word); }

Keyword find_keyword(std::string_view word);

// The binary code of a number type, of an abstract heap type, and of the heap
// type in a short reference type such as funcref; zero for other keywords.
u8 number_type_code(Keyword word);
u8 heap_type_code(Keyword word);
u8 ref_type_code(Keyword word);

}  // namespace waxwing::text
