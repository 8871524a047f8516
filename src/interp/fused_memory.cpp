// Loads and stores fused with what makes their address or uses their value.
// A second access that is out of range traps with pc one cell further on, so
// that the trap is told apart from one of the first.
#include "interp/fused_support.hpp"

namespace waxwing::interp {
namespace {

#define OUT_OF_BOUNDS() TRAP(Trap::memory_out_of_bounds)
#define SECOND_OUT_OF_BOUNDS()            \
    do {                                  \
        ++pc;                             \
        TRAP(Trap::memory_out_of_bounds); \
    } while (0)

template <class M>
using Stored =
    std::conditional_t<std::is_integral_v<M>, std::conditional_t<sizeof(M) == 8, u64, u32>, M>;
template <class T>
using Unsigned =
    std::conditional_t<std::is_integral_v<T>, std::conditional_t<sizeof(T) == 8, u64, u32>, T>;

template <Src addr>
[[gnu::always_inline]] inline u64 place_of(const Cell* pc, const u64* fp, u64 acc, int position,
                                           int word) {
    const u32 base =
        addr == Src::acc ? static_cast<u32>(acc) : read_slot<u32>(fp, pc[1].slot[position]);
    return u64{base} + pc[2].word[word];
}

template <Opcode load, Opcode op, Src addr, Src src_c, Dst dst>
HANDLER load_binary(STATE) {
    using M = MemoryType_<load>;
    using T = FusedArg<op>;
    const u64 at = place_of<addr>(pc, fp, acc, 1, 0);
    const T c = FUSED_OPERAND(T, src_c, 2, 1);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    PUT(dst,
        Sem<op>::eval(static_cast<T>(static_cast<LoadedType<load>>(fused_load<M>(mem + at))), c));
    NEXT(3);
}

template <Opcode load, Src src_a, Src src_b, Dst dst>
HANDLER load_add(STATE) {
    using M = MemoryType_<load>;
    const u32 base = FUSED_OPERAND(u32, src_a, 1, 1) + FUSED_OPERAND(u32, src_b, 2, 1);
    const u64 at = u64{base} + pc[2].word[0];
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    PUT(dst, static_cast<LoadedType<load>>(fused_load<M>(mem + at)));
    NEXT(3);
}

template <Opcode load, Src addr, Dst dst>
HANDLER load_load(STATE) {
    using M = MemoryType_<load>;
    const u64 first = place_of<addr>(pc, fp, acc, 1, 0);
    if (first + sizeof(u32) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    const u64 at = u64{fused_load<u32>(mem + first)} + pc[2].word[1];
    if (at + sizeof(M) > mem_size) [[unlikely]]
        SECOND_OUT_OF_BOUNDS();
    PUT(dst, static_cast<LoadedType<load>>(fused_load<M>(mem + at)));
    NEXT(3);
}

template <Opcode op, Opcode store, Src src_a, Src src_b>
HANDLER binary_store(STATE) {
    using M = MemoryType_<store>;
    using T = FusedArg<op>;
    const auto value =
        static_cast<M>(Sem<op>::eval(FUSED_OPERAND(T, src_a, 1, 1), FUSED_OPERAND(T, src_b, 2, 1)));
    const u64 at = place_of<Src::slot>(pc, fp, acc, 0, 0);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    std::memcpy(mem + at, &value, sizeof value);
    NEXT(3);
}

template <Opcode store, Src src_a, Src src_b, Src source>
HANDLER store_add(STATE) {
    using M = MemoryType_<store>;
    using T = Stored<M>;
    const u32 base = FUSED_OPERAND(u32, src_a, 1, 1) + FUSED_OPERAND(u32, src_b, 2, 1);
    const u64 at = u64{base} + pc[2].word[0];
    T value;
    if constexpr (source == Src::imm)
        std::memcpy(&value, &pc[3].bits, sizeof value);
    else
        value = read_slot<T>(fp, pc[1].slot[0]);
    const M narrow = static_cast<M>(value);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    std::memcpy(mem + at, &narrow, sizeof narrow);
    NEXT(source == Src::imm ? 4 : 3);
}

template <class M, Src from>
HANDLER load_store(STATE) {
    const u64 source = place_of<from>(pc, fp, acc, 1, 1);
    if (source + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    const M value = fused_load<M>(mem + source);
    const u64 at = place_of<Src::slot>(pc, fp, acc, 0, 0);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        SECOND_OUT_OF_BOUNDS();
    std::memcpy(mem + at, &value, sizeof value);
    NEXT(3);
}

template <Opcode load, Opcode cmp, Src addr, Src src_c, Dst dst>
HANDLER load_branch(STATE) {
    using M = MemoryType_<load>;
    using T = FusedArg<cmp>;
    const u64 at = place_of<addr>(pc, fp, acc, 1, 0);
    const T c = FUSED_OPERAND(T, src_c, 2, 1);
    if (at + sizeof(M) > mem_size) [[unlikely]]
        OUT_OF_BOUNDS();
    const T t = static_cast<T>(static_cast<LoadedType<load>>(fused_load<M>(mem + at)));
    PUT(dst, t);
    if (Sem<cmp>::eval(t, c)) JUMP(pc[3].target);
    NEXT(4);
}

constexpr OpcodeList loads32(Opcode::i32_load, Opcode::i32_load8_u, Opcode::i32_load8_s,
                             Opcode::i32_load16_u, Opcode::i32_load16_s);
constexpr OpcodeList loads64(Opcode::i64_load, Opcode::i64_load8_u, Opcode::i64_load32_u,
                             Opcode::i64_load32_s);
constexpr OpcodeList all_loads(Opcode::i32_load, Opcode::i32_load8_u, Opcode::i32_load8_s,
                               Opcode::i32_load16_u, Opcode::i32_load16_s, Opcode::i64_load,
                               Opcode::i64_load8_u, Opcode::i64_load8_s, Opcode::i64_load16_u,
                               Opcode::i64_load16_s, Opcode::i64_load32_u, Opcode::i64_load32_s,
                               Opcode::f32_load, Opcode::f64_load);
constexpr OpcodeList all_stores(Opcode::i32_store, Opcode::i32_store8, Opcode::i32_store16,
                                Opcode::i64_store, Opcode::i64_store8, Opcode::i64_store16,
                                Opcode::i64_store32, Opcode::f32_store, Opcode::f64_store);
constexpr OpcodeList ops32(INTEGER_OPS(i32));
constexpr OpcodeList ops64(INTEGER_OPS(i64));
constexpr OpcodeList float_ops32(FLOAT_OPS(f32));
constexpr OpcodeList float_ops64(FLOAT_OPS(f64));
constexpr OpcodeList only_f32(Opcode::f32_load);
constexpr OpcodeList only_f64(Opcode::f64_load);

// Tables of load_binary over a list of loads and a list of operations.
template <const auto& loads, const auto& ops, bool has_immediates>
struct LoadBinary {
    static constexpr usize bits = 3;
    static constexpr usize count = ops.ops.size();
    static constexpr auto table =
        handler_table<loads.ops.size() * count << bits>([]<usize i>() -> Handler {
            constexpr usize places = i & 7;
            if constexpr (!has_immediates && (places & 2)) {
                return nullptr;
            } else {
                return &load_binary<loads.ops[(i >> bits) / count], ops.ops[(i >> bits) % count],
                                    slot_or_acc_of(places & 1), slot_or_imm_of(places >> 1 & 1),
                                    dst_of(places >> 2)>;
            }
        });
    static Handler find(Opcode load, Opcode op, usize places) {
        const u8 l = loads.place(load), o = ops.place(op);
        if (l == loads.absent || o == ops.absent) return nullptr;
        return table[(l * count + o) << bits | places];
    }
};

constexpr auto load_adds = handler_table<all_loads.ops.size() * 8>([]<usize i>() -> Handler {
    return &load_add<all_loads.ops[i / 8], slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                     dst_of(i >> 2 & 1)>;
});
constexpr auto load_loads = handler_table<all_loads.ops.size() * 4>([]<usize i>() -> Handler {
    return &load_load<all_loads.ops[i / 4], slot_or_acc_of(i & 1), dst_of(i >> 1 & 1)>;
});

template <const auto& ops, Opcode store, bool has_immediates>
struct BinaryStore {
    static constexpr auto table = handler_table<ops.ops.size() * 4>([]<usize i>() -> Handler {
        if constexpr (!has_immediates && (i & 2))
            return nullptr;
        else
            return &binary_store<ops.ops[i / 4], store, slot_or_acc_of(i & 1),
                                 slot_or_imm_of(i >> 1 & 1)>;
    });
    static Handler find(Opcode op, usize places) {
        const u8 o = ops.place(op);
        return o == ops.absent ? nullptr : table[o * 4u + places];
    }
};

constexpr auto store_adds = handler_table<all_stores.ops.size() * 8>([]<usize i>() -> Handler {
    return &store_add<all_stores.ops[i / 8], slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                      slot_or_imm_of(i >> 2 & 1)>;
});

template <const auto& loads, const auto& compares>
struct LoadBranch {
    static constexpr usize count = compares.ops.size();
    static constexpr auto table = handler_table<loads.ops.size() * count * 8>([]<usize i>()
                                                                                  -> Handler {
        return &load_branch<loads.ops[i / 8 / count], compares.ops[i / 8 % count],
                            slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1), dst_of(i >> 2 & 1)>;
    });
    static Handler find(Opcode load, Opcode cmp, usize places) {
        const u8 l = loads.place(load), c = compares.place(cmp);
        if (l == loads.absent || c == compares.absent) return nullptr;
        return table[(l * count + c) * 8u + places];
    }
};
constexpr OpcodeList compares32(INTEGER_COMPARES(i32));
constexpr OpcodeList compares64(INTEGER_COMPARES(i64));

}  // namespace

Handler load_binary_handler(Opcode load, Opcode op, Src addr, Src c, Dst dst) {
    const usize places = acc_bit(addr) | imm_bit(c) << 1 | dst_bit(dst) << 2;
    if (const Handler h = LoadBinary<loads32, ops32, true>::find(load, op, places)) return h;
    if (const Handler h = LoadBinary<loads64, ops64, true>::find(load, op, places)) return h;
    if (const Handler h = LoadBinary<only_f32, float_ops32, false>::find(load, op, places))
        return h;
    return LoadBinary<only_f64, float_ops64, false>::find(load, op, places);
}

Handler load_add_handler(Opcode load, Src a, Src b, Dst dst) {
    const u8 l = all_loads.place(load);
    if (l == all_loads.absent) return nullptr;
    return load_adds[l * 8u + (acc_bit(a) | imm_bit(b) << 1 | dst_bit(dst) << 2)];
}

Handler load_load_handler(Opcode load, Src addr, Dst dst) {
    const u8 l = all_loads.place(load);
    if (l == all_loads.absent) return nullptr;
    return load_loads[l * 4u + (acc_bit(addr) | dst_bit(dst) << 1)];
}

Handler binary_store_handler(Opcode op, Opcode store, Src a, Src b) {
    const usize places = acc_bit(a) | imm_bit(b) << 1;
    switch (store) {
    case Opcode::i32_store: return BinaryStore<ops32, Opcode::i32_store, true>::find(op, places);
    case Opcode::i32_store8: return BinaryStore<ops32, Opcode::i32_store8, true>::find(op, places);
    case Opcode::i32_store16:
        return BinaryStore<ops32, Opcode::i32_store16, true>::find(op, places);
    case Opcode::i64_store: return BinaryStore<ops64, Opcode::i64_store, true>::find(op, places);
    case Opcode::f32_store:
        return BinaryStore<float_ops32, Opcode::f32_store, false>::find(op, places);
    case Opcode::f64_store:
        return BinaryStore<float_ops64, Opcode::f64_store, false>::find(op, places);
    default: return nullptr;
    }
}

Handler store_add_handler(Opcode store, Src a, Src b, Src value) {
    const u8 s = all_stores.place(store);
    if (s == all_stores.absent) return nullptr;
    return store_adds[s * 8u + (acc_bit(a) | imm_bit(b) << 1 | imm_bit(value) << 2)];
}

Handler load_store_handler(Opcode load, Opcode store, Src from) {
    const bool acc = from == Src::acc;
    if ((load == Opcode::i32_load && store == Opcode::i32_store) ||
        (load == Opcode::f32_load && store == Opcode::f32_store))
        return acc ? &load_store<u32, Src::acc> : &load_store<u32, Src::slot>;
    if ((load == Opcode::i64_load && store == Opcode::i64_store) ||
        (load == Opcode::f64_load && store == Opcode::f64_store))
        return acc ? &load_store<u64, Src::acc> : &load_store<u64, Src::slot>;
    if ((load == Opcode::i32_load8_u || load == Opcode::i32_load8_s) && store == Opcode::i32_store8)
        return acc ? &load_store<u8, Src::acc> : &load_store<u8, Src::slot>;
    if ((load == Opcode::i32_load16_u || load == Opcode::i32_load16_s) &&
        store == Opcode::i32_store16)
        return acc ? &load_store<u16, Src::acc> : &load_store<u16, Src::slot>;
    return nullptr;
}

Handler load_branch_handler(Opcode load, Opcode cmp, Src addr, Src c, Dst dst) {
    const usize places = acc_bit(addr) | imm_bit(c) << 1 | dst_bit(dst) << 2;
    if (const Handler h = LoadBranch<loads32, compares32>::find(load, cmp, places)) return h;
    return LoadBranch<loads64, compares64>::find(load, cmp, places);
}

}  // namespace waxwing::interp
