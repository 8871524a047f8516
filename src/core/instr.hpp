// One decoded instruction: what the decoder hands to the validator and to the
// compiler, in the one walk over a function body.
#pragma once

#include <span>

#include "core/int.hpp"
#include "core/opcode.hpp"
#include "waxwing/types.hpp"
#include "waxwing/value.hpp"

namespace waxwing {

// blocktype ::= 0x40 | valtype | typeidx
struct BlockType {
    enum class Kind : u8 { empty, value, type } kind = Kind::empty;
    ValType value;       // if kind is value
    u32 type_index = 0;  // if kind is type
};

// memarg ::= align, memory, offset
struct MemArg {
    u8 align_log2 = 0;
    u32 memory = 0;
    u64 offset = 0;
};

// catch ::= (catch tag label) | (catch_ref tag label) | (catch_all label) | ...
struct CatchClause {
    enum class Kind : u8 { catch_, catch_ref, catch_all, catch_all_ref } kind;
    u32 tag = 0;  // unless catch_all*
    u32 label = 0;
};

// Which members mean something depends on info(op).immediates.
struct Instr {
    Opcode op;
    u8 lane = 0;        // lane*, mem*_lane
    u8 cast_flags = 0;  // cast: bit 0 source nullable, bit 1 target nullable
    u32 offset = 0;     // of the opcode, in the module's bytes
    u32 index = 0;      // the first index; label of br*; count of none
    u32 index2 = 0;     // the second index: type_table's table, *_memory's memory,
                        // memory_memory's and table_table's source, type_count's count
    union {
        u64 bits = 0;  // i32 (zero-extended), i64, f32, f64
        BlockType block;
        MemArg mem;
        HeapType heap;  // heap_type, cast's source
        V128 vec;       // v128, shuffle
    };
    HeapType heap2;                        // cast's target
    std::span<const u32> labels;           // label_table: all but the default, which is `index`
    std::span<const CatchClause> catches;  // try_table
    std::span<const ValType> types;        // select_types
    // The spans point into the reader's scratch space and last until its next instruction.
};

}  // namespace waxwing
