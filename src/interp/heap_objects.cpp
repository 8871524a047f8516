#include "interp/heap_objects.hpp"

#include <algorithm>

#include "interp/compiled_module.hpp"

namespace waxwing::interp {
namespace {

bool in_range(u64 offset, u64 length, u64 size) {
    return length <= size && offset <= size - length;
}

template <class T>
void fill(ArrayObject& array, u64 from, u64 count, const u64* slots) {
    T value;
    std::memcpy(&value, slots, sizeof value);
    std::fill_n(reinterpret_cast<T*>(array.element(from)), count, value);
}

struct Wide {
    u64 words[2];
};

// The bytes that `length` elements from `from` on are made of; null if a dropped
// or short segment does not have them.
const u8* data_for(const ModuleInst& inst, u32 segment, u64 from, u64 length, Storage element) {
    const core::Module& module = inst.compiled->module;
    const std::span<const u8> bytes = module.view(module.datas[segment].bytes);
    const u64 available = inst.dropped_datas[segment] ? 0 : bytes.size();
    if (!in_range(from, length * size_of(element), available)) return nullptr;
    return bytes.data() + from;
}

}  // namespace

void fill_elements(ArrayObject& array, u64 from, u64 count, const u64* slots) {
    switch (array.layout->element) {
    case Storage::bytes1: return fill<u8>(array, from, count, slots);
    case Storage::bytes2: return fill<u16>(array, from, count, slots);
    case Storage::bytes4: return fill<u32>(array, from, count, slots);
    case Storage::bytes8: return fill<u64>(array, from, count, slots);
    case Storage::bytes16: return fill<Wide>(array, from, count, slots);
    }
}

Made new_struct(Heap& heap, const Layout& layout, const u64* slots) {
    Object* object = heap.make(layout);
    if (object) fill_fields(*object, slots);
    return {object};
}

Made new_struct_default(Heap& heap, const Layout& layout) {
    Object* object = heap.make(layout);
    if (object) clear_fields(*object);
    return {object};
}

Made new_array(Heap& heap, const Layout& layout, u64 length, const u64* value) {
    ArrayObject* array = heap.make_array(layout, length);
    if (array) fill_elements(*array, 0, length, value);
    return {array};
}

Made new_array_default(Heap& heap, const Layout& layout, u64 length) {
    ArrayObject* array = heap.make_array(layout, length);
    if (array) std::memset(array->element(0), 0, length * size_of(layout.element));
    return {array};
}

Made new_array_fixed(Heap& heap, const Layout& layout, u64 length, const u64* values) {
    ArrayObject* array = heap.make_array(layout, length);
    if (!array) return {};
    for (u64 i = 0; i < length; ++i)
        store_field(array->element(i), values + i * layout.slots, layout.element);
    return {array};
}

Trap check_array_data(const ModuleInst& inst, const Layout& layout, u32 segment, u64 from,
                      u64 length) {
    return data_for(inst, segment, from, length, layout.element) ? Trap::none
                                                                 : Trap::memory_out_of_bounds;
}
Trap check_array_elem(const ModuleInst& inst, u32 segment, u64 from, u64 length) {
    return in_range(from, length, inst.elems[segment].size()) ? Trap::none
                                                              : Trap::table_out_of_bounds;
}

Made new_array_data(ModuleInst& inst, const Layout& layout, u32 segment, u64 from, u64 length) {
    const u8* bytes = data_for(inst, segment, from, length, layout.element);
    if (!bytes) return {nullptr, Trap::memory_out_of_bounds};
    ArrayObject* array = inst.store->heap.make_array(layout, length);
    if (array && length) std::memcpy(array->element(0), bytes, length * size_of(layout.element));
    return {array};
}

Made new_array_elem(ModuleInst& inst, const Layout& layout, u32 segment, u64 from, u64 length) {
    const ElemInst& refs = inst.elems[segment];
    if (!in_range(from, length, refs.size())) return {nullptr, Trap::table_out_of_bounds};
    ArrayObject* array = inst.store->heap.make_array(layout, length);
    if (array && length) std::memcpy(array->element(0), refs.data() + from, length * sizeof(u64));
    return {array};
}

Trap copy_array(ArrayObject* to, u64 to_index, ArrayObject* from, u64 from_index, u64 length) {
    if (!to || !from) return Trap::null_array_reference;
    if (!in_range(to_index, length, to->length) || !in_range(from_index, length, from->length))
        return Trap::array_out_of_bounds;
    std::memmove(to->element(to_index), from->element(from_index),
                 length * size_of(to->layout->element));
    return Trap::none;
}

Trap init_array_data(ModuleInst& inst, ArrayObject* array, u32 segment, u64 to, u64 from,
                     u64 length) {
    if (!array) return Trap::null_array_reference;
    if (!in_range(to, length, array->length)) return Trap::array_out_of_bounds;
    const Storage element = array->layout->element;
    const u8* bytes = data_for(inst, segment, from, length, element);
    if (!bytes) return Trap::memory_out_of_bounds;
    if (length) std::memcpy(array->element(to), bytes, length * size_of(element));
    return Trap::none;
}

Trap init_array_elem(ModuleInst& inst, ArrayObject* array, u32 segment, u64 to, u64 from,
                     u64 length) {
    if (!array) return Trap::null_array_reference;
    if (!in_range(to, length, array->length)) return Trap::array_out_of_bounds;
    const ElemInst& refs = inst.elems[segment];
    if (!in_range(from, length, refs.size())) return Trap::table_out_of_bounds;
    if (length) std::memcpy(array->element(to), refs.data() + from, length * sizeof(u64));
    return Trap::none;
}

}  // namespace waxwing::interp
