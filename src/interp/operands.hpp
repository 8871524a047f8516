// Where operands live and results go, as template parameters of handlers.
#pragma once

#include <bit>
#include <cstring>
#include <type_traits>

#include "interp/code.hpp"

namespace waxwing::interp {

enum class Src : u8 { slot, acc, imm };
enum class Dst : u8 { slot, acc };  // acc: only there; slot: there too
// What an untyped move carries, and which accumulator goes with it.
enum class SlotKind : u8 { word, f32, f64, v128 };

template <class T>
[[gnu::always_inline]] inline T read_slot(const u64* fp, u16 slot) {
    T value;
    std::memcpy(&value, fp + slot, sizeof value);
    return value;
}

// Results fill the whole slot, an f32 the low half only. Who reads an i32 reads
// the low half: the high half is anything, because i32.wrap_i64 does nothing.
template <class T>
[[gnu::always_inline]] inline void write_slot(u64* fp, u16 slot, T value) {
    if constexpr (std::is_integral_v<T>) {
        fp[slot] = static_cast<std::make_unsigned_t<T>>(value);
    } else {
        std::memcpy(fp + slot, &value, sizeof value);
    }
}

template <class T>
[[gnu::always_inline]] inline T read_acc(u64 acc, double facc, float sacc) {
    if constexpr (std::is_same_v<T, double>)
        return facc;
    else if constexpr (std::is_same_v<T, float>)
        return sacc;
    else
        return static_cast<T>(acc);
}

// An immediate of 32 bits lies beside the slots of the first operand cell, a
// wider one in the cell after it.
template <class T>
[[gnu::always_inline]] inline T read_imm(const Cell* pc) {
    if constexpr (sizeof(T) == 4)
        return std::bit_cast<T>(pc[1].word[1]);
    else
        return std::bit_cast<T>(pc[2].bits);
}
template <class T>
inline constexpr int imm_cells = sizeof(T) == 4 ? 0 : 1;

template <class T, Src src>
[[gnu::always_inline]] inline T read(const Cell* pc, const u64* fp, u64 acc, double facc,
                                     float sacc, int position) {
    if constexpr (src == Src::slot)
        return read_slot<T>(fp, pc[1].slot[position]);
    else if constexpr (src == Src::acc)
        return read_acc<T>(acc, facc, sacc);
    else
        return read_imm<T>(pc);
}

// Leaves a result in its accumulator and, if asked, in the slot named by the
// first operand.
template <Dst dst, class T>
[[gnu::always_inline]] inline void put(T value, const Cell* pc, u64* fp, u64& acc, double& facc,
                                       float& sacc) {
    if constexpr (std::is_same_v<T, double>)
        facc = value;
    else if constexpr (std::is_same_v<T, float>)
        sacc = value;
    else
        acc = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (dst == Dst::slot) write_slot(fp, pc[1].slot[0], value);
}

}  // namespace waxwing::interp
