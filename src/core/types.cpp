#include <cmath>
#include <cstdio>
#include <cstring>

#include "waxwing/error.hpp"
#include "waxwing/features.hpp"
#include "waxwing/types.hpp"
#include "waxwing/value.hpp"

namespace waxwing {
namespace {

const char* name_of(HeapKind kind) {
    switch (kind) {
    case HeapKind::any: return "any";
    case HeapKind::eq: return "eq";
    case HeapKind::i31: return "i31";
    case HeapKind::struct_: return "struct";
    case HeapKind::array: return "array";
    case HeapKind::none: return "none";
    case HeapKind::func: return "func";
    case HeapKind::nofunc: return "nofunc";
    case HeapKind::extern_: return "extern";
    case HeapKind::noextern: return "noextern";
    case HeapKind::exn: return "exn";
    case HeapKind::noexn: return "noexn";
    case HeapKind::concrete: return "type";
    case HeapKind::bottom: return "bot";
    }
    return "";
}

// The one-word form of (ref null kind): funcref, nullref.
std::string short_name(HeapKind kind) {
    switch (kind) {
    case HeapKind::none: return "nullref";
    case HeapKind::nofunc: return "nullfuncref";
    case HeapKind::noextern: return "nullexternref";
    case HeapKind::noexn: return "nullexnref";
    default: return std::string(name_of(kind)) + "ref";
    }
}

template <class List>
std::string bracketed(const List& types) {
    std::string text = "[";
    for (const ValType type : types) {
        if (text.size() > 1) text += ' ';
        text += to_string(type);
    }
    return text + "]";
}

template <class Bits, class Float>
std::string float_text(Bits bits, Float value, int digits, int mantissa_bits) {
    char text[48];
    if (std::isnan(value)) {
        const Bits payload = bits & ((Bits{1} << mantissa_bits) - 1);
        const bool canonical = payload == Bits{1} << (mantissa_bits - 1);
        const char* sign = std::signbit(value) ? "-" : "";
        if (canonical) return std::string(sign) + "nan";
        std::snprintf(text, sizeof text, "%snan:0x%llx", sign,
                      static_cast<unsigned long long>(payload));
    } else {
        // The shortest text that reads back as the same number.
        for (int n = 1; n <= digits; ++n) {
            std::snprintf(text, sizeof text, "%.*g", n, static_cast<double>(value));
            if (static_cast<Float>(std::strtod(text, nullptr)) == value) break;
        }
    }
    return text;
}

}  // namespace

std::string to_string(HeapType type) {
    return type.is_concrete() ? std::to_string(type.index()) : name_of(type.kind());
}

std::string to_string(ValType type) {
    switch (type.kind()) {
    case ValType::Kind::bottom: return "bot";
    case ValType::Kind::i32: return "i32";
    case ValType::Kind::i64: return "i64";
    case ValType::Kind::f32: return "f32";
    case ValType::Kind::f64: return "f64";
    case ValType::Kind::v128: return "v128";
    case ValType::Kind::i8: return "i8";
    case ValType::Kind::i16: return "i16";
    case ValType::Kind::ref: break;
    }
    const HeapType heap = type.heap();
    if (type.is_nullable() && !heap.is_concrete()) return short_name(heap.kind());
    return std::string("(ref ") + (type.is_nullable() ? "null " : "") + to_string(heap) + ")";
}

std::string to_string(const FuncType& type) {
    return bracketed(type.params) + " -> " + bracketed(type.results);
}

const char* to_string(ExternKind kind, Spelling spelling) {
    switch (kind) {
    case ExternKind::func: return spelling == Spelling::full ? "function" : "func";
    case ExternKind::table: return "table";
    case ExternKind::memory: return "memory";
    case ExternKind::global: return "global";
    case ExternKind::tag: return "tag";
    }
    return "";
}

bool kind_is(const ExportInfo& e, const char* spelling) {
    return std::strcmp(to_string(e.kind), spelling) == 0 ||
           std::strcmp(to_string(e.kind, Spelling::brief), spelling) == 0;
}

const char* to_string(Trap trap) {
    switch (trap) {
    case Trap::none: return "";
#define TRAP(ident, text) \
    case Trap::ident: return text;
#include "waxwing/traps.def"
    }
    return "";
}

const char* to_string(Feature feature) {
    switch (feature) {
    case Feature::mvp: return "mvp";
    case Feature::sign_extension: return "sign-extension";
    case Feature::saturating_float_to_int: return "saturating-float-to-int";
    case Feature::bulk_memory: return "bulk-memory";
    case Feature::reference_types: return "reference-types";
    case Feature::multi_value: return "multi-value";
    case Feature::mutable_globals: return "mutable-globals";
    case Feature::simd: return "simd";
    case Feature::relaxed_simd: return "relaxed-simd";
    case Feature::tail_call: return "tail-call";
    case Feature::extended_const: return "extended-const";
    case Feature::multi_memory: return "multi-memory";
    case Feature::memory64: return "memory64";
    case Feature::function_references: return "function-references";
    case Feature::gc: return "gc";
    case Feature::exceptions: return "exceptions";
    case Feature::threads: return "threads";
    case Feature::custom_page_sizes: return "custom-page-sizes";
    case Feature::wide_arithmetic: return "wide-arithmetic";
    case Feature::legacy_exceptions: return "legacy-exceptions";
    }
    return "";
}

std::string to_string(const Value& value) {
    switch (value.type().kind()) {
    case ValType::Kind::i32: return std::to_string(value.as_i32());
    case ValType::Kind::i64: return std::to_string(value.as_i64());
    case ValType::Kind::f32:
        return float_text(static_cast<std::uint32_t>(value.bits()), value.as_f32(), 9, 23);
    case ValType::Kind::f64: return float_text(value.bits(), value.as_f64(), 17, 52);
    case ValType::Kind::v128: {
        std::string text = "i32x4";
        const V128 vec = value.as_v128();
        for (int lane = 0; lane < 4; ++lane) {
            std::uint32_t bits;
            std::memcpy(&bits, vec.bytes.data() + 4 * lane, 4);
            char hex[16];
            std::snprintf(hex, sizeof hex, " 0x%08x", bits);
            text += hex;
        }
        return text;
    }
    default: break;
    }
    const Ref ref = value.as_ref();
    if (ref.is_null()) return "null";
    if (ref.is_host()) return "host " + std::to_string(ref.host_payload());
    if (ref.is_i31()) return "i31 " + std::to_string(ref.i31_unsigned());
    return "reference";
}

}  // namespace waxwing
