#include "interp/heap_layout.hpp"

#include <algorithm>

#include "interp/heap.hpp"
#include "interp/objects.hpp"

namespace waxwing::interp {

Storage storage_of(ValType type) {
    switch (type.kind()) {
    case ValType::Kind::i8: return Storage::bytes1;
    case ValType::Kind::i16: return Storage::bytes2;
    case ValType::Kind::i32:
    case ValType::Kind::f32: return Storage::bytes4;
    case ValType::Kind::v128: return Storage::bytes16;
    default: return Storage::bytes8;
    }
}

std::unique_ptr<const Layout> make_layout(const core::DefinedType& type) {
    auto layout = std::make_unique<Layout>();
    layout->type_id = type.id;
    layout->supers = type.supers.data();
    layout->depth = static_cast<u32>(type.supers.size());
    layout->defined = &type;
    if (const core::ArrayType* array = type.sub.array()) {
        layout->kind = Layout::Kind::array;
        layout->element = storage_of(array->element.storage);
        layout->element_is_ref = array->element.storage.is_ref();
        layout->size = ArrayObject::header;
        layout->slots = slots_of(layout->element);
        return layout;
    }
    layout->kind = Layout::Kind::structure;
    layout->is_words = true;
    u32 offset = sizeof(Object);
    const std::vector<core::FieldType>& fields = type.sub.struct_()->fields;
    const auto is_ref = [](const core::FieldType& field) { return field.storage.is_ref(); };
    layout->fields.reserve(fields.size());
    layout->refs.reserve(static_cast<usize>(std::ranges::count_if(fields, is_ref)));
    for (const core::FieldType& field : fields) {
        const Storage storage = storage_of(field.storage);
        const u32 alignment = std::min<u32>(size_of(storage), 8);
        offset = (offset + alignment - 1) & ~(alignment - 1);
        layout->fields.push_back({offset, storage});
        if (field.storage.is_ref()) layout->refs.push_back(offset);
        if (storage < Storage::bytes8) layout->is_words = false;
        layout->slots += slots_of(storage);
        offset += size_of(storage);
    }
    layout->size = offset;
    layout->size_class = Heap::size_class(offset);
    return layout;
}

std::unique_ptr<const Layout> make_exception_layout(const TagInst& tag) {
    auto layout = std::make_unique<Layout>();
    layout->kind = Layout::Kind::exception;
    layout->tag = &tag;
    layout->is_words = true;
    u32 offset = sizeof(Object);
    for (const ValType type : tag.defined->func()->params) {
        if (type.is_ref()) layout->refs.push_back(offset);
        const u32 slots = type.is_vector() ? 2 : 1;
        layout->slots += slots;
        offset += slots * 8;
    }
    layout->size = offset;
    layout->size_class = Heap::size_class(offset);
    return layout;
}

}  // namespace waxwing::interp
