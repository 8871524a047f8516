// A module as decoded: the abstract syntax of the specification ("Structure /
// Modules"), with function bodies and initializers left as places in the bytes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/int.hpp"
#include "core/module_bytes.hpp"
#include "waxwing/features.hpp"
#include "waxwing/types.hpp"

namespace waxwing::core {

// A place in the module's bytes.
struct Range {
    u32 offset = 0;
    u32 size = 0;
};

struct FieldType {
    ValType storage;  // may be i8 or i16
    bool is_mutable = false;
    friend bool operator==(const FieldType&, const FieldType&) = default;
};
struct StructType {
    std::vector<FieldType> fields;
    friend bool operator==(const StructType&, const StructType&) = default;
};
struct ArrayType {
    FieldType element;
    friend bool operator==(const ArrayType&, const ArrayType&) = default;
};
using CompType = std::variant<FuncType, StructType, ArrayType>;

// subtype ::= sub final? supertype* comptype
struct SubType {
    static constexpr u32 no_super = 0xFFFFFFFF;
    CompType comp;
    bool is_final = true;
    std::vector<u32> supertypes;  // at most one is valid
    u32 offset = 0;
    const FuncType* func() const { return std::get_if<FuncType>(&comp); }
    const StructType* struct_() const { return std::get_if<StructType>(&comp); }
    const ArrayType* array() const { return std::get_if<ArrayType>(&comp); }
};

// rectype: `count` consecutive types that may refer to each other.
struct RecGroup {
    u32 first = 0;
    u32 count = 0;
};

// expr: instructions up to and including `end`.
struct Expr {
    Range body;
};

struct Import {
    std::string_view module;
    std::string_view name;
    ExternKind kind;
    u32 index = 0;  // in the index space of `kind`
    u32 offset = 0;
};
struct Function {
    u32 type = 0;    // type index
    u32 offset = 0;  // of the declaration (import or function section)
};
struct Table {
    TableType type;
    std::optional<Expr> init;  // none: ref.null
    u32 offset = 0;
};
struct Memory {
    MemoryType type;
    u32 offset = 0;
};
struct Global {
    GlobalType type;
    Expr init;  // empty for imports
    u32 offset = 0;
};
struct Tag {
    u32 type = 0;
    u32 offset = 0;
};
struct Export {
    std::string_view name;
    ExternKind kind;
    u32 index = 0;
    u32 offset = 0;
};
struct Start {
    u32 func = 0;
    u32 offset = 0;
};

enum class SegmentMode : u8 { active, passive, declarative };

struct ElemSegment {
    SegmentMode mode = SegmentMode::passive;
    ValType type;
    u32 table = 0;           // if active
    Expr table_offset;       // if active
    bool has_exprs = false;  // items are exprs, else funcs
    std::vector<u32> funcs;  // each stands for ref.func f
    std::vector<Expr> exprs;
    u32 offset = 0;
    usize count() const { return has_exprs ? exprs.size() : funcs.size(); }
};

struct DataSegment {
    SegmentMode mode = SegmentMode::passive;
    u32 memory = 0;      // if active
    Expr memory_offset;  // if active
    Range bytes;
    u32 offset = 0;
};

// local groups as written: `count` locals of one type.
struct LocalGroup {
    u32 count = 0;
    ValType type;
};

// code: one function body of the code section.
struct Code {
    Range range;          // locals and instructions: what the size field covers
    Range instructions;   // up to and including the final end
    u32 first_group = 0;  // in Module::local_groups
    u32 group_count = 0;
    u32 local_count = 0;  // sum over the groups, without parameters
};

// The section a custom section stands after; 0 if before all others.
struct CustomSection {
    std::string_view name;
    Range payload;
    u32 offset = 0;
    u8 after_section = 0;
};

// Invariant: every string_view and Range refers to `bytes`.
// Imported items come first in each index space.
struct Module {
    ModuleBytes bytes;
    Features features;  // those it was decoded with

    std::vector<SubType> types;
    std::vector<RecGroup> rec_groups;
    std::vector<Import> imports;
    std::vector<Function> functions;  // imported ones first
    std::vector<Table> tables;
    std::vector<Memory> memories;
    std::vector<Tag> tags;
    std::vector<Global> globals;
    std::vector<Export> exports;
    std::optional<Start> start;
    std::vector<ElemSegment> elems;
    std::vector<DataSegment> datas;
    std::optional<u32> data_count;  // of the data count section
    std::vector<Code> code;         // of functions[imported_functions + i]
    std::vector<LocalGroup> local_groups;
    std::vector<CustomSection> customs;

    u32 imported_functions = 0;
    u32 imported_tables = 0;
    u32 imported_memories = 0;
    u32 imported_tags = 0;
    u32 imported_globals = 0;

    std::span<const u8> view(Range r) const { return {bytes.data() + r.offset, r.size}; }
    std::span<const LocalGroup> locals(const Code& c) const {
        return {local_groups.data() + c.first_group, c.group_count};
    }
    // Requires: valid index of a function type (true after validation).
    const FuncType& func_type(u32 func) const { return *types[functions[func].type].func(); }
};

}  // namespace waxwing::core
