// Vector instructions that do not touch memory.
#include <utility>

#include "interp/handlers.hpp"
#include "interp/semantics_simd.hpp"
#include "interp/simd_handlers.hpp"

namespace waxwing::interp {
namespace {

// Everything below a handler is inlined: what is not would cost it the machine's registers.
#define VECTOR_HANDLER [[gnu::flatten]] HANDLER
#define PUT(dst, value) put<dst>(value, pc, fp, acc, facc, sacc)

// eval of the vectors in the slots that follow the first.
template <class R, class... A, usize... i>
[[gnu::always_inline]] inline R apply(R (*eval)(A...), const Cell* pc, const u64* fp,
                                      std::index_sequence<i...>) {
    return eval(read_slot<A>(fp, pc[1].slot[i + 1])...);
}
template <class R, class... A>
[[gnu::always_inline]] inline R apply(R (*eval)(A...), const Cell* pc, const u64* fp) {
    return apply(eval, pc, fp, std::index_sequence_for<A...>{});
}

template <Opcode op>
VECTOR_HANDLER vectors(STATE) {
    write_slot(fp, pc[1].slot[0], apply(VecSem<op>::eval, pc, fp));
    NEXT(2);
}

template <Opcode op>
VECTOR_HANDLER shuffle(STATE) {
    Vec<u8> indices;
    std::memcpy(&indices, pc + 2, sizeof indices);
    write_slot(fp, pc[1].slot[0],
               VecSem<op>::eval(read_slot<Vec<u8>>(fp, pc[1].slot[1]),
                                read_slot<Vec<u8>>(fp, pc[1].slot[2]), indices));
    NEXT(4);
}

template <Opcode op, Dst dst>
VECTOR_HANDLER test(STATE) {
    PUT(dst, apply(VecSem<op>::eval, pc, fp));
    NEXT(2);
}

// The lane is read from where it lies in the frame.
template <Opcode op, Dst dst>
VECTOR_HANDLER extract(STATE) {
    using T = LastArg<op>;
    T lane;
    std::memcpy(&lane, reinterpret_cast<const u8*>(fp + pc[1].slot[1]) + pc[1].slot[2] * sizeof(T),
                sizeof lane);
    PUT(dst, VecSem<op>::eval(lane));
    NEXT(2);
}

#define SCALAR(T) read<T, src>(pc, fp, acc, facc, sacc, 1)

template <Opcode op, Src src>
VECTOR_HANDLER splat(STATE) {
    using T = LastArg<op>;
    write_slot(fp, pc[1].slot[0], VecSem<op>::eval(SCALAR(T)));
    NEXT(2);
}

template <Opcode op, Src src>
VECTOR_HANDLER shift(STATE) {
    u32 count;
    if constexpr (src == Src::imm)
        count = pc[1].slot[1];
    else
        count = SCALAR(u32);
    write_slot(fp, pc[1].slot[0],
               VecSem<op>::eval(read_slot<FirstArg<op>>(fp, pc[1].slot[2]), count));
    NEXT(2);
}

template <Opcode op, Src src>
VECTOR_HANDLER replace(STATE) {
    using T = typename VecArgs<op>::template At<1>;
    write_slot(
        fp, pc[1].slot[0],
        VecSem<op>::eval(read_slot<FirstArg<op>>(fp, pc[1].slot[2]), SCALAR(T), pc[1].slot[3]));
    NEXT(2);
}

template <Opcode op>
constexpr SimdVariants variants() {
    constexpr SimdShape shape = VecSem<op>::shape;
    if constexpr (shape == SimdShape::vectors) return {&vectors<op>};
    if constexpr (shape == SimdShape::shuffle) return {&shuffle<op>};
    if constexpr (shape == SimdShape::test) return {&test<op, Dst::slot>, &test<op, Dst::acc>};
    if constexpr (shape == SimdShape::extract)
        return {&extract<op, Dst::slot>, &extract<op, Dst::acc>};
    if constexpr (shape == SimdShape::splat) return {&splat<op, Src::slot>, &splat<op, Src::acc>};
    if constexpr (shape == SimdShape::shift)
        return {&shift<op, Src::slot>, &shift<op, Src::acc>, &shift<op, Src::imm>};
    if constexpr (shape == SimdShape::replace)
        return {&replace<op, Src::slot>, &replace<op, Src::acc>};
    return {};  // handlers_simd_memory.cpp
}

template <usize... i>
constexpr auto all_variants(std::index_sequence<i...>) {
    return std::array<SimdVariants, sizeof...(i)>{variants<simd_family.ops[i]>()...};
}
template <usize... i>
constexpr auto all_shapes(std::index_sequence<i...>) {
    return std::array<SimdShape, sizeof...(i)>{VecSem<simd_family.ops[i]>::shape...};
}

constexpr std::make_index_sequence<simd_family.ops.size()> every_op;
constexpr auto handlers = all_variants(every_op);
constexpr auto shapes = all_shapes(every_op);

}  // namespace

SimdShape simd_shape(Opcode op) { return shapes[simd_family.position[static_cast<usize>(op)]]; }

Handler simd_handler(Opcode op, SimdVariant variant) {
    if (simd_shape(op) >= SimdShape::load) return simd_memory_handler(op, variant);
    return handlers[simd_family.position[static_cast<usize>(op)]][static_cast<usize>(variant)];
}

}  // namespace waxwing::interp
