// Making structures and arrays, and instructions on ranges of elements.
#include "interp/gc_handlers.hpp"
#include "interp/heap_objects.hpp"

namespace waxwing::interp {
namespace {

const Layout& layout_at(const Cell* pc) { return *static_cast<const Layout*>(pc[2].pointer); }

// Leaves the object as the result.
#define PUT_OBJECT(object)                                                \
    do {                                                                  \
        put<dst>(reinterpret_cast<u64>(object), pc, fp, acc, facc, sacc); \
        NEXT(3);                                                          \
    } while (0)

// Structures: without a call unless the collector has to work.
[[gnu::noinline]] Object* make_slowly(ModuleInst* inst, const Cell* pc, u64* fp) {
    inst->activation->stop_at(pc, fp, inst);
    return inst->store->heap.make(layout_at(pc));
}

enum class Fill : u8 { words, fields, zero };

template <Fill fill, Dst dst>
HANDLER new_struct_at(STATE) {
    const Layout& layout = layout_at(pc);
    Object* object = inst->store->heap.try_make(layout);
    if (!object) [[unlikely]] {
        object = make_slowly(inst, pc, fp);
        if (!object) TRAP(Trap::out_of_memory);
    }
    const u64* base = fp + pc[1].slot[1];
    if constexpr (fill == Fill::words)
        fill_words(*object, base, layout.slots);
    else if constexpr (fill == Fill::fields)
        fill_fields(*object, base);
    else
        clear_fields(*object);
    PUT_OBJECT(object);
}

// Arrays.
using Make = Made (*)(ModuleInst& inst, const Layout& layout, const u64* base, u32 word);

Made array_new(ModuleInst& inst, const Layout& layout, const u64* base, u32) {
    return new_array(inst.store->heap, layout, static_cast<u32>(base[layout.slots]), base);
}
Made array_new_default(ModuleInst& inst, const Layout& layout, const u64* base, u32) {
    return new_array_default(inst.store->heap, layout, static_cast<u32>(base[0]));
}
Made array_new_fixed(ModuleInst& inst, const Layout& layout, const u64* base, u32 count) {
    return new_array_fixed(inst.store->heap, layout, count, base);
}
Made array_new_data(ModuleInst& inst, const Layout& layout, const u64* base, u32 segment) {
    return new_array_data(inst, layout, segment, static_cast<u32>(base[0]),
                          static_cast<u32>(base[1]));
}
Made array_new_elem(ModuleInst& inst, const Layout& layout, const u64* base, u32 segment) {
    return new_array_elem(inst, layout, segment, static_cast<u32>(base[0]),
                          static_cast<u32>(base[1]));
}

template <Make make, Dst dst>
HANDLER new_array_at(STATE) {
    inst->activation->stop_at(pc, fp, inst);
    const auto [object, code] = make(*inst, layout_at(pc), fp + pc[1].slot[1], pc[1].word[1]);
    if (!object) [[unlikely]]
        TRAP(code);
    PUT_OBJECT(object);
}

// Ranges of elements.
ArrayObject* array_at(u64 word) { return static_cast<ArrayObject*>(object_at(word)); }

using Bulk = Trap (*)(ModuleInst& inst, const u64* base, u32 word);

Trap array_fill(ModuleInst&, const u64* base, u32 value_slots) {
    return fill_array(array_at(base[0]), static_cast<u32>(base[1]), base + 2,
                      static_cast<u32>(base[2 + value_slots]));
}
Trap array_copy(ModuleInst&, const u64* base, u32) {
    return copy_array(array_at(base[0]), static_cast<u32>(base[1]), array_at(base[2]),
                      static_cast<u32>(base[3]), static_cast<u32>(base[4]));
}
Trap array_init_data(ModuleInst& inst, const u64* base, u32 segment) {
    return init_array_data(inst, array_at(base[0]), segment, static_cast<u32>(base[1]),
                           static_cast<u32>(base[2]), static_cast<u32>(base[3]));
}
Trap array_init_elem(ModuleInst& inst, const u64* base, u32 segment) {
    return init_array_elem(inst, array_at(base[0]), segment, static_cast<u32>(base[1]),
                           static_cast<u32>(base[2]), static_cast<u32>(base[3]));
}

template <Bulk bulk>
HANDLER array_bulk(STATE) {
    const Trap code = bulk(*inst, fp + pc[1].slot[0], pc[1].word[1]);
    if (code != Trap::none) [[unlikely]]
        TRAP(code);
    NEXT(2);
}

template <Dst dst>
Handler new_by_opcode(Opcode op, bool is_words) {
    switch (op) {
    case Opcode::struct_new:
        return is_words ? new_struct_at<Fill::words, dst> : new_struct_at<Fill::fields, dst>;
    case Opcode::struct_new_default: return new_struct_at<Fill::zero, dst>;
    case Opcode::array_new: return new_array_at<array_new, dst>;
    case Opcode::array_new_default: return new_array_at<array_new_default, dst>;
    case Opcode::array_new_fixed: return new_array_at<array_new_fixed, dst>;
    case Opcode::array_new_data: return new_array_at<array_new_data, dst>;
    default: return new_array_at<array_new_elem, dst>;
    }
}

}  // namespace

Handler new_handler(Opcode op, bool is_words, Dst dst) {
    return dst == Dst::acc ? new_by_opcode<Dst::acc>(op, is_words)
                           : new_by_opcode<Dst::slot>(op, is_words);
}

Handler array_bulk_handler(Opcode op) {
    switch (op) {
    case Opcode::array_fill: return array_bulk<array_fill>;
    case Opcode::array_copy: return array_bulk<array_copy>;
    case Opcode::array_init_data: return array_bulk<array_init_data>;
    default: return array_bulk<array_init_elem>;
    }
}

}  // namespace waxwing::interp
