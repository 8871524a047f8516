// How objects of the heap lie in memory.
//
// 1. An object starts with a pointer to its Layout; what follows is at the
//    offsets the layout names. Supertypes are laid out first, so that a field
//    has the same place in all subtypes.
// 2. References are whole words at multiples of 8.
// 3. Layouts belong to a module (structures, arrays) or to a tag (exceptions);
//    both live as long as the store of any object that has the layout.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "core/module.hpp"
#include "core/type_registry.hpp"

namespace waxwing::interp {

struct TagInst;

// The width of a field or element: log2 of its size in bytes.
enum class Storage : u8 { bytes1, bytes2, bytes4, bytes8, bytes16 };
constexpr u32 size_of(Storage s) { return 1u << static_cast<u32>(s); }
constexpr u32 slots_of(Storage s) { return s == Storage::bytes16 ? 2 : 1; }
Storage storage_of(ValType type);

struct Field {
    u32 offset;  // from the object's first byte
    Storage storage;
};

struct Layout {
    enum class Kind : u8 { structure, array, exception };

    Kind kind;
    Storage element = Storage::bytes8;  // of an array
    bool element_is_ref = false;        // of an array
    bool is_words = false;  // structure: every field fills a word, so it looks as on the stack
    u8 size_class = 0;      // of the heap; structures and exceptions
    u32 size = 0;           // in bytes, with the header; array: where the elements start
    u32 slots = 0;          // that all fields take on the stack; array: one element
    u32 type_id = 0;        // canonical
    u32 depth = 0;          // of the type: how many `supers`
    const u32* supers = nullptr;
    const core::DefinedType* defined = nullptr;
    const TagInst* tag = nullptr;  // exception: whose it is
    std::vector<Field> fields;     // structure
    std::vector<u32> refs;         // byte offsets of references, unless an array

    // The type is the one with this id, which is `target_depth` deep, or a subtype.
    bool matches(u32 id, u32 target_depth) const {
        return type_id == id || (target_depth <= depth && supers[target_depth - 1] == id);
    }
};

// The layout of a structure or array type.
std::unique_ptr<const Layout> make_layout(const core::DefinedType& type);
// The layout of exceptions with a tag: its values as they lie on the stack.
std::unique_ptr<const Layout> make_exception_layout(const TagInst& tag);

struct Object {
    const Layout* layout;

    u8* at(u32 offset) { return reinterpret_cast<u8*>(this) + offset; }
    const u8* at(u32 offset) const { return reinterpret_cast<const u8*>(this) + offset; }
};

struct ArrayObject : Object {
    u32 length;
    u32 unused;

    static constexpr u32 header = 16;
    static u64 size(Storage element, u64 length) {
        return header + (length << static_cast<u32>(element));
    }
    u8* element(u64 index) {
        return reinterpret_cast<u8*>(this) + header + (index << static_cast<u32>(layout->element));
    }
};
static_assert(sizeof(ArrayObject) == ArrayObject::header);

struct ExceptionObject : Object {
    u64* values() { return reinterpret_cast<u64*>(this) + 1; }
};

inline Object* object_at(u64 word) { return reinterpret_cast<Object*>(word); }
// Neither null, nor an i31, nor a value of the host.
inline bool is_object(u64 word) { return word != 0 && (word & 3) == 0; }

// From a slot, where integers are zero-extended or wider than they say, to a
// field; little-endian, the low bytes come first.
inline void store_field(u8* to, const u64* slot, Storage storage) {
    switch (storage) {
    case Storage::bytes1: std::memcpy(to, slot, 1); break;
    case Storage::bytes2: std::memcpy(to, slot, 2); break;
    case Storage::bytes4: std::memcpy(to, slot, 4); break;
    case Storage::bytes8: std::memcpy(to, slot, 8); break;
    case Storage::bytes16: std::memcpy(to, slot, 16); break;
    }
}

}  // namespace waxwing::interp
