// Instructions that are rare or long anyway: tables, bulk operations, sizes,
// references. Their operands lie in consecutive slots from `base` on, and the
// result (if any) goes to `base`: {base, -, #first index} {#second index}.
#include <cstring>

#include "interp/handlers.hpp"

namespace waxwing::interp {
namespace {

#define BASE (fp + pc[1].slot[0])
#define FIRST (pc[1].word[1])
#define SECOND (pc[2].word[0])

// [offset, offset + length) lies within [0, size).
bool in_range(u64 offset, u64 length, u64 size) {
    return length <= size && offset <= size - length;
}

// -1 in the address type's width: what a refused growth gives.
u64 refused(AddressType address) {
    return address == AddressType::i64 ? ~u64{0} : u64{0xFFFFFFFF};
}

Trap memory_size(ModuleInst* inst, u64* base, u32 memory, u32) {
    base[0] = inst->memories[memory]->pages;
    return Trap::none;
}

Trap memory_grow(ModuleInst* inst, u64* base, u32 index, u32) {
    MemoryInst& memory = *inst->memories[index];
    base[0] = memory.grow(base[0]).value_or(refused(memory.type.address));
    return Trap::none;
}

Trap memory_fill(ModuleInst* inst, u64* base, u32 index, u32) {
    MemoryInst& memory = *inst->memories[index];
    if (!in_range(base[0], base[2], memory.block.size())) return Trap::memory_out_of_bounds;
    if (base[2]) std::memset(memory.block.base() + base[0], static_cast<u8>(base[1]), base[2]);
    return Trap::none;
}

Trap memory_copy(ModuleInst* inst, u64* base, u32 to_index, u32 from_index) {
    MemoryInst& to = *inst->memories[to_index];
    MemoryInst& from = *inst->memories[from_index];
    if (!in_range(base[0], base[2], to.block.size()) ||
        !in_range(base[1], base[2], from.block.size()))
        return Trap::memory_out_of_bounds;
    if (base[2]) std::memmove(to.block.base() + base[0], from.block.base() + base[1], base[2]);
    return Trap::none;
}

Trap memory_init(ModuleInst* inst, u64* base, u32 segment, u32 index) {
    return init_memory(*inst, index, segment, base[0], base[1], base[2]);
}

Trap data_drop(ModuleInst* inst, u64*, u32 segment, u32) {
    inst->dropped_datas[segment] = true;
    return Trap::none;
}

Trap table_get(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    if (base[0] >= table.size) return Trap::table_out_of_bounds;
    base[0] = table.elements[base[0]];
    return Trap::none;
}

Trap table_set(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    if (base[0] >= table.size) return Trap::table_out_of_bounds;
    table.elements[base[0]] = base[1];
    return Trap::none;
}

Trap table_size(ModuleInst* inst, u64* base, u32 index, u32) {
    base[0] = inst->tables[index]->size;
    return Trap::none;
}

Trap table_grow(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    base[0] = table.grow(base[1], base[0]).value_or(refused(table.type.address));
    return Trap::none;
}

Trap table_fill(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    if (!in_range(base[0], base[2], table.size)) return Trap::table_out_of_bounds;
    std::fill_n(table.elements + base[0], base[2], base[1]);
    return Trap::none;
}

Trap table_copy(ModuleInst* inst, u64* base, u32 to_index, u32 from_index) {
    TableInst& to = *inst->tables[to_index];
    TableInst& from = *inst->tables[from_index];
    if (!in_range(base[0], base[2], to.size) || !in_range(base[1], base[2], from.size))
        return Trap::table_out_of_bounds;
    if (base[2])
        std::memmove(to.elements + base[0], from.elements + base[1], base[2] * sizeof(u64));
    return Trap::none;
}

Trap table_init(ModuleInst* inst, u64* base, u32 segment, u32 index) {
    return init_table(*inst, index, segment, base[0], base[1], base[2]);
}

Trap elem_drop(ModuleInst* inst, u64*, u32 segment, u32) {
    inst->elems[segment] = {};
    return Trap::none;
}

Trap ref_func(ModuleInst* inst, u64* base, u32 func, u32) {
    base[0] = reinterpret_cast<u64>(inst->func_ref(func));
    return Trap::none;
}

Trap ref_as_non_null(ModuleInst*, u64* base, u32, u32) {
    return base[0] == 0 ? Trap::null_reference : Trap::none;
}

using StackOp = Trap (*)(ModuleInst* inst, u64* base, u32 first, u32 second);

template <StackOp op>
HANDLER on_stack(STATE) {
    const Trap code = op(inst, BASE, FIRST, SECOND);
    if (code != Trap::none) [[unlikely]] TRAP(code);
    if constexpr (op == memory_grow) {
        // The memory may have moved, and any index may mean memory 0.
        if (inst->memory0) {
            mem = inst->memory0->block.base();
            mem_size = inst->memory0->block.size();
        }
    }
    NEXT(3);
}

}  // namespace

Handler stack_handler(Opcode op) {
    switch (op) {
#define STACK_OP(ident) \
    case Opcode::ident: return on_stack<ident>
        STACK_OP(memory_size);
        STACK_OP(memory_grow);
        STACK_OP(memory_fill);
        STACK_OP(memory_copy);
        STACK_OP(memory_init);
        STACK_OP(data_drop);
        STACK_OP(table_get);
        STACK_OP(table_set);
        STACK_OP(table_size);
        STACK_OP(table_grow);
        STACK_OP(table_fill);
        STACK_OP(table_copy);
        STACK_OP(table_init);
        STACK_OP(elem_drop);
        STACK_OP(ref_func);
        STACK_OP(ref_as_non_null);
#undef STACK_OP
    default: return nullptr;
    }
}

}  // namespace waxwing::interp
