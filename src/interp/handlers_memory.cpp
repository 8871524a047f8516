// Loads and stores.
//
// An access is in range if address + offset + width <= size, computed without
// wrapping. Of memory 0 with 32-bit addresses the sum fits in 64 bits as it is;
// any_* handlers serve the other memories and 64-bit addresses.
#include <utility>

#include "interp/families.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

#define OUT_OF_BOUNDS() TRAP(Trap::memory_out_of_bounds)
#define PUT(dst, value) put<dst>(value, pc, fp, acc, facc, sacc)

template <class T>
[[gnu::always_inline]] inline T load_bytes(const u8* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <Src addr>
[[gnu::always_inline]] inline u64 effective(const Cell* pc, const u64* fp, u64 acc, int position) {
    if constexpr (addr == Src::imm)
        return pc[2].bits;
    else if constexpr (addr == Src::acc)
        return u64{static_cast<u32>(acc)} + pc[1].word[1];
    else
        return u64{read_slot<u32>(fp, pc[1].slot[position])} + pc[1].word[1];
}

template <Opcode op, Src addr, Dst dst>
HANDLER load(STATE) {
    using M = MemoryType_<op>;
    using T = LoadedType<op>;
    const u64 at = effective<addr>(pc, fp, acc, 1);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    PUT(dst, static_cast<T>(load_bytes<M>(mem + at)));
    NEXT(addr == Src::imm ? 3 : 2);
}

// What is stored: floats as they are, integers cut to the width in memory.
template <class M>
using StoredType =
    std::conditional_t<std::is_integral_v<M>, std::conditional_t<sizeof(M) == 8, u64, u32>, M>;

template <Opcode op, Src addr, Src source>
HANDLER store(STATE) {
    using M = MemoryType_<op>;
    using T = StoredType<M>;
    const u64 at = effective<addr>(pc, fp, acc, 0);
    T value;
    if constexpr (source == Src::slot)
        value = read_slot<T>(fp, pc[1].slot[1]);
    else if constexpr (source == Src::acc)
        value = read_acc<T>(acc, facc, sacc);
    else
        std::memcpy(&value, &pc[2].bits, sizeof value);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    const M narrow = static_cast<M>(value);
    std::memcpy(mem + at, &narrow, sizeof narrow);
    NEXT(addr == Src::imm || source == Src::imm ? 3 : 2);
}

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
    return {{{&load<op, Src::slot, Dst::slot>, &load<op, Src::slot, Dst::acc>},
             {&load<op, Src::acc, Dst::slot>, &load<op, Src::acc, Dst::acc>},
             {&load<op, Src::imm, Dst::slot>, &load<op, Src::imm, Dst::acc>}}};
}
using StoreVariants = std::array<std::array<Handler, 3>, 3>;
template <Opcode op>
constexpr StoreVariants store_variants() {
    return {{{&store<op, Src::slot, Src::slot>, &store<op, Src::slot, Src::acc>,
              &store<op, Src::slot, Src::imm>},
             {&store<op, Src::acc, Src::slot>, &store<op, Src::acc, Src::acc>,
              &store<op, Src::acc, Src::imm>},
             {&store<op, Src::imm, Src::slot>, &store<op, Src::imm, Src::acc>, nullptr}}};
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
