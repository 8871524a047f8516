#include "decoder/types.hpp"

#include <cstdio>
#include <optional>

#include "core/limits.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace {

constexpr u8 code_ref = 0x64;
constexpr u8 code_ref_null = 0x63;
constexpr u8 code_func = 0x60;
constexpr u8 code_struct = 0x5F;
constexpr u8 code_array = 0x5E;
constexpr u8 code_sub = 0x50;
constexpr u8 code_sub_final = 0x4F;

struct AbstractHeap {
    HeapKind kind;
    Feature feature;
};

// absheaptype ::= 0x69 .. 0x74
std::optional<AbstractHeap> abstract_heap(int code) {
    switch (code) {
    case 0x74: return {{HeapKind::noexn, Feature::exceptions}};
    case 0x73: return {{HeapKind::nofunc, Feature::gc}};
    case 0x72: return {{HeapKind::noextern, Feature::gc}};
    case 0x71: return {{HeapKind::none, Feature::gc}};
    case 0x70: return {{HeapKind::func, Feature::mvp}};
    case 0x6F: return {{HeapKind::extern_, Feature::reference_types}};
    case 0x6E: return {{HeapKind::any, Feature::gc}};
    case 0x6D: return {{HeapKind::eq, Feature::gc}};
    case 0x6C: return {{HeapKind::i31, Feature::gc}};
    case 0x6B: return {{HeapKind::struct_, Feature::gc}};
    case 0x6A: return {{HeapKind::array, Feature::gc}};
    case 0x69: return {{HeapKind::exn, Feature::exceptions}};
    default: return std::nullopt;
    }
}

// One byte that is a negative s33: a code, not a type index.
constexpr bool is_type_code(int byte) { return byte >= 0x40 && byte < 0x80; }

// A byte that starts a type but means none.
std::unexpected<Error> bad_type(const Reader& in, Fault fault) {
    if (in.at_end()) return in.fail(Fault::unexpected_end, {}, in.offset());
    return in.fail(fault, hex_byte(static_cast<u32>(in.peek())), in.offset());
}

// vec(valtype), at most `limit` of them.
Result<std::vector<ValType>> decode_result_type(Reader& in, Features features, u32 limit,
                                                const char* what) {
    const u32 at = in.offset();
    const u32 count = TRY(in.length());
    if (count > limit) {
        return std::unexpected(limit_error(std::string("too many ") + what + ": " +
                                               std::to_string(count) + " (limit " +
                                               std::to_string(limit) + ")",
                                           at));
    }
    std::vector<ValType> types;
    types.reserve(count);
    for (u32 i = 0; i < count; ++i)
        types.push_back(TRY(decode_val_type(in, features)));
    return types;
}

// mut ::= 0x00 | 0x01
Result<bool> decode_mutability(Reader& in) {
    const u32 at = in.offset();
    const u8 byte = TRY(in.byte());
    if (byte > 1) return in.fail(Fault::malformed_mutability, hex_byte(byte), at);
    return byte == 1;
}

// storagetype ::= valtype | 0x78 (i8) | 0x77 (i16)
Result<ValType> decode_storage_type(Reader& in, Features features) {
    switch (in.peek()) {
    case 0x78: TRY(in.byte()); return ValType(ValType::Kind::i8);
    case 0x77: TRY(in.byte()); return ValType(ValType::Kind::i16);
    case 0x7F:
    case 0x7E:
    case 0x7D:
    case 0x7C:
    case 0x7B:
    case code_ref:
    case code_ref_null: break;
    default:
        if (!abstract_heap(in.peek())) return bad_type(in, Fault::malformed_storage_type);
    }
    return decode_val_type(in, features);
}

// fieldtype ::= storagetype mut
Result<core::FieldType> decode_field_type(Reader& in, Features features) {
    core::FieldType field;
    field.storage = TRY(decode_storage_type(in, features));
    field.is_mutable = TRY(decode_mutability(in));
    return field;
}

// functype ::= 0x60 vec(valtype) vec(valtype)
Result<FuncType> decode_func_type(Reader& in, Features features) {
    FuncType func;
    func.params = TRY(decode_result_type(in, features, limits::function_params, "parameters"));
    const u32 at = in.offset();
    func.results = TRY(decode_result_type(in, features, limits::function_results, "results"));
    if (func.results.size() > 1)
        TRY(require(features, Feature::multi_value, "more than one result", at));
    return func;
}

