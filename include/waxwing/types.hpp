// The types of WebAssembly, as values. Everything here is small and copyable.
// Source: specification, "Structure / Types".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)
namespace waxwing {

// What a reference may point to. `concrete` is a defined type, given by an
// index; `bottom` is the heap type of operands in unreachable code.
enum class HeapKind : std::uint8_t {
    any,
    eq,
    i31,
    struct_,
    array,
    none,  // the `any` hierarchy
    func,
    nofunc,  // the `func` hierarchy
    extern_,
    noextern,  // the `extern` hierarchy
    exn,
    noexn,  // the `exn` hierarchy
    concrete,
    bottom,
};

// heaptype ::= absheaptype | typeidx
class HeapType {
public:
    static constexpr std::uint32_t max_index = (1u << 23) - 1;

    constexpr HeapType(HeapKind kind = HeapKind::any) : kind_(kind) {}
    static constexpr HeapType defined(std::uint32_t index) {
        HeapType type(HeapKind::concrete);
        type.index_ = index;
        return type;
    }

    constexpr HeapKind kind() const { return kind_; }
    constexpr bool is_concrete() const { return kind_ == HeapKind::concrete; }
    // Requires is_concrete(). In a decoded module this is an index into the
    // module's types; everywhere at run time it is a canonical type id.
    constexpr std::uint32_t index() const { return index_; }

    friend constexpr bool operator==(HeapType, HeapType) = default;

private:
    HeapKind kind_;
    std::uint32_t index_ = 0;
};

// valtype, and the packed storage types i8 and i16 of fields.
// Four bytes: kind in bits 0-3, nullability in bit 4, heap kind in bits 5-8,
// type index in bits 9-31.
class ValType {
public:
    enum class Kind : std::uint8_t { bottom, i32, i64, f32, f64, v128, ref, i8, i16 };

    constexpr ValType() = default;
    constexpr ValType(Kind kind) : bits_(static_cast<std::uint32_t>(kind)) {}
    static constexpr ValType ref(HeapType heap, bool nullable) {
        ValType type(Kind::ref);
        type.bits_ |= (nullable ? 1u : 0u) << 4;
        type.bits_ |= static_cast<std::uint32_t>(heap.kind()) << 5;
        if (heap.is_concrete()) type.bits_ |= heap.index() << 9;
        return type;
    }

    constexpr Kind kind() const { return static_cast<Kind>(bits_ & 0xF); }
    constexpr bool is_bottom() const { return bits_ == 0; }
    constexpr bool is_ref() const { return kind() == Kind::ref; }
    constexpr bool is_vector() const { return kind() == Kind::v128; }
    constexpr bool is_number() const { return kind() >= Kind::i32 && kind() <= Kind::f64; }
    constexpr bool is_packed() const { return kind() == Kind::i8 || kind() == Kind::i16; }
    // A type whose values have a default: all but non-nullable references.
    constexpr bool is_defaultable() const { return !is_ref() || is_nullable(); }
    constexpr bool is_nullable() const { return (bits_ >> 4) & 1; }
    constexpr HeapType heap() const {
        const auto kind = static_cast<HeapKind>((bits_ >> 5) & 0xF);
        return kind == HeapKind::concrete ? HeapType::defined(bits_ >> 9) : HeapType(kind);
    }
    constexpr std::uint32_t bits() const { return bits_; }

    friend constexpr bool operator==(ValType, ValType) = default;

private:
    std::uint32_t bits_ = 0;
};

inline constexpr ValType i32 = ValType::Kind::i32;
inline constexpr ValType i64 = ValType::Kind::i64;
inline constexpr ValType f32 = ValType::Kind::f32;
inline constexpr ValType f64 = ValType::Kind::f64;
inline constexpr ValType v128 = ValType::Kind::v128;
inline constexpr ValType funcref = ValType::ref(HeapKind::func, true);
inline constexpr ValType externref = ValType::ref(HeapKind::extern_, true);
inline constexpr ValType anyref = ValType::ref(HeapKind::any, true);
inline constexpr ValType eqref = ValType::ref(HeapKind::eq, true);
inline constexpr ValType i31ref = ValType::ref(HeapKind::i31, true);
inline constexpr ValType structref = ValType::ref(HeapKind::struct_, true);
inline constexpr ValType arrayref = ValType::ref(HeapKind::array, true);
inline constexpr ValType exnref = ValType::ref(HeapKind::exn, true);

// The text form of a type: "i32", "funcref", "(ref null 3)".
std::string to_string(ValType type);
std::string to_string(HeapType type);

// functype ::= params -> results
struct FuncType {
    std::vector<ValType> params;
    std::vector<ValType> results;
    friend bool operator==(const FuncType&, const FuncType&) = default;
};
std::string to_string(const FuncType& type);  // "[i32 i64] -> [f32]"

// addrtype: what addresses and sizes of a memory or table are counted in.
enum class AddressType : std::uint8_t { i32, i64 };

// limits ::= [min .. max?], in pages for memories, in elements for tables.
struct Limits {
    std::uint64_t min = 0;
    std::optional<std::uint64_t> max;
    friend bool operator==(const Limits&, const Limits&) = default;
};

struct MemoryType {
    Limits limits;
    AddressType address = AddressType::i32;
    bool shared = false;
    std::uint8_t page_size_log2 = 16;
    friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

struct TableType {
    ValType element = funcref;
    Limits limits;
    AddressType address = AddressType::i32;
    friend bool operator==(const TableType&, const TableType&) = default;
};

struct GlobalType {
    ValType type;
    bool is_mutable = false;
    friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

struct TagType {
    FuncType type;  // without results
    friend bool operator==(const TagType&, const TagType&) = default;
};

enum class ExternKind : std::uint8_t { func, table, memory, global, tag };

// How an ExternKind is spelled: "function" or, short, "func".
enum class Spelling : std::uint8_t { full, brief };
const char* to_string(ExternKind kind, Spelling spelling = Spelling::full);

using ExternType = std::variant<FuncType, TableType, MemoryType, GlobalType, TagType>;

struct ImportInfo {
    std::string module;
    std::string name;
    ExternKind kind;
    ExternType type;
};

struct ExportInfo {
    std::string name;
    ExternKind kind;
    ExternType type;
    // The function's type; empty for exports of other kinds.
    const FuncType* func() const { return std::get_if<FuncType>(&type); }
};

// True for both spellings: kind_is(e, "function") and kind_is(e, "func").
bool kind_is(const ExportInfo& e, const char* spelling);

}  // namespace waxwing
#pragma GCC visibility pop
