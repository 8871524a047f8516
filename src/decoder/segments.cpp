// Element and data segments.
#include <algorithm>

#include "core/limits.hpp"
#include "core/try.hpp"
#include "decoder/sections.hpp"
#include "decoder/types.hpp"

namespace waxwing {
namespace {

// The bits of an element segment's flags.
constexpr u32 elem_not_active = 1;
constexpr u32 elem_explicit = 2;  // active: a table index; else: declarative
constexpr u32 elem_has_exprs = 4;

constexpr u32 data_passive = 1;
constexpr u32 data_explicit = 2;  // a memory index

// elemkind ::= 0x00 (ref func)
Result<void> decode_elem_kind(Reader& in) {
    const u32 at = in.offset();
    const u8 kind = TRY(in.byte());
    if (kind != 0) return in.fail(Fault::malformed_element_kind, hex_byte(kind), at);
    return {};
}

// elem ::= 0 expr vec(funcidx)                  4 expr vec(expr)
//        | 1 elemkind vec(funcidx)              5 reftype vec(expr)
//        | 2 table expr elemkind vec(funcidx)   6 table expr reftype vec(expr)
//        | 3 elemkind vec(funcidx)              7 reftype vec(expr)
// 1 and 5 are passive, 3 and 7 declarative, the others active.
Result<core::ElemSegment> decode_elem(Reader& in, const core::Module& module) {
    core::ElemSegment elem;
    elem.offset = in.offset();
    const u32 flags = TRY(in.u32_leb());
    if (flags > 7)
        return in.fail(Fault::malformed_element_segment, std::to_string(flags), elem.offset);
    if (flags != 0)
        TRY(require(module.features, Feature::bulk_memory, "element segment kind", elem.offset));

    elem.has_exprs = flags & elem_has_exprs;
    if (!(flags & elem_not_active)) {
        elem.mode = core::SegmentMode::active;
        if (flags & elem_explicit) elem.table = TRY(in.u32_leb());
        elem.table_offset = TRY(decode_const_expr(in, module));
    } else {
        elem.mode =
            flags & elem_explicit ? core::SegmentMode::declarative : core::SegmentMode::passive;
    }

    const bool has_type = flags & (elem_not_active | elem_explicit);
    elem.type = elem.has_exprs ? funcref : ValType::ref(HeapKind::func, false);
    if (has_type && elem.has_exprs)
        elem.type = TRY(decode_ref_type(in, module.features));
    else if (has_type)
        TRY(decode_elem_kind(in));

    const u32 count = TRY(in.length());
    if (elem.has_exprs) {
        reserve(elem.exprs, count, in, 2);
        for (u32 i = 0; i < count; ++i)
            elem.exprs.push_back(TRY(decode_const_expr(in, module)));
    } else {
        elem.funcs.reserve(count);
        for (u32 i = 0; i < count; ++i)
            elem.funcs.push_back(TRY(in.u32_leb()));
    }
    return elem;
}

// data ::= 0 expr vec(byte) | 1 vec(byte) (passive) | 2 memory expr vec(byte)
Result<core::DataSegment> decode_data_segment(Reader& in, const core::Module& module) {
    core::DataSegment data;
    data.offset = in.offset();
    const u32 flags = TRY(in.u32_leb());
    if (flags > 2)
        return in.fail(Fault::malformed_data_segment, std::to_string(flags), data.offset);
    if (flags != 0)
        TRY(require(module.features, Feature::bulk_memory, "data segment kind", data.offset));

    if (flags != data_passive) {
        data.mode = core::SegmentMode::active;
        if (flags == data_explicit) data.memory = TRY(in.u32_leb());
        data.memory_offset = TRY(decode_const_expr(in, module));
    }
    data.bytes = TRY(in.take(TRY(in.length())));
    return data;
}

}  // namespace

// elemsec ::= vec(elem)
Result<void> decode_elements(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::elem_segments, "element segments"));
    reserve(module.elems, count, in, 3);
    for (u32 i = 0; i < count; ++i)
        module.elems.push_back(TRY(decode_elem(in, module)));
    return {};
}

// datacountsec ::= u32
Result<void> decode_data_count(Reader& in, core::Module& module) {
    module.data_count = TRY(in.u32_leb());
    return {};
}

// datasec ::= vec(data)
Result<void> decode_data(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::data_segments, "data segments"));
    reserve(module.datas, count, in, 2);
    for (u32 i = 0; i < count; ++i)
        module.datas.push_back(TRY(decode_data_segment(in, module)));
    return {};
}

}  // namespace waxwing
