// Making and filling structures and arrays from values on the stack, and i31 references.
#pragma once

#include "interp/objects.hpp"

namespace waxwing::interp {

constexpr u64 i31_word(u32 value) { return u64{value & 0x7FFFFFFF} << 1 | 1; }

// All fields from consecutive slots.
[[gnu::always_inline]] inline void fill_words(Object& object, const u64* slots, u32 count) {
    u64* to = reinterpret_cast<u64*>(&object) + 1;
    for (u32 i = 0; i < count; ++i) {
        to[i] = slots[i];
        asm volatile("");  // a loop over very few words is best left as it is
    }
}
inline void fill_fields(Object& object, const u64* slots) {
    for (const Field field : object.layout->fields) {
        store_field(object.at(field.offset), slots, field.storage);
        slots += slots_of(field.storage);
    }
}
inline void clear_fields(Object& object) {
    std::memset(object.at(sizeof(Object)), 0, object.layout->size - sizeof(Object));
}

// Elements [from, from + count) become the value at `slots`.
void fill_elements(ArrayObject& array, u64 from, u64 count, const u64* slots);

// The results of the instructions of the same names. A null object: the heap is
// full, or the trap that is given with it.
struct Made {
    Object* object = nullptr;
    Trap trap = Trap::out_of_memory;
};
Made new_struct(Heap& heap, const Layout& layout, const u64* slots);
Made new_struct_default(Heap& heap, const Layout& layout);
Made new_array(Heap& heap, const Layout& layout, u64 length, const u64* value);
Made new_array_default(Heap& heap, const Layout& layout, u64 length);
Made new_array_fixed(Heap& heap, const Layout& layout, u64 length, const u64* values);
Made new_array_data(ModuleInst& inst, const Layout& layout, u32 segment, u64 from, u64 length);
Made new_array_elem(ModuleInst& inst, const Layout& layout, u32 segment, u64 from, u64 length);

// Whether the segment has so much from there on; of data, `from` counts bytes.
Trap check_array_data(const ModuleInst& inst, const Layout& layout, u32 segment, u64 from,
                      u64 length);
Trap check_array_elem(const ModuleInst& inst, u32 segment, u64 from, u64 length);

Trap copy_array(ArrayObject* to, u64 to_index, ArrayObject* from, u64 from_index, u64 length);
Trap init_array_data(ModuleInst& inst, ArrayObject* array, u32 segment, u64 to, u64 from,
                     u64 length);
Trap init_array_elem(ModuleInst& inst, ArrayObject* array, u32 segment, u64 to, u64 from,
                     u64 length);

}  // namespace waxwing::interp
