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
    static constexpr std::uint32_t max_index = (1u << 29) - 1;

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
// Four bytes. Bit 0 is set for references: then bit 1 is nullability, and bits
// 3-31 are a type index if bit 2 is set, else the heap kind. For other types bits
// 1-4 are the kind.
class ValType {
public:
    enum class Kind : std::uint8_t { bottom, i32, i64, f32, f64, v128, ref, i8, i16 };

    constexpr ValType() = default;
    constexpr ValType(Kind kind) : bits_(static_cast<std::uint32_t>(kind) << 1) {}
    static constexpr ValType ref(HeapType heap, bool nullable) {
        ValType type;
        type.bits_ = ref_bit | (nullable ? null_bit : 0u);
        type.bits_ |= heap.is_concrete() ? concrete_bit | heap.index() << 3
                                         : static_cast<std::uint32_t>(heap.kind()) << 3;
        return type;
    }

    constexpr Kind kind() const { return is_ref() ? Kind::ref : static_cast<Kind>(bits_ >> 1); }
    constexpr bool is_bottom() const { return bits_ == 0; }
    constexpr bool is_ref() const { return (bits_ & ref_bit) != 0; }
    constexpr bool is_vector() const { return bits_ == ValType(Kind::v128).bits_; }
    constexpr bool is_number() const { return kind() >= Kind::i32 && kind() <= Kind::f64; }
    constexpr bool is_packed() const { return kind() == Kind::i8 || kind() == Kind::i16; }
    // A type whose values have a default: all but non-nullable references.
    constexpr bool is_defaultable() const { return !is_ref() || is_nullable(); }
    constexpr bool is_nullable() const { return (~bits_ & (ref_bit | null_bit)) == 0; }
    constexpr HeapType heap() const {  // requires is_ref()
        return (bits_ & concrete_bit) != 0 ? HeapType::defined(bits_ >> 3)
                                           : HeapType(static_cast<HeapKind>(bits_ >> 3));
    }
    constexpr std::uint32_t bits() const { return bits_; }

    friend constexpr bool operator==(ValType, ValType) = default;

private:
    static constexpr std::uint32_t ref_bit = 1, null_bit = 2, concrete_bit = 4;
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
    ExternKind kind{};
    ExternType type;
};

struct ExportInfo {
    std::string name;
    ExternKind kind{};
    ExternType type;
    // The function's type; empty for exports of other kinds.
    const FuncType* func() const { return std::get_if<FuncType>(&type); }
};

// True for both spellings: kind_is(e, "function") and kind_is(e, "func").
bool kind_is(const ExportInfo& e, const char* spelling);

}  // namespace waxwing
#pragma GCC visibility pop
