// Loads and stores.
//
// An access is in range if address + offset + width <= size, computed without
// wrapping. Of memory 0 with 32-bit addresses the sum fits in 64 bits as it is;
// any_* handlers serve the other memories and 64-bit addresses.
#include <utility>

#include "interp/steps_memory.hpp"

namespace waxwing::interp {
namespace {

#define OUT_OF_BOUNDS() TRAP(Trap::memory_out_of_bounds)

// The place of an access to any memory, or null if it is out of range.
template <AddressType address>
[[gnu::always_inline]] inline u8* locate(const Cell* pc, const u64* fp, const ModuleInst* inst,
                                         u64 width) {
    const MemoryInst& memory = *inst->memories[pc[1].word[1]];
    const u64 size = memory.block.size();
    const u64 base =
        address == AddressType::i32 ? u64{read_slot<u32>(fp, pc[1].slot[1])} : fp[pc[1].slot[1]];
    u64 at;
    if (__builtin_add_overflow(base, pc[2].bits, &at)) return nullptr;
    if (width > size || at > size - width) return nullptr;
    return memory.block.base() + at;
}

template <Opcode op, AddressType address>
HANDLER load_any(STATE) {
    using M = MemoryType_<op>;
    using T = LoadedType<op>;
    const u8* at = locate<address>(pc, fp, inst, sizeof(M));
    if (!at) [[unlikely]]
        OUT_OF_BOUNDS();
    PUT(Dst::slot, static_cast<T>(load_bytes<M>(at)));
    NEXT(3);
}

template <Opcode op, AddressType address>
HANDLER store_any(STATE) {
    using M = MemoryType_<op>;
    const auto narrow = static_cast<M>(read_slot<StoredType<M>>(fp, pc[1].slot[0]));
    u8* at = locate<address>(pc, fp, inst, sizeof(M));
    if (!at) [[unlikely]]
        OUT_OF_BOUNDS();
    std::memcpy(at, &narrow, sizeof narrow);
    NEXT(3);
}

using LoadVariants = std::array<std::array<Handler, 2>, 3>;
template <Opcode op>
constexpr LoadVariants load_variants() {
    return {{{&step<Load<op, Src::slot, Dst::slot>>, &step<Load<op, Src::slot, Dst::acc>>},
             {&step<Load<op, Src::acc, Dst::slot>>, &step<Load<op, Src::acc, Dst::acc>>},
             {&step<Load<op, Src::imm, Dst::slot>>, &step<Load<op, Src::imm, Dst::acc>>}}};
}
using StoreVariants = std::array<std::array<Handler, 3>, 3>;
template <Opcode op>
constexpr StoreVariants store_variants() {
    return {{{&step<StoreTo<op, Src::slot, Src::slot>>, &step<StoreTo<op, Src::slot, Src::acc>>,
              &step<StoreTo<op, Src::slot, Src::imm>>},
             {&step<StoreTo<op, Src::acc, Src::slot>>, &step<StoreTo<op, Src::acc, Src::acc>>,
              &step<StoreTo<op, Src::acc, Src::imm>>},
             {&step<StoreTo<op, Src::imm, Src::slot>>, &step<StoreTo<op, Src::imm, Src::acc>>,
              nullptr}}};
}
using AnyVariants = std::array<Handler, 2>;

template <usize... i>
constexpr auto make_loads(std::index_sequence<i...>) {
    return std::array<LoadVariants, sizeof...(i)>{load_variants<load_family.ops[i]>()...};
}
template <usize... i>
constexpr auto make_stores(std::index_sequence<i...>) {
    return std::array<StoreVariants, sizeof...(i)>{store_variants<store_family.ops[i]>()...};
}
template <usize... i>
constexpr auto make_loads_any(std::index_sequence<i...>) {
    return std::array<AnyVariants, sizeof...(i)>{
        AnyVariants{&load_any<load_family.ops[i], AddressType::i32>,
                    &load_any<load_family.ops[i], AddressType::i64>}...};
}
template <usize... i>
constexpr auto make_stores_any(std::index_sequence<i...>) {
    return std::array<AnyVariants, sizeof...(i)>{
        AnyVariants{&store_any<store_family.ops[i], AddressType::i32>,
                    &store_any<store_family.ops[i], AddressType::i64>}...};
}

constexpr auto loads = make_loads(std::make_index_sequence<load_family.ops.size()>{});
constexpr auto stores = make_stores(std::make_index_sequence<store_family.ops.size()>{});
constexpr auto loads_any = make_loads_any(std::make_index_sequence<load_family.ops.size()>{});
constexpr auto stores_any = make_stores_any(std::make_index_sequence<store_family.ops.size()>{});

}  // namespace

Handler load_handler(Opcode op, Src addr, Dst dst) {
    return loads[load_family.position[static_cast<usize>(op)]][static_cast<usize>(addr)]
                [static_cast<usize>(dst)];
}
Handler store_handler(Opcode op, Src addr, Src value) {
    return stores[store_family.position[static_cast<usize>(op)]][static_cast<usize>(addr)]
                 [static_cast<usize>(value)];
}
Handler load_any_handler(Opcode op, AddressType address) {
    return loads_any[load_family.position[static_cast<usize>(op)]][static_cast<usize>(address)];
}
Handler store_any_handler(Opcode op, AddressType address) {
    return stores_any[store_family.position[static_cast<usize>(op)]][static_cast<usize>(address)];
}

}  // namespace waxwing::interp
