// Vector instructions that load and store. Bounds as in handlers_memory.cpp:
// memory 0 with 32-bit addresses needs no check of the sum.
#include "interp/handlers.hpp"
#include "interp/semantics_simd.hpp"
#include "interp/simd_handlers.hpp"

namespace waxwing::interp {
namespace {

#define VECTOR_HANDLER [[gnu::flatten]] HANDLER

enum class Place : u8 { slot, acc, any32, any64 };

// Where the access goes, or null if it is out of range.
template <Place place>
[[gnu::always_inline]] inline u8* locate(const Cell* pc, const u64* fp, u8* mem, u64 mem_size,
                                         const ModuleInst* inst, u64 acc, u64 width) {
    const u64 offset = pc[2].bits;
    if constexpr (place == Place::slot || place == Place::acc) {
        const u32 base =
            place == Place::acc ? static_cast<u32>(acc) : read_slot<u32>(fp, pc[1].slot[1]);
        const u64 at = base + offset;
        return at + width > mem_size ? nullptr : mem + at;
    } else {
        const MemoryBlock& block = inst->memories[pc[3].word[0]]->block;
        const u64 size = block.size();
        const u64 base =
            place == Place::any32 ? u64{read_slot<u32>(fp, pc[1].slot[1])} : fp[pc[1].slot[1]];
        u64 at;
        if (__builtin_add_overflow(base, offset, &at)) return nullptr;
        if (width > size || at > size - width) return nullptr;
        return block.base() + at;
    }
}

#define LOCATE(at, width)                                                  \
    u8* const at = locate<place>(pc, fp, mem, mem_size, inst, acc, width); \
    if (!at) [[unlikely]]                                                  \
    TRAP(Trap::memory_out_of_bounds)
#define NEXT_ACCESS() NEXT(place == Place::slot || place == Place::acc ? 3 : 4)

template <Opcode op, Place place>
VECTOR_HANDLER load(STATE) {
    FirstArg<op> bytes;
    LOCATE(at, sizeof bytes);
    std::memcpy(&bytes, at, sizeof bytes);
    write_slot(fp, pc[1].slot[0], VecSem<op>::eval(bytes));
    NEXT_ACCESS();
}

template <Opcode op, Place place>
VECTOR_HANDLER load_lane(STATE) {
    using Args = VecArgs<op>;
    typename Args::template At<1> bytes;
    LOCATE(at, sizeof bytes);
    std::memcpy(&bytes, at, sizeof bytes);
    write_slot(fp, pc[1].slot[0],
               VecSem<op>::eval(read_slot<FirstArg<op>>(fp, pc[1].slot[2]), bytes, pc[1].slot[3]));
    NEXT_ACCESS();
}

template <Opcode op, Place place>
VECTOR_HANDLER store(STATE) {
    const auto bytes = read_slot<FirstArg<op>>(fp, pc[1].slot[2]);
    LOCATE(at, sizeof bytes);
    std::memcpy(at, &bytes, sizeof bytes);
    NEXT_ACCESS();
}

template <Opcode op, Place place>
VECTOR_HANDLER store_lane(STATE) {
    FirstArg<op> bytes;
    std::memcpy(&bytes,
                reinterpret_cast<const u8*>(fp + pc[1].slot[2]) + pc[1].slot[3] * sizeof bytes,
                sizeof bytes);
    LOCATE(at, sizeof bytes);
    std::memcpy(at, &bytes, sizeof bytes);
    NEXT_ACCESS();
}

#define BY_PLACE(name)                                                       \
    {&name<op, Place::slot>, &name<op, Place::acc>, &name<op, Place::any32>, \
     &name<op, Place::any64>}

template <Opcode op>
constexpr SimdVariants variants() {
    constexpr SimdShape shape = VecSem<op>::shape;
    if constexpr (shape == SimdShape::load) return BY_PLACE(load);
    if constexpr (shape == SimdShape::load_lane) return BY_PLACE(load_lane);
    if constexpr (shape == SimdShape::store) return BY_PLACE(store);
    if constexpr (shape == SimdShape::store_lane) return BY_PLACE(store_lane);
    return {};
}

template <usize... i>
constexpr auto all_variants(std::index_sequence<i...>) {
    return std::array<SimdVariants, sizeof...(i)>{variants<simd_family.ops[i]>()...};
}
constexpr auto handlers = all_variants(std::make_index_sequence<simd_family.ops.size()>{});

}  // namespace

Handler simd_memory_handler(Opcode op, SimdVariant variant) {
    return handlers[simd_family.position[static_cast<usize>(op)]][static_cast<usize>(variant)];
}

}  // namespace waxwing::interp
