// Arithmetic fused with the branch that tests it, comparisons with select, and
// the shadow stack's pointer.
#include "interp/fused_support.hpp"

namespace waxwing::interp {

Handler binary2_i32(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_i64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_f32(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);
Handler binary2_f64(Opcode op1, Opcode op2, Src a, Src b, Src c, bool reversed, Dst dst);

namespace {

template <Opcode op, Opcode cmp, Src src_a, Src src_b, Src src_c, Dst dst>
HANDLER binary_branch(STATE) {
    using T = FusedArg<op>;
    const T c = FUSED_OPERAND(T, src_c, 3, 1);
    const T t = Sem<op>::eval(FUSED_OPERAND(T, src_a, 1, 0), FUSED_OPERAND(T, src_b, 2, 0));
    PUT(dst, t);
    constexpr int target = src_b == Src::imm || src_c == Src::imm ? 3 : 2;
    if (Sem<cmp>::eval(t, c)) JUMP(pc[target].target);
    NEXT(target + 1);
}

template <Opcode cmp, Src src_a, Src src_b, Dst dst>
HANDLER compare_select(STATE) {
    using T = FusedArg<cmp>;
    const T a = FUSED_OPERAND(T, src_a, 3, 0);
    T b;
    if constexpr (src_b == Src::imm)
        b = narrow_imm<T>(pc[2].word[1]);
    else
        b = read_slot<T>(fp, pc[2].slot[0]);
    const u16 source = Sem<cmp>::eval(a, b) ? pc[1].slot[1] : pc[1].slot[2];
    PUT(dst, fp[source]);
    NEXT(3);
}

template <const auto& ops, const auto& compares>
struct BinaryBranch {
    static constexpr usize count = compares.ops.size();
    static constexpr auto table =
        handler_table<ops.ops.size() * count * 16>([]<usize i>() -> Handler {
            return &binary_branch<ops.ops[i / 16 / count], compares.ops[i / 16 % count],
                                  slot_or_acc_of(i & 1), slot_or_imm_of(i >> 1 & 1),
                                  slot_or_imm_of(i >> 2 & 1), dst_of(i >> 3 & 1)>;
        });
    static Handler find(Opcode op, Opcode cmp, usize places) {
        const u8 o = ops.place(op), c = compares.place(cmp);
        if (o == ops.absent || c == compares.absent) return nullptr;
        return table[(o * count + c) * 16u + places];
    }
};

template <const auto& compares>
struct CompareSelect {
    static constexpr auto table = handler_table<compares.ops.size() * 8>([]<usize i>() -> Handler {
        return &compare_select<compares.ops[i / 8], slot_or_acc_of(i & 1),
                               slot_or_imm_of(i >> 1 & 1), dst_of(i >> 2 & 1)>;
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

HANDLER add_add(STATE) {
    write_slot<u32>(fp, pc[1].slot[0], read_slot<u32>(fp, pc[1].slot[1]) + pc[2].word[0]);
    acc = read_slot<u32>(fp, pc[1].slot[3]) + pc[2].word[1];
    write_slot<u32>(fp, pc[1].slot[2], static_cast<u32>(acc));
    acc = static_cast<u32>(acc);
    NEXT(3);
}

HANDLER global_sub_tee(STATE) {
    GlobalInst* global = inst->globals[pc[2].word[0]];
    acc = static_cast<u32>(global->bits[0]) - pc[1].word[1];
    global->bits[0] = acc;
    fp[pc[1].slot[0]] = acc;
    NEXT(3);
}

HANDLER global_set_add(STATE) {
    const u32 sum = read_slot<u32>(fp, pc[1].slot[1]) + pc[1].word[1];
    acc = sum;
    inst->globals[pc[2].word[0]]->bits[0] = sum;
    NEXT(3);
}

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
    if (const Handler h = BinaryBranch<ops32, compares32>::find(op, cmp, places)) return h;
    return BinaryBranch<ops64, compares64>::find(op, cmp, places);
}

Handler compare_select_handler(Opcode cmp, Src a, Src b, Dst dst) {
    const usize places = acc_bit(a) | imm_bit(b) << 1 | dst_bit(dst) << 2;
    if (const Handler h = CompareSelect<compares32>::find(cmp, places)) return h;
    return CompareSelect<compares64>::find(cmp, places);
}

}  // namespace waxwing::interp
