// Loads and stores fused with what makes their address or uses their value.
// A second access that is out of range traps with pc one cell further on, so
// that the trap is told apart from one of the first.
#include "interp/fused_support.hpp"

namespace waxwing::interp {
namespace {

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
struct LoadBinaryTable {
    static constexpr usize bits = 3;
    static constexpr usize count = ops.ops.size();
    static constexpr auto table =
        handler_table<loads.ops.size() * count << bits>([]<usize i>() -> Handler {
            constexpr usize places = i & 7;
            if constexpr (!has_immediates && (places & 2)) {
                return nullptr;
            } else {
                return &step<LoadBinary<loads.ops[(i >> bits) / count],
                                        ops.ops[(i >> bits) % count], slot_or_acc_of(places & 1),
                                        slot_or_imm_of(places >> 1 & 1), dst_of(places >> 2)>>;
            }
        });
    static Handler find(Opcode load, Opcode op, usize places) {
        const u8 l = loads.place(load), o = ops.place(op);
        if (l == loads.absent || o == ops.absent) return nullptr;
        return table[(l * count + o) << bits | places];
    }
};

constexpr auto load_adds = handler_table<all_loads.ops.size() * 8>([]<usize i>() -> Handler {
    return &step<LoadAdd<all_loads.ops[i / 8], slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                         dst_of(i >> 2 & 1)>>;
});
constexpr auto load_loads = handler_table<all_loads.ops.size() * 4>([]<usize i>() -> Handler {
    return &step<LoadLoad<all_loads.ops[i / 4], slot_or_acc_of(i & 1), dst_of(i >> 1 & 1)>>;
});

template <const auto& ops, Opcode store, bool has_immediates>
struct BinaryStoreTable {
    static constexpr auto table = handler_table<ops.ops.size() * 4>([]<usize i>() -> Handler {
        if constexpr (!has_immediates && (i & 2))
            return nullptr;
        else
            return &step<BinaryStore<ops.ops[i / 4], store, slot_or_acc_of(i & 1),
                                     slot_or_imm_of(i >> 1 & 1)>>;
    });
    static Handler find(Opcode op, usize places) {
        const u8 o = ops.place(op);
        return o == ops.absent ? nullptr : table[o * 4u + places];
    }
};

constexpr auto store_adds = handler_table<all_stores.ops.size() * 8>([]<usize i>() -> Handler {
    return &step<StoreAdd<all_stores.ops[i / 8], slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                          slot_or_imm_of(i >> 2 & 1)>>;
});

template <const auto& loads, const auto& compares>
struct LoadBranchTable {
    static constexpr usize count = compares.ops.size();
    static constexpr auto table =
        handler_table<loads.ops.size() * count * 8>([]<usize i>() -> Handler {
            return &step<
                LoadBranch<loads.ops[i / 8 / count], compares.ops[i / 8 % count],
                           slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1), dst_of(i >> 2 & 1)>>;
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
    if (const Handler h = LoadBinaryTable<loads32, ops32, true>::find(load, op, places)) return h;
    if (const Handler h = LoadBinaryTable<loads64, ops64, true>::find(load, op, places)) return h;
    if (const Handler h = LoadBinaryTable<only_f32, float_ops32, false>::find(load, op, places))
        return h;
    return LoadBinaryTable<only_f64, float_ops64, false>::find(load, op, places);
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
    case Opcode::i32_store:
        return BinaryStoreTable<ops32, Opcode::i32_store, true>::find(op, places);
    case Opcode::i32_store8:
        return BinaryStoreTable<ops32, Opcode::i32_store8, true>::find(op, places);
    case Opcode::i32_store16:
        return BinaryStoreTable<ops32, Opcode::i32_store16, true>::find(op, places);
    case Opcode::i64_store:
        return BinaryStoreTable<ops64, Opcode::i64_store, true>::find(op, places);
    case Opcode::f32_store:
        return BinaryStoreTable<float_ops32, Opcode::f32_store, false>::find(op, places);
    case Opcode::f64_store:
        return BinaryStoreTable<float_ops64, Opcode::f64_store, false>::find(op, places);
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
        return acc ? &step<LoadStore<u32, Src::acc>> : &step<LoadStore<u32, Src::slot>>;
    if ((load == Opcode::i64_load && store == Opcode::i64_store) ||
        (load == Opcode::f64_load && store == Opcode::f64_store))
        return acc ? &step<LoadStore<u64, Src::acc>> : &step<LoadStore<u64, Src::slot>>;
    if ((load == Opcode::i32_load8_u || load == Opcode::i32_load8_s) && store == Opcode::i32_store8)
        return acc ? &step<LoadStore<u8, Src::acc>> : &step<LoadStore<u8, Src::slot>>;
    if ((load == Opcode::i32_load16_u || load == Opcode::i32_load16_s) &&
        store == Opcode::i32_store16)
        return acc ? &step<LoadStore<u16, Src::acc>> : &step<LoadStore<u16, Src::slot>>;
    return nullptr;
}

Handler load_branch_handler(Opcode load, Opcode cmp, Src addr, Src c, Dst dst) {
    const usize places = acc_bit(addr) | imm_bit(c) << 1 | dst_bit(dst) << 2;
    if (const Handler h = LoadBranchTable<loads32, compares32>::find(load, cmp, places)) return h;
    return LoadBranchTable<loads64, compares64>::find(load, cmp, places);
}

}  // namespace waxwing::interp
