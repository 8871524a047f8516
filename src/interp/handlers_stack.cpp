// Instructions that are rare or long anyway: tables, bulk operations, sizes,
// references. Their operands lie in consecutive slots from `base` on, and the
// result (if any) goes to `base`: {base, -, #first index} {#second index}.
#include <cstring>

#include "interp/handlers.hpp"
#include "interp/outside.hpp"

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
u64 refused(AddressType address) { return address == AddressType::i64 ? ~u64{0} : u64{0xFFFFFFFF}; }

// An address, length or size: the high half of a slot that holds an i32 is anything.
u64 operand(u64 slot, AddressType address) {
    return address == AddressType::i64 ? slot : static_cast<u32>(slot);
}
// The length of a copy has the narrower of the two address types.
AddressType narrower(AddressType a, AddressType b) {
    return a == AddressType::i64 && b == AddressType::i64 ? AddressType::i64 : AddressType::i32;
}

Trap memory_size(ModuleInst* inst, u64* base, u32 memory, u32) {
    base[0] = inst->memories[memory]->pages;
    return Trap::none;
}

Trap memory_grow(ModuleInst* inst, u64* base, u32 index, u32) {
    MemoryInst& memory = *inst->memories[index];
    const u64 delta = operand(base[0], memory.type.address);
    base[0] = memory.grow(delta).value_or(refused(memory.type.address));
    return Trap::none;
}

Trap memory_fill(ModuleInst* inst, u64* base, u32 index, u32) {
    MemoryInst& memory = *inst->memories[index];
    const u64 to = operand(base[0], memory.type.address);
    const u64 length = operand(base[2], memory.type.address);
    if (!in_range(to, length, memory.block.size())) return Trap::memory_out_of_bounds;
    if (length) std::memset(memory.block.base() + to, static_cast<u8>(base[1]), length);
    return Trap::none;
}

Trap memory_copy(ModuleInst* inst, u64* base, u32 to_index, u32 from_index) {
    MemoryInst& to = *inst->memories[to_index];
    MemoryInst& from = *inst->memories[from_index];
    const u64 target = operand(base[0], to.type.address);
    const u64 source = operand(base[1], from.type.address);
    const u64 length = operand(base[2], narrower(to.type.address, from.type.address));
    if (!in_range(target, length, to.block.size()) || !in_range(source, length, from.block.size()))
        return Trap::memory_out_of_bounds;
    if (length) std::memmove(to.block.base() + target, from.block.base() + source, length);
    return Trap::none;
}

Trap memory_init(ModuleInst* inst, u64* base, u32 segment, u32 index) {
    const u64 to = operand(base[0], inst->memories[index]->type.address);
    return init_memory(*inst, index, segment, to, static_cast<u32>(base[1]),
                       static_cast<u32>(base[2]));
}

Trap data_drop(ModuleInst* inst, u64*, u32 segment, u32) {
    inst->dropped_datas[segment] = true;
    return Trap::none;
}

Trap table_get(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    const u64 at = operand(base[0], table.type.address);
    if (at >= table.size) return Trap::table_out_of_bounds;
    base[0] = table.elements[at];
    return Trap::none;
}

Trap table_set(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    const u64 at = operand(base[0], table.type.address);
    if (at >= table.size) return Trap::table_out_of_bounds;
    table.elements[at] = base[1];
    return Trap::none;
}

Trap table_size(ModuleInst* inst, u64* base, u32 index, u32) {
    base[0] = inst->tables[index]->size;
    return Trap::none;
}

Trap table_grow(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    const u64 delta = operand(base[1], table.type.address);
    base[0] = table.grow(delta, base[0]).value_or(refused(table.type.address));
    return Trap::none;
}

Trap table_fill(ModuleInst* inst, u64* base, u32 index, u32) {
    TableInst& table = *inst->tables[index];
    const u64 to = operand(base[0], table.type.address);
    const u64 length = operand(base[2], table.type.address);
    if (!in_range(to, length, table.size)) return Trap::table_out_of_bounds;
    std::fill_n(table.elements + to, length, base[1]);
    return Trap::none;
}

Trap table_copy(ModuleInst* inst, u64* base, u32 to_index, u32 from_index) {
    TableInst& to = *inst->tables[to_index];
    TableInst& from = *inst->tables[from_index];
    const u64 target = operand(base[0], to.type.address);
    const u64 source = operand(base[1], from.type.address);
    const u64 length = operand(base[2], narrower(to.type.address, from.type.address));
    if (!in_range(target, length, to.size) || !in_range(source, length, from.size))
        return Trap::table_out_of_bounds;
    if (length) std::memmove(to.elements + target, from.elements + source, length * sizeof(u64));
    return Trap::none;
}

Trap table_init(ModuleInst* inst, u64* base, u32 segment, u32 index) {
    const u64 to = operand(base[0], inst->tables[index]->type.address);
    return init_table(*inst, index, segment, to, static_cast<u32>(base[1]),
                      static_cast<u32>(base[2]));
}

Trap elem_drop(ModuleInst* inst, u64*, u32 segment, u32) {
    inst->elems[segment] = {};
    return Trap::none;
}

Trap ref_func(ModuleInst* inst, u64* base, u32 func, u32) {
    FuncInst* const made = func_ref(*inst, func);
    base[0] = reinterpret_cast<u64>(made);
    return made ? Trap::none : Trap::out_of_memory;
}

Trap ref_as_non_null(ModuleInst*, u64* base, u32, u32) {
    return base[0] == 0 ? Trap::null_reference : Trap::none;
}

using StackOp = Trap (*)(ModuleInst* inst, u64* base, u32 first, u32 second);

template <StackOp op>
HANDLER on_stack(STATE) {
    const Trap code = op(inst, BASE, FIRST, SECOND);
    if (code != Trap::none) [[unlikely]]
        TRAP(code);
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
