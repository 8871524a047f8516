// Making structures and arrays, and instructions on ranges of elements.
#include "interp/bulk.hpp"
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

// Metered code fills an array piece by piece. Until the last one it is as long as what is filled,
// so that the collector looks no further. An array instruction that does so is a struct with
//
//   length   What the array's is to be.
//   check    Whether there is something to fill it with.
//   fill     So many elements after the last, by which the array has just grown.
struct ArrayNew {
    static constexpr Make whole = array_new;
    static u32 length(const Layout& layout, const u64* base) {
        return static_cast<u32>(base[layout.slots]);
    }
    static Trap check(const ModuleInst&, const Layout&, const u64*, u32) { return Trap::none; }
    static Trap fill(ModuleInst&, ArrayObject& array, u64 from, u64 count, const u64* base, u32) {
        fill_elements(array, from, count, base);
        return Trap::none;
    }
};
struct ArrayNewDefault {
    static constexpr Make whole = array_new_default;
    static u32 length(const Layout&, const u64* base) { return static_cast<u32>(base[0]); }
    static Trap check(const ModuleInst&, const Layout&, const u64*, u32) { return Trap::none; }
    static Trap fill(ModuleInst&, ArrayObject& array, u64 from, u64 count, const u64*, u32) {
        const u64 zeros[2] = {};
        fill_elements(array, from, count, zeros);
        return Trap::none;
    }
};
struct ArrayNewData {
    static constexpr Make whole = array_new_data;
    static u32 length(const Layout&, const u64* base) { return static_cast<u32>(base[1]); }
    static Trap check(const ModuleInst& inst, const Layout& layout, const u64* base, u32 segment) {
        return check_array_data(inst, layout, segment, static_cast<u32>(base[0]),
                                static_cast<u32>(base[1]));
    }
    static Trap fill(ModuleInst& inst, ArrayObject& array, u64 from, u64 count, const u64* base,
                     u32 segment) {
        const u64 skipped = from * size_of(array.layout->element);
        return init_array_data(inst, &array, segment, from, static_cast<u32>(base[0]) + skipped,
                               count);
    }
};
struct ArrayNewElem {
    static constexpr Make whole = array_new_elem;
    static u32 length(const Layout&, const u64* base) { return static_cast<u32>(base[1]); }
    static Trap check(const ModuleInst& inst, const Layout&, const u64* base, u32 segment) {
        return check_array_elem(inst, segment, static_cast<u32>(base[0]),
                                static_cast<u32>(base[1]));
    }
    static Trap fill(ModuleInst& inst, ArrayObject& array, u64 from, u64 count, const u64* base,
                     u32 segment) {
        return init_array_elem(inst, &array, segment, from, static_cast<u32>(base[0]) + from,
                               count);
    }
};

// The array is in acc, where the collector finds it.
template <class Op, Dst dst>
HANDLER continue_new_array(STATE) {
    auto& array = *static_cast<ArrayObject*>(object_at(acc));
    const u64* base = fp + pc[1].slot[1];
    const u32 length = Op::length(*array.layout, base);
    const u64 width = size_of(array.layout->element);
    while (array.length < length) {
        const u32 filled = array.length;
        const u64 piece = piece_of({length - filled, width});
        PAY(static_cast<s64>(fuel::for_bytes(piece * width)), (continue_new_array<Op, dst>));
        array.length = filled + static_cast<u32>(piece);
        const Trap why = Op::fill(*inst, array, filled, piece, base, pc[1].word[1]);
        if (why != Trap::none) [[unlikely]]
            TRAP(why);
    }
    PUT_OBJECT(&array);
}

template <class Op, Dst dst>
HANDLER metered_new_array(STATE) {
    const Layout& layout = layout_at(pc);
    const u64* base = fp + pc[1].slot[1];
    const Trap why = Op::check(*inst, layout, base, pc[1].word[1]);
    if (why != Trap::none) [[unlikely]]
        TRAP(why);
    inst->activation->stop_at(pc, fp, inst);
    ArrayObject* array = inst->store->heap.make_array(layout, Op::length(layout, base));
    if (!array) [[unlikely]]
        TRAP(Trap::out_of_memory);
    array->length = 0;
    acc = reinterpret_cast<u64>(array);
    GO((continue_new_array<Op, dst>));
}

// Ranges of elements.
ArrayObject* array_at(u64 word) { return static_cast<ArrayObject*>(object_at(word)); }