// structtype ::= 0x5F vec(fieldtype)
Result<core::StructType> decode_struct_type(Reader& in, Features features) {
    const u32 at = in.offset();
    const u32 count = TRY(in.length());
    if (count > limits::struct_fields) {
        return std::unexpected(limit_error("too many fields: " + std::to_string(count) +
                                               " (limit " + std::to_string(limits::struct_fields) +
                                               ")",
                                           at));
    }
    core::StructType type;
    type.fields.reserve(count);
    for (u32 i = 0; i < count; ++i)
        type.fields.push_back(TRY(decode_field_type(in, features)));
    return type;
}

// comptype ::= 0x5E arraytype | 0x5F structtype | 0x60 functype
Result<core::CompType> decode_comp_type(Reader& in, Features features) {
    const u32 at = in.offset();
    switch (in.peek()) {
    case code_func: TRY(in.byte()); return TRY(decode_func_type(in, features));
    case code_struct:
        TRY(require(features, Feature::gc, "struct type", at));
        TRY(in.byte());
        return TRY(decode_struct_type(in, features));
    case code_array:
        TRY(require(features, Feature::gc, "array type", at));
        TRY(in.byte());
        return core::ArrayType{TRY(decode_field_type(in, features))};
    default:
        // The codes are negative integers of seven bits.
        if (in.peek() >= 0x80) return in.fail(Fault::integer_representation_too_long, {}, at);
        return bad_type(in, Fault::malformed_definition_type);
    }
}

// What the flags byte of a limits production says.
struct LimitsFlags {
    bool has_max;
    bool shared;
    bool is_64;
    bool page_size;
};

// limits ::= flags min:u64 max:u64?
// The flags are a byte: bit 0 a maximum follows, bit 1 shared, bit 2 64-bit
// addresses, bit 3 a page size follows. Shared and page size: memories only.
Result<LimitsFlags> decode_limits_flags(Reader& in, Features features, bool is_memory) {
    const u32 at = in.offset();
    const u8 flags = TRY(in.byte());
    const auto refuse = [&](u8 bit, Feature feature, const char* what) -> Result<void> {
        if (!(flags & bit) || features.has(feature)) return {};
        return std::unexpected(
            make_error(Fault::malformed_limits_flags, hex_byte(flags) + ": " + what, feature, at));
    };
    if (flags > (is_memory ? 0x0F : 0x07) || (!is_memory && (flags & 0x02)))
        return in.fail(Fault::malformed_limits_flags, hex_byte(flags), at);
    TRY(refuse(0x02, Feature::threads, "shared memory"));
    TRY(refuse(0x04, Feature::memory64, "64-bit addresses"));
    TRY(refuse(0x08, Feature::custom_page_sizes, "page size"));
    return LimitsFlags{(flags & 0x01) != 0, (flags & 0x02) != 0, (flags & 0x04) != 0,
                       (flags & 0x08) != 0};
}

Result<Limits> decode_bounds(Reader& in, bool has_max) {
    Limits limits;
    limits.min = TRY(in.u64_leb());
    if (has_max) limits.max = TRY(in.u64_leb());
    return limits;
}

}  // namespace

std::string hex_byte(u32 byte) {
    char text[16];
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(byte));
    return text;
}

Result<void> require(Features features, Feature feature, const char* what, u32 at) {
    if (features.has(feature)) [[likely]]
        return {};
    return std::unexpected(unsupported(feature, what, at));
}

// valtype ::= 0x7F i32 | 0x7E i64 | 0x7D f32 | 0x7C f64 | 0x7B v128 | reftype
Result<ValType> decode_val_type(Reader& in, Features features) {
    const u32 at = in.offset();
    const int code = in.peek();
    switch (code) {
    case 0x7F: TRY(in.byte()); return i32;
    case 0x7E: TRY(in.byte()); return i64;
    case 0x7D: TRY(in.byte()); return f32;
    case 0x7C: TRY(in.byte()); return f64;
    case 0x7B:
        TRY(require(features, Feature::simd, "v128", at));
        TRY(in.byte());
        return v128;
    case 0x70: TRY(require(features, Feature::reference_types, "funcref", at)); break;
    case code_ref:
    case code_ref_null: break;
    default:
        if (!abstract_heap(code)) return bad_type(in, Fault::malformed_value_type);
    }
    return decode_ref_type(in, features);
}

