// Atomic memory access and wide arithmetic: proposals, off by default.
//
// Operands lie in consecutive slots from `base` on, the results go there:
// {base, -, #memory} {offset}.
#include <atomic>
#include <chrono>
#include <thread>

#include "core/opcode.hpp"
#include "interp/families.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

struct AtomicInfo {
    std::string_view name;
    Immediates immediates;
};
constexpr std::array<AtomicInfo, opcode_count> atomic_info = {{
#define OP(ident, name, encoding, imm, ...) {name, Immediates::imm},
#define RULE(ident, name, encoding, imm, ...) {name, Immediates::imm},
#define LEGACY(ident, name, encoding, imm, ...) {name, Immediates::imm},
#include "core/opcodes.def"
}};

constexpr bool names(Opcode op, std::string_view part) {
    return atomic_info[static_cast<usize>(op)].name.find(part) != std::string_view::npos;
}

template <Opcode op>
constexpr auto word_in_memory() {
    switch (natural_alignment_log2(atomic_info[static_cast<usize>(op)].immediates)) {
    case 0: return 8;
    case 1: return 16;
    case 2: return 32;
    default: return 64;
    }
}
template <Opcode op>
using AtomicWord = decltype(type_named<'u', word_in_memory<op>()>());

// The place of an aligned access, or why there is none.
struct AtomicPlace {
    u8* at;
    Trap trap;
};
AtomicPlace locate_atomic(const ModuleInst* inst, const u64* base, u32 index, u64 offset,
                          u64 width) {
    const MemoryInst& memory = *inst->memories[index];
    const u64 size = memory.block.size();
    const u64 address =
        memory.type.address == AddressType::i64 ? base[0] : static_cast<u32>(base[0]);
    u64 at;
    if (__builtin_add_overflow(address, offset, &at) || width > size || at > size - width)
        return {nullptr, Trap::memory_out_of_bounds};
    if (at % width != 0) return {nullptr, Trap::unaligned_atomic};
    return {memory.block.base() + at, Trap::none};
}

// Waits until the time is over or the call is to stop: one thread at a time
// uses a store, so nobody can wake it.
u64 wait_for(const ModuleInst* inst, s64 timeout_ns) {
    using Clock = std::chrono::steady_clock;
    constexpr auto slice = std::chrono::milliseconds(5);
    const auto begin = Clock::now();
    while (!inst->activation->should_stop()) {
        if (timeout_ns >= 0) {
            const auto left = std::chrono::nanoseconds(timeout_ns) - (Clock::now() - begin);
            if (left <= left.zero()) break;
            std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, slice));
        } else {
            std::this_thread::sleep_for(slice);
        }
    }
    return 2;
}

template <Opcode op, class W>
void read_modify_write(std::atomic_ref<W> word, u64* base) {
    const auto value = static_cast<W>(base[1]);
    if constexpr (names(op, "cmpxchg")) {
        W found = value;
        word.compare_exchange_strong(found, static_cast<W>(base[2]));
        base[0] = found;
    } else if constexpr (names(op, "xchg")) {
        base[0] = word.exchange(value);
    } else if constexpr (names(op, ".add")) {
        base[0] = word.fetch_add(value);
    } else if constexpr (names(op, ".sub")) {
        base[0] = word.fetch_sub(value);
    } else if constexpr (names(op, ".and")) {
        base[0] = word.fetch_and(value);
    } else if constexpr (names(op, ".or")) {
        base[0] = word.fetch_or(value);
    } else {
        static_assert(names(op, ".xor"));
        base[0] = word.fetch_xor(value);
    }
}

template <Opcode op>
HANDLER atomic(STATE) {
    using W = AtomicWord<op>;
    u64* base = fp + pc[1].slot[0];
    const AtomicPlace place = locate_atomic(inst, base, pc[1].word[1], pc[2].bits, sizeof(W));
    if (place.trap != Trap::none) [[unlikely]]
        TRAP(place.trap);
    const std::atomic_ref<W> word(*reinterpret_cast<W*>(place.at));
    if constexpr (names(op, "notify")) {
        base[0] = 0;
    } else if constexpr (names(op, "wait")) {
        if (!inst->memories[pc[1].word[1]]->type.shared) TRAP(Trap::expected_shared_memory);
        base[0] =
            word.load() != static_cast<W>(base[1]) ? 1 : wait_for(inst, static_cast<s64>(base[2]));
    } else if constexpr (names(op, ".load")) {
        base[0] = word.load();
    } else if constexpr (names(op, ".store")) {
        word.store(static_cast<W>(base[1]));
    } else {
        read_modify_write<op>(word, base);
    }
    NEXT(3);
}

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

Wide join(const u64* low) { return Wide{low[1]} << 64 | low[0]; }
void split(Wide value, u64* base) {
    base[0] = static_cast<u64>(value);
    base[1] = static_cast<u64>(value >> 64);
}

template <Opcode op>
HANDLER wide(STATE) {
    u64* base = fp + pc[1].slot[0];
    if constexpr (op == Opcode::i64_add128)
        split(join(base) + join(base + 2), base);
    else if constexpr (op == Opcode::i64_sub128)
        split(join(base) - join(base + 2), base);
    else if constexpr (op == Opcode::i64_mul_wide_u)
        split(Wide{base[0]} * base[1], base);
    else
        split(static_cast<Wide>(SignedWide{static_cast<s64>(base[0])} * static_cast<s64>(base[1])),
              base);
    NEXT(3);
}

constexpr auto atomic_ops = list_family<family_size("atomic")>("atomic");
constexpr auto wide_ops = list_family<family_size("wide")>("wide");
template <usize... i>
constexpr auto make_atomics(std::index_sequence<i...>) {
    return std::array<Handler, sizeof...(i)>{&atomic<atomic_ops.ops[i]>...};
}
template <usize... i>
constexpr auto make_wides(std::index_sequence<i...>) {
    return std::array<Handler, sizeof...(i)>{&wide<wide_ops.ops[i]>...};
}
constexpr auto atomics = make_atomics(std::make_index_sequence<atomic_ops.ops.size()>{});
constexpr auto wides = make_wides(std::make_index_sequence<wide_ops.ops.size()>{});

}  // namespace

Handler atomic_handler(Opcode op) { return atomics[atomic_ops.position[static_cast<usize>(op)]]; }
Handler wide_handler(Opcode op) { return wides[wide_ops.position[static_cast<usize>(op)]]; }

}  // namespace waxwing::interp