// {array, to, value, length}
struct ArrayFill {
    static u64& length(const BulkOperands& at) { return at.base[2 + at.first]; }
    static Trap check(const BulkOperands& at, Extent& extent) {
        const ArrayObject* array = array_at(at.base[0]);
        if (!array) return Trap::null_array_reference;
        extent = {static_cast<u32>(length(at)), size_of(array->layout->element)};
        const bool fits = in_range(static_cast<u32>(at.base[1]), extent.count, array->length);
        return fits ? Trap::none : Trap::array_out_of_bounds;
    }
    static void advance(const BulkOperands& at, u64 count) {
        const u64 to = static_cast<u32>(at.base[1]);
        fill_elements(*array_at(at.base[0]), to, count, at.base + 2);
        at.base[1] = to + count;
        length(at) = static_cast<u32>(length(at)) - count;
    }
};

// {array, to, array, from, length}
struct ArrayCopy {
    static Trap check(const BulkOperands& at, Extent& extent) {
        const ArrayObject* to = array_at(at.base[0]);
        const ArrayObject* from = array_at(at.base[2]);
        if (!to || !from) return Trap::null_array_reference;
        extent = {static_cast<u32>(at.base[4]), size_of(to->layout->element)};
        const bool fits = in_range(static_cast<u32>(at.base[1]), extent.count, to->length) &&
                          in_range(static_cast<u32>(at.base[3]), extent.count, from->length);
        return fits ? Trap::none : Trap::array_out_of_bounds;
    }
    // The last elements come first where a source would be overwritten before it is read.
    static void advance(const BulkOperands& at, u64 count) {
        const u64 to = static_cast<u32>(at.base[1]), from = static_cast<u32>(at.base[3]);
        const u64 length = static_cast<u32>(at.base[4]);
        const bool backwards = at.base[0] == at.base[2] && to > from;
        const u64 skipped = backwards ? length - count : 0;
        (void)copy_array(array_at(at.base[0]), to + skipped, array_at(at.base[2]), from + skipped,
                         count);
        at.base[1] = backwards ? to : to + count;
        at.base[3] = backwards ? from : from + count;
        at.base[4] = length - count;
    }
};

// {array, to, from, length}; of data, `from` counts bytes.
template <bool is_data>
struct ArrayInit {
    static Trap check(const BulkOperands& at, Extent& extent) {
        const ArrayObject* array = array_at(at.base[0]);
        if (!array) return Trap::null_array_reference;
        extent = {static_cast<u32>(at.base[3]), size_of(array->layout->element)};
        if (!in_range(static_cast<u32>(at.base[1]), extent.count, array->length))
            return Trap::array_out_of_bounds;
        const u32 from = static_cast<u32>(at.base[2]);
        return is_data ? check_array_data(at.inst, *array->layout, at.first, from, extent.count)
                       : check_array_elem(at.inst, at.first, from, extent.count);
    }
    static void advance(const BulkOperands& at, u64 count) {
        ArrayObject* array = array_at(at.base[0]);
        const u64 to = static_cast<u32>(at.base[1]), from = static_cast<u32>(at.base[2]);
        if constexpr (is_data)
            (void)init_array_data(at.inst, array, at.first, to, from, count);
        else
            (void)init_array_elem(at.inst, array, at.first, to, from, count);
        at.base[1] = to + count;
        at.base[2] = from + (is_data ? count * size_of(array->layout->element) : count);
        at.base[3] = static_cast<u32>(at.base[3]) - count;
    }
};

template <class Op, Dst dst>
Handler new_array_handler(Mode mode) {
    if (mode == Mode::metered) return metered_new_array<Op, dst>;
    return new_array_at<Op::whole, dst>;
}

template <Dst dst>
Handler new_by_opcode(Opcode op, bool is_words, Mode mode) {
    switch (op) {
    case Opcode::struct_new:
        return is_words ? new_struct_at<Fill::words, dst> : new_struct_at<Fill::fields, dst>;
    case Opcode::struct_new_default: return new_struct_at<Fill::zero, dst>;
    case Opcode::array_new: return new_array_handler<ArrayNew, dst>(mode);
    case Opcode::array_new_default: return new_array_handler<ArrayNewDefault, dst>(mode);
    case Opcode::array_new_fixed: return new_array_at<array_new_fixed, dst>;
    case Opcode::array_new_data: return new_array_handler<ArrayNewData, dst>(mode);
    default: return new_array_handler<ArrayNewElem, dst>(mode);
    }
}

}  // namespace

Handler new_handler(Opcode op, bool is_words, Mode mode, Dst dst) {
    return dst == Dst::acc ? new_by_opcode<Dst::acc>(op, is_words, mode)
                           : new_by_opcode<Dst::slot>(op, is_words, mode);
}

Handler array_bulk_handler(Opcode op, Mode mode) {
    switch (op) {
    case Opcode::array_fill: return bulk_handler<ArrayFill, 2>(mode);
    case Opcode::array_copy: return bulk_handler<ArrayCopy, 2>(mode);
    case Opcode::array_init_data: return bulk_handler<ArrayInit<true>, 2>(mode);
    default: return bulk_handler<ArrayInit<false>, 2>(mode);
    }
}

}  // namespace waxwing::interp
