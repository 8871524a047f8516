// Arithmetic fused with the branch that tests it, comparisons with select, and
// the shadow stack's pointer.
#include "interp/fused_support.hpp"

namespace waxwing::interp {

Handler binary2_i32(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_i64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_f32(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_f64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);

namespace {

template <const auto& ops, const auto& compares>
struct BinaryBranchTable {
    static constexpr usize count = compares.ops.size();
    static constexpr auto table =
        handler_table<ops.ops.size() * count * 16>([]<usize i>() -> Handler {
            return &step<BinaryBranch<ops.ops[i / 16 / count], compares.ops[i / 16 % count],
                                      slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                                      slot_or_imm_of(i >> 2 & 1), dst_of(i >> 3 & 1)>>;
        });
    static Handler find(Opcode op, Opcode cmp, usize places) {
        const u8 o = ops.place(op), c = compares.place(cmp);
        if (o == ops.absent || c == compares.absent) return nullptr;
        return table[(o * count + c) * 16u + places];
    }
};

template <const auto& compares>
struct CompareSelectTable {
    static constexpr auto table = handler_table<compares.ops.size() * 8>([]<usize i>() -> Handler {
        return &step<CompareSelect<compares.ops[i / 8], slot_or_acc_of(i & 1),
                                   slot_or_imm_of(i >> 1 & 1), dst_of(i >> 2 & 1)>>;
    });
    static Handler find(Opcode cmp, usize places) {
        const u8 c = compares.place(cmp);
        return c == compares.absent ? nullptr : table[c * 8u + places];
    }
};

constexpr OpcodeList ops32(Opcode::i32_add, Opcode::i32_sub, Opcode::i32_and, Opcode::i32_shr_u);
constexpr OpcodeList ops64(Opcode::i64_add, Opcode::i64_sub, Opcode::i64_and);
constexpr OpcodeList compares32(INTEGER_COMPARES(i32));
constexpr OpcodeList compares64(INTEGER_COMPARES(i64));

}  // namespace

Handler add_add_handler() { return &step<AddAdd>; }
Handler global_sub_tee_handler() { return &step<GlobalSubTee>; }
Handler global_set_add_handler() { return &step<GlobalSetAdd>; }

Handler binary2_handler(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst) {
    switch (info(op1).type.inputs[0]) {
    case OperandType::i32: return binary2_i32(op1, op2, a, b, c, reversed, dst);
    case OperandType::i64: return binary2_i64(op1, op2, a, b, c, reversed, dst);
    case OperandType::f32: return binary2_f32(op1, op2, a, b, c, reversed, dst);
    case OperandType::f64: return binary2_f64(op1, op2, a, b, c, reversed, dst);
    default: return nullptr;
    }
}

Handler binary_branch_handler(Opcode op, Opcode cmp, Src a, Src b, Src c, Dst dst) {
    const usize places = acc_bit(a) | imm_bit(b) << 1 | imm_bit(c) << 2 | dst_bit(dst) << 3;
    if (const Handler h = BinaryBranchTable<ops32, compares32>::find(op, cmp, places)) return h;
    return BinaryBranchTable<ops64, compares64>::find(op, cmp, places);
}

Handler compare_select_handler(Opcode cmp, Src a, Src b, Dst dst) {
    const usize places = acc_bit(a) | imm_bit(b) << 1 | dst_bit(dst) << 2;
    if (const Handler h = CompareSelectTable<compares32>::find(cmp, places)) return h;
    return CompareSelectTable<compares64>::find(cmp, places);
}

}  // namespace waxwing::interp
