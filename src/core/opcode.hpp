// The instructions, numbered densely in the order of opcodes.def.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/int.hpp"
#include "waxwing/features.hpp"
#include "waxwing/types.hpp"

namespace waxwing {

enum class Opcode : u16 {
#define OP(ident, ...) ident,
#define RULE(ident, ...) ident,
#define LEGACY(ident, ...) ident,
#include "core/opcodes.def"
};
inline constexpr usize opcode_count = 0
#define OP(...) +1
#define RULE(...) +1
#define LEGACY(...) +1
#include "core/opcodes.def"
    ;

// What follows an opcode in the binary. memN: a memarg whose natural alignment
// is N bits; laneN: a lane index below N.
enum class Immediates : u8 {
    none,
    zero_byte,
    block_type,
    try_table,
    label,
    label_table,
    func,
    type,
    type_table,
    tag,
    local,
    global,
    table,
    memory,
    table_table,
    memory_memory,
    data,
    data_memory,
    elem,
    elem_table,
    i32,
    i64,
    f32,
    f64,
    v128,
    select_types,
    heap_type,
    cast,
    type_field,
    type_count,
    type_data,
    type_elem,
    type_type,
    mem8,
    mem16,
    mem32,
    mem64,
    mem128,
    mem8_lane,
    mem16_lane,
    mem32_lane,
    mem64_lane,
    lane2,
    lane4,
    lane8,
    lane16,
    shuffle,
};

// An operand or result of an instruction with a fixed type. In the order of ValType::Kind.
enum class OperandType : u8 { none, i32, i64, f32, f64, v128, addr };

struct FixedType {
    std::array<OperandType, 4> inputs{};
    std::array<OperandType, 2> outputs{};
    u8 input_count = 0;
    u8 output_count = 0;
};

struct OpcodeInfo {
    std::string_view name;
    u32 encoding;  // the byte, or prefix << 16 | code
    Immediates immediates;
    Feature feature;
    bool has_fixed_type;
    FixedType type;  // if has_fixed_type
};

extern const std::array<OpcodeInfo, opcode_count> opcode_table;

inline const OpcodeInfo& info(Opcode op) { return opcode_table[static_cast<usize>(op)]; }

// The opcode of a byte, or of a prefixed code; nothing if there is none.
// Legacy exception opcodes are found: rejecting them is the decoder's business.
std::optional<Opcode> opcode_of_byte(u8 byte);
std::optional<Opcode> opcode_of_prefixed(u8 prefix, u32 code);
constexpr bool is_prefix(u8 byte) { return byte >= 0xFB && byte <= 0xFE; }

// log2 of the natural alignment in bytes, of a memarg instruction.
constexpr u8 natural_alignment_log2(Immediates imm) {
    switch (imm) {
    case Immediates::mem8:
    case Immediates::mem8_lane: return 0;
    case Immediates::mem16:
    case Immediates::mem16_lane: return 1;
    case Immediates::mem32:
    case Immediates::mem32_lane: return 2;
    case Immediates::mem64:
    case Immediates::mem64_lane: return 3;
    default: return 4;
    }
}
constexpr bool has_memarg(Immediates imm) {
    return imm >= Immediates::mem8 && imm <= Immediates::mem64_lane;
}
// Lanes of a lane immediate (mem*_lane and lane*), 32 for shuffle, else 0.
constexpr u8 lane_count(Immediates imm) {
    switch (imm) {
    case Immediates::mem8_lane:
    case Immediates::lane16: return 16;
    case Immediates::mem16_lane:
    case Immediates::lane8: return 8;
    case Immediates::mem32_lane:
    case Immediates::lane4: return 4;
    case Immediates::mem64_lane:
    case Immediates::lane2: return 2;
    case Immediates::shuffle: return 32;
    default: return 0;
    }
}

}  // namespace waxwing
