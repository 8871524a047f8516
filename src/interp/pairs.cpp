#include "interp/pairs.hpp"

#include <array>

#include "interp/steps_control.hpp"
#include "interp/steps_fused.hpp"

namespace waxwing::interp {
namespace {

using enum Opcode;
// Places of operands and results, as short as the list needs them.
constexpr Src S = Src::slot, A = Src::acc, I = Src::imm;
constexpr Dst s = Dst::slot, a = Dst::acc;
[[maybe_unused]] constexpr SlotKind word = SlotKind::word, f64_ = SlotKind::f64,
                                    f32_ = SlotKind::f32;
template <class First, class Second>
using Seq = Sequence<First, Second>;

struct Pair {
    Handler first, second, both;
};

#define UNWRAP(...) __VA_ARGS__
#define PAIR(First, Second) \
    {&step<UNWRAP First>, &step<UNWRAP Second>, &step<Sequence<UNWRAP First, UNWRAP Second>>},
constexpr Pair pairs[] = {
#include "interp/pairs.def"
};
#undef PAIR

constexpr usize slots = 4096;
static_assert(std::size(pairs) * 3 < slots);

usize hash(Handler first, Handler second) {
    const auto a = reinterpret_cast<u64>(first), b = reinterpret_cast<u64>(second);
    return ((a * 0x9E3779B97F4A7C15) ^ (b * 0xC2B2AE3D27D4EB4F)) >> 52;
}

// Pairs by hash, open addressing.
struct Table {
    std::array<u16, slots> places{};  // 1 + index of a pair; 0 for none

    Table() {
        u16 number = 0;
        for (const Pair& pair : pairs) {
            usize at = hash(pair.first, pair.second);
            while (places[at])
                at = (at + 1) % slots;
            places[at] = ++number;
        }
    }
};

}  // namespace

Handler pair_handler(Handler first, Handler second) {
    static const Table table;
    for (usize at = hash(first, second); const u16 number = table.places[at];
         at = (at + 1) % slots) {
        const Pair& pair = pairs[number - 1];
        if (pair.first == first && pair.second == second) return pair.both;
    }
    return nullptr;
}

}  // namespace waxwing::interp