// heaptype ::= absheaptype | typeidx:s33, not negative
Result<HeapType> decode_heap_type(Reader& in, Features features) {
    const u32 at = in.offset();
    if (is_type_code(in.peek())) {
        const auto abstract = abstract_heap(in.peek());
        if (!abstract) return bad_type(in, Fault::malformed_heap_type);
        const HeapType type(abstract->kind);
        if (!features.has(abstract->feature)) {
            const std::string name = to_string(type);
            TRY(require(features, abstract->feature, name.c_str(), at));
        }
        TRY(in.byte());
        return type;
    }
    const s64 index = TRY(in.s33_leb());
    if (index < 0) return in.fail(Fault::malformed_heap_type, {}, at);
    TRY(require(features, Feature::function_references, "type index as heap type", at));
    // A HeapType has no room for larger indices; nor has a module for the types.
    static_assert(limits::types <= HeapType::max_index);
    if (index > HeapType::max_index) return in.fail(Fault::unknown_type, std::to_string(index), at);
    return HeapType::defined(static_cast<u32>(index));
}

// reftype ::= 0x64 heaptype | 0x63 heaptype (nullable) | absheaptype (nullable)
Result<ValType> decode_ref_type(Reader& in, Features features) {
    const u32 at = in.offset();
    const int code = in.peek();
    if (code == code_ref || code == code_ref_null) {
        TRY(require(features, Feature::function_references, "(ref ...)", at));
        TRY(in.byte());
        return ValType::ref(TRY(decode_heap_type(in, features)), code == code_ref_null);
    }
    if (!abstract_heap(code)) return bad_type(in, Fault::malformed_reference_type);
    return ValType::ref(TRY(decode_heap_type(in, features)), true);
}

// memtype ::= limits log2_page_size:u32?
Result<MemoryType> decode_memory_type(Reader& in, Features features) {
    const LimitsFlags flags = TRY(decode_limits_flags(in, features, true));
    MemoryType type;
    type.limits = TRY(decode_bounds(in, flags.has_max));
    type.address = flags.is_64 ? AddressType::i64 : AddressType::i32;
    type.shared = flags.shared;
    if (flags.page_size) {
        const u32 at = in.offset();
        const u32 log2 = TRY(in.u32_leb());
        if (log2 >= 64) return in.fail(Fault::invalid_page_size, {}, at);
        type.page_size_log2 = static_cast<u8>(log2);
    }
    return type;
}

// tabletype ::= reftype limits
Result<TableType> decode_table_type(Reader& in, Features features) {
    TableType type;
    type.element = TRY(decode_ref_type(in, features));
    const LimitsFlags flags = TRY(decode_limits_flags(in, features, false));
    type.limits = TRY(decode_bounds(in, flags.has_max));
    type.address = flags.is_64 ? AddressType::i64 : AddressType::i32;
    return type;
}

// globaltype ::= valtype mut
Result<GlobalType> decode_global_type(Reader& in, Features features) {
    GlobalType type;
    type.type = TRY(decode_val_type(in, features));
    type.is_mutable = TRY(decode_mutability(in));
    return type;
}

// tagtype ::= 0x00 typeidx
Result<u32> decode_tag_type(Reader& in) {
    const u32 at = in.offset();
    const u8 attribute = TRY(in.byte());
    if (attribute != 0) return in.fail(Fault::malformed_tag, hex_byte(attribute), at);
    return in.u32_leb();
}

// subtype ::= 0x50 vec(typeidx) comptype | 0x4F vec(typeidx) comptype (final)
//           | comptype (final)
Result<core::SubType> decode_sub_type(Reader& in, Features features) {
    core::SubType type;
    type.offset = in.offset();
    const int code = in.peek();
    if (code == code_sub || code == code_sub_final) {
        TRY(require(features, Feature::gc, "sub type", type.offset));
        TRY(in.byte());
        type.is_final = code == code_sub_final;
        const u32 count = TRY(in.length());
        for (u32 i = 0; i < count; ++i)
            type.supertypes.push_back(TRY(in.u32_leb()));
    }
    type.comp = TRY(decode_comp_type(in, features));
    return type;
}

}  // namespace waxwing
