// What all parsers of one module share: the tokens, the index spaces, the types.
//
// Invariants:
// 1. All index spaces are complete before the first field is parsed, so that
//    names may be used before they are defined.
// 2. `types` holds the explicit types first; implicit ones are appended behind
//    them in the order in which they are first used.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/writer.hpp"
#include "text/annotations.hpp"
#include "text/cursor.hpp"
#include "text/index_space.hpp"

namespace waxwing::text {

// A function type, each half already in binary without its count.
struct Signature {
    Writer params;
    Writer results;
    u32 param_count = 0;
    u32 result_count = 0;
    bool empty() const { return param_count == 0 && result_count == 0; }
    // functype ::= 60 vec(valtype) vec(valtype).  Equal types have equal bytes.
    std::string key() const;
};

// What the text needs to know about a type of the module.
struct TypeEntry {
    bool is_func = false;
    std::string key;      // Signature::key(), if is_func
    u32 param_count = 0;  // if is_func
};

// typeuse ::= '(' 'type' idx ')' param* result* | param* result*
struct TypeUse {
    bool has_index = false;
    u32 index = 0;  // if has_index
    Token token;    // where the index stands, or the first token of the use
    Signature signature;
};

struct ModuleContext {
    explicit ModuleContext(const Tokens& tokens) : in(tokens) {}

    Cursor in;

    IndexSpace types_space{.unknown = "type", .duplicate = "type"};
    IndexSpace funcs{.unknown = "function", .duplicate = "func"};
    IndexSpace tables{.unknown = "table", .duplicate = "table"};
    IndexSpace memories{.unknown = "memory", .duplicate = "memory"};
    IndexSpace globals{.unknown = "global", .duplicate = "global"};
    IndexSpace tags{.unknown = "tag", .duplicate = "tag"};
    IndexSpace elems{.unknown = "elem segment", .duplicate = "elem"};
    IndexSpace datas{.unknown = "data segment", .duplicate = "data"};
    std::unordered_map<u32, IndexSpace> fields;  // by type index; structs with named fields

    std::vector<TypeEntry> types;
    std::unordered_map<std::string, u32> func_types;  // key -> lowest index that may be reused
    Writer rec_types;                                 // contents of the type section
    u32 rec_type_count = 0;                           // number of recursion groups
    bool u32_limits = false;                          // see TextOptions
    bool data_count_needed = false;
    CustomAnnotations* annotations = nullptr;  // if they are asked for

    // Names of identifiers: valid as long as the context lives.
    std::string_view identifier(const Token& token);

    // id?  The name is bound to the next index of `space`, which is not counted up.
    Result<void> bind(IndexSpace& space);
    // idx ::= nat | id
    Result<u32> index(const IndexSpace& space);
    bool at_index() const { return in.kind() == TokenKind::nat || in.kind() == TokenKind::id; }
    Error unknown(const IndexSpace& space, const Token& token);

    // Types, in binary, appended to `out`.
    Result<void> heap_type(Writer& out);
    Result<void> ref_type(Writer& out);
    // The same in two: the heap type, and if it is nullable.
    Result<void> ref_type_parts(Writer& heap, bool& nullable);
    Result<void> value_type(Writer& out);
    bool at_ref_type() const;
    bool at_value_type() const;
    Result<void> global_type(Writer& out);
    Result<void> field_type(Writer& out);

    // param* result*.  `locals` takes the names of parameters; null: names are not allowed.
    Result<void> signature(Signature& out, IndexSpace* locals);
    Result<TypeUse> type_use(IndexSpace* locals);
    // The index of the type a use stands for. Checks an inline type against the
    // explicit one; finds or appends the type of a use without an index.
    Result<u32> resolve(const TypeUse& use);

    // The fields `type` and `rec`.
    Result<void> type_definition();
    Result<void> rec_group();

private:
    Result<void> subtype(u32 index, bool singleton);
    Result<void> comp_type(u32 index, Writer& out, TypeEntry& entry);
    Result<void> struct_fields(u32 index, Writer& out);
    std::deque<std::string> storage_;  // of identifiers with escapes
};

}  // namespace waxwing::text
