// Instructions that are rare or long anyway: tables, bulk operations, sizes,
// references. Their operands lie in consecutive slots from `base` on, and the
// result (if any) goes to `base`: {base, -, #first index} {#second index}.
#include <cstring>

#include "interp/bulk.hpp"
#include "interp/handlers.hpp"
#include "interp/outside.hpp"

namespace waxwing::interp {
namespace {

#define BASE (fp + pc[1].slot[0])
#define FIRST (pc[1].word[1])
#define SECOND (pc[2].word[0])

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

struct MemoryFill {
    static Trap check(const BulkOperands& at, Extent& extent) {
        const MemoryInst& memory = *at.inst.memories[at.first];
        const u64 to = operand(at.base[0], memory.type.address);
        extent.count = operand(at.base[2], memory.type.address);
        if (!in_range(to, extent.count, memory.block.size())) return Trap::memory_out_of_bounds;
        return Trap::none;
    }
    static void advance(const BulkOperands& at, u64 count) {
        const MemoryInst& memory = *at.inst.memories[at.first];
        const u64 to = operand(at.base[0], memory.type.address);
        std::memset(memory.block.base() + to, static_cast<u8>(at.base[1]), count);
        at.base[0] = to + count;
        at.base[2] = operand(at.base[2], memory.type.address) - count;
    }
};

// Copies the next `count` elements of a copy whose operands are target, source and length: the
// first ones, or the last ones where a source would be overwritten before it is read.
void copy_next(u8* to, const u8* from, u64* base, u64 target, u64 source, u64 length, u64 width,
               u64 count) {
    const bool backwards = to == from && target > source;
    const u64 skipped = backwards ? length - count : 0;
    std::memmove(to + (target + skipped) * width, from + (source + skipped) * width, count * width);
    base[0] = backwards ? target : target + count;
    base[1] = backwards ? source : source + count;
    base[2] = length - count;
}

// What memory.copy and table.copy work on. Lengths are of the narrower address type.
template <class Inst>
struct CopyOperands {
    const Inst& to;
    const Inst& from;
    u64 target, source, length;
};

template <class Inst>
CopyOperands<Inst> read_copy(const BulkOperands& at, Inst* const* instances) {
    const Inst& to = *instances[at.first];
    const Inst& from = *instances[at.second];
    return {to, from, operand(at.base[0], to.type.address), operand(at.base[1], from.type.address),
            operand(at.base[2], narrower(to.type.address, from.type.address))};
}

struct MemoryCopy {
    static auto read(const BulkOperands& at) { return read_copy(at, at.inst.memories); }
    static Trap check(const BulkOperands& at, Extent& extent) {
        const auto [to, from, target, source, length] = read(at);
        extent.count = length;
        if (!in_range(target, length, to.block.size()) ||
            !in_range(source, length, from.block.size()))
            return Trap::memory_out_of_bounds;
        return Trap::none;
    }
    static void advance(const BulkOperands& at, u64 count) {
        const auto [to, from, target, source, length] = read(at);
        copy_next(to.block.base(), from.block.base(), at.base, target, source, length, 1, count);
    }
};

struct MemoryInit {
    static u64 target(const BulkOperands& at) {
        return operand(at.base[0], at.inst.memories[at.second]->type.address);
    }
    static Trap check(const BulkOperands& at, Extent& extent) {
        extent.count = static_cast<u32>(at.base[2]);
        return check_init_memory(at.inst, at.second, at.first, target(at),
                                 static_cast<u32>(at.base[1]), extent.count);
    }
    static void advance(const BulkOperands& at, u64 count) {
        const u64 to = target(at);
        const u64 from = static_cast<u32>(at.base[1]);
        (void)init_memory(at.inst, at.second, at.first, to, from, count);
        at.base[0] = to + count;
        at.base[1] = from + count;
        at.base[2] = static_cast<u32>(at.base[2]) - count;
    }
};

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

struct TableFill {
    static Trap check(const BulkOperands& at, Extent& extent) {
        const TableInst& table = *at.inst.tables[at.first];
        const u64 to = operand(at.base[0], table.type.address);
        extent = {operand(at.base[2], table.type.address), sizeof(u64)};
        return in_range(to, extent.count, table.size) ? Trap::none : Trap::table_out_of_bounds;
    }
    static void advance(const BulkOperands& at, u64 count) {
        const TableInst& table = *at.inst.tables[at.first];
        const u64 to = operand(at.base[0], table.type.address);
        std::fill_n(table.elements + to, count, at.base[1]);
        at.base[0] = to + count;
        at.base[2] = operand(at.base[2], table.type.address) - count;
    }
};

struct TableCopy {
    static auto read(const BulkOperands& at) { return read_copy(at, at.inst.tables); }
    static Trap check(const BulkOperands& at, Extent& extent) {
        const auto [to, from, target, source, length] = read(at);
        extent = {length, sizeof(u64)};
        if (!in_range(target, length, to.size) || !in_range(source, length, from.size))
            return Trap::table_out_of_bounds;
        return Trap::none;
    }
    static void advance(const BulkOperands& at, u64 count) {
        const auto [to, from, target, source, length] = read(at);
        copy_next(reinterpret_cast<u8*>(to.elements), reinterpret_cast<u8*>(from.elements), at.base,
                  target, source, length, sizeof(u64), count);
    }
};

struct TableInit {
    static u64 target(const BulkOperands& at) {
        return operand(at.base[0], at.inst.tables[at.second]->type.address);
    }
    static Trap check(const BulkOperands& at, Extent& extent) {
        extent = {static_cast<u32>(at.base[2]), sizeof(u64)};
        return check_init_table(at.inst, at.second, at.first, target(at),
                                static_cast<u32>(at.base[1]), extent.count);
    }
    static void advance(const BulkOperands& at, u64 count) {
        const u64 to = target(at);
        const u64 from = static_cast<u32>(at.base[1]);
        (void)init_table(at.inst, at.second, at.first, to, from, count);
        at.base[0] = to + count;
        at.base[1] = from + count;
        at.base[2] = static_cast<u32>(at.base[2]) - count;
    }
};

Trap elem_drop(ModuleInst* inst, u64*, u32 segment, u32) {
    inst->drop_elem(segment);
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

// The memory may have moved, and any index may mean memory 0.
#define RELOAD_MEMORY()                             \
    do {                                            \
        if (inst->memory0) {                        \
            mem = inst->memory0->block.base();      \
            mem_size = inst->memory0->block.size(); \
        }                                           \
    } while (0)

template <StackOp op>
HANDLER on_stack(STATE) {
    const Trap code = op(inst, BASE, FIRST, SECOND);
    if (code != Trap::none) [[unlikely]]
        TRAP(code);
    if constexpr (op == memory_grow) RELOAD_MEMORY();
    NEXT(3);
}

// Growth that is refused is not paid for.
HANDLER metered_memory_grow(STATE) {
    const MemoryInst& memory = *inst->memories[FIRST];
    const u64 delta = operand(*BASE, memory.type.address);
    if (memory.may_grow(delta))
        PAY(static_cast<s64>(fuel::for_bytes(delta << memory.type.page_size_log2)), nullptr);
    (void)memory_grow(inst, BASE, FIRST, SECOND);
    RELOAD_MEMORY();
    NEXT(3);
}

// The new elements are made piece by piece, and are part of the table when all are there.
HANDLER continue_table_grow(STATE) {
    TableInst& table = *inst->tables[FIRST];
    const u64 delta = operand(BASE[1], table.type.address);
    if (table.grower != inst->activation && !table.begin_growth(delta, inst->activation)) {
        BASE[0] = refused(table.type.address);
        NEXT(3);
    }
    while (table.made() < delta) {
        const u64 piece = piece_of({delta - table.made(), sizeof(u64)});
        PAY(static_cast<s64>(fuel::for_bytes(piece * sizeof(u64))), continue_table_grow);
        table.make(piece, BASE[0]);
    }
    BASE[0] = table.finish_growth();
    NEXT(3);
}

HANDLER metered_table_grow(STATE) {
    inst->tables[FIRST]->grower = nullptr;  // whoever it was
    GO(continue_table_grow);
}

}  // namespace

Handler stack_handler(Opcode op, Mode mode) {
    const bool metered = mode == Mode::metered;
    switch (op) {
#define STACK_OP(ident) \
    case Opcode::ident: return on_stack<ident>
        STACK_OP(memory_size);
        STACK_OP(data_drop);
        STACK_OP(table_get);
        STACK_OP(table_set);
        STACK_OP(table_size);
        STACK_OP(elem_drop);
        STACK_OP(ref_func);
        STACK_OP(ref_as_non_null);
#undef STACK_OP
    case Opcode::memory_grow: return metered ? metered_memory_grow : on_stack<memory_grow>;
    case Opcode::table_grow: return metered ? metered_table_grow : on_stack<table_grow>;
    case Opcode::memory_fill: return bulk_handler<MemoryFill, 3>(mode);
    case Opcode::memory_copy: return bulk_handler<MemoryCopy, 3>(mode);
    case Opcode::memory_init: return bulk_handler<MemoryInit, 3>(mode);
    case Opcode::table_fill: return bulk_handler<TableFill, 3>(mode);
    case Opcode::table_copy: return bulk_handler<TableCopy, 3>(mode);
    case Opcode::table_init: return bulk_handler<TableInit, 3>(mode);
    default: return nullptr;
    }
}

}  // namespace waxwing::interp
