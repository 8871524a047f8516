#include "text/type_table.hpp"

namespace waxwing::text {
namespace {

u32 take_u32(std::string_view& bytes) {
    u32 value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const u8 byte = static_cast<u8>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<u32>(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
}

// vec(valtype); a reference type that is not one byte is 63 or 64 and a heap type.
void skip_types(std::string_view& bytes) {
    for (u32 left = take_u32(bytes); left != 0; --left) {
        const bool is_long = bytes.front() == 0x63 || bytes.front() == 0x64;
        if (is_long) bytes.remove_prefix(1);
        take_u32(bytes);
    }
}

}  // namespace

struct TypeTable::View {
    const TypeTable& table;
    u64 hash(u32 type) const { return table.by_functype_.hash(table.functype(type)); }
    bool same(u32 a, u32 b) const { return table.equals(a, table.functype(b)); }
    bool is_indexed(u32 type) const { return table.types_[type] & offered; }
};

std::string_view TypeTable::functype(u32 type) const {
    const std::string_view whole = binary_.view(start(type));
    std::string_view rest = whole.substr(1);
    skip_types(rest);
    skip_types(rest);
    return whole.substr(0, whole.size() - rest.size());
}

u32 TypeTable::param_count(u32 type) const {
    std::string_view bytes = binary_.view(start(type) + 1);
    return take_u32(bytes);
}

void TypeTable::offer(u32 type) {
    if (find(functype(type)) != HashIndex::none) return;
    types_[type] |= offered;
    by_functype_.put(type, View{*this});
}

u32 TypeTable::find(std::string_view functype) const {
    return by_functype_.find(by_functype_.hash(functype),
                             [&](u32 type) { return equals(type, functype); });
}

}  // namespace waxwing::text
