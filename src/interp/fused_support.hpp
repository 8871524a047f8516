// What the fused_*.cpp files share: tables of handlers over a few opcodes and
// operand places.
#pragma once

#include <array>
#include <utility>

#include "interp/fused.hpp"
#include "interp/steps_fused.hpp"

namespace waxwing::interp {

// A short list of opcodes and the way from an opcode to its place in it.
template <usize size>
struct OpcodeList {
    std::array<Opcode, size> ops;
    std::array<u8, opcode_count> places;

    static constexpr u8 absent = 0xFF;
    template <class... O>
    explicit consteval OpcodeList(O... list) : ops{list...}, places{} {
        places.fill(absent);
        for (usize i = 0; i < size; ++i)
            places[static_cast<usize>(ops[i])] = static_cast<u8>(i);
    }
    constexpr u8 place(Opcode op) const { return places[static_cast<usize>(op)]; }
};
template <class... O>
OpcodeList(O...) -> OpcodeList<sizeof...(O)>;

// Calls make.operator()<0>() ... and gathers the handlers.
template <usize size, class Make>
constexpr std::array<Handler, size> handler_table(Make make) {
    return [&]<usize... i>(std::index_sequence<i...>) {
        return std::array<Handler, size>{make.template operator()<i>()...};
    }(std::make_index_sequence<size>{});
}

constexpr Src slot_or_acc_of(usize bit) { return bit ? Src::acc : Src::slot; }
constexpr Src slot_or_imm_of(usize bit) { return bit ? Src::imm : Src::slot; }
constexpr Dst dst_of(usize bit) { return bit ? Dst::acc : Dst::slot; }
constexpr usize acc_bit(Src src) { return src == Src::acc; }
constexpr usize imm_bit(Src src) { return src == Src::imm; }
constexpr usize dst_bit(Dst dst) { return dst == Dst::acc; }

#define INTEGER_OPS(T)                                                                  \
    Opcode::T##_add, Opcode::T##_sub, Opcode::T##_mul, Opcode::T##_and, Opcode::T##_or, \
        Opcode::T##_xor, Opcode::T##_shl, Opcode::T##_shr_u, Opcode::T##_shr_s, Opcode::T##_rotl
#define FLOAT_OPS(T) Opcode::T##_add, Opcode::T##_sub, Opcode::T##_mul, Opcode::T##_div
#define INTEGER_COMPARES(T)                                                               \
    Opcode::T##_eq, Opcode::T##_ne, Opcode::T##_lt_s, Opcode::T##_lt_u, Opcode::T##_gt_s, \
        Opcode::T##_gt_u, Opcode::T##_le_s, Opcode::T##_le_u, Opcode::T##_ge_s, Opcode::T##_ge_u

}  // namespace waxwing::interp
