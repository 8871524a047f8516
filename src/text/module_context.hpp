// What all parsers of one module share: the place in the text, the index spaces, the
// types.
//
// Invariants:
// 1. All index spaces are complete before the first field is parsed, so that
//    names may be used before they are defined.
// 2. `types` holds the explicit types first; implicit ones are appended behind
//    them in the order in which they are first used.
// 3. What is kept of a token is its place in the text: parsing takes memory in
//    proportion to the module, not to the text.
#pragma once

#include "core/writer.hpp"
#include "text/annotations.hpp"
#include "text/cursor.hpp"
#include "text/locate.hpp"
#include "text/names.hpp"
#include "text/type_table.hpp"

namespace waxwing::text {

// A function type, without its counts in binary.
struct Signature {
    Writer types;          // of the parameters, then of the results
    usize results_at = 0;  // where those of the results begin
    u32 param_count = 0;
    u32 result_count = 0;
    bool empty() const { return param_count == 0 && result_count == 0; }
    std::string_view results() const { return types.view(results_at); }
    // functype ::= 60 vec(valtype) vec(valtype)
    void write(Writer& out) const;
};

// typeuse ::= '(' 'type' idx ')' param* result* | param* result*
struct TypeUse {
    bool has_index = false;
    u32 index = 0;  // if has_index
    Token token;    // where the index stands, or the first token of the use
    Signature signature;
};

struct ModuleContext {
    ModuleContext(std::string_view source, usize begin, usize end)
        : in(source, begin, end), annotations(in) {}
    ModuleContext(const ModuleContext&) = delete;
    ModuleContext& operator=(const ModuleContext&) = delete;

    Cursor in;
    CustomAnnotations annotations;

    IndexSpace types_space{.unknown = "type", .duplicate = "type"};
    IndexSpace funcs{.unknown = "function", .duplicate = "func"};
    IndexSpace tables{.unknown = "table", .duplicate = "table"};
    IndexSpace memories{.unknown = "memory", .duplicate = "memory"};
    IndexSpace globals{.unknown = "global", .duplicate = "global"};
    IndexSpace tags{.unknown = "tag", .duplicate = "tag"};
    IndexSpace elems{.unknown = "elem segment", .duplicate = "elem"};
    IndexSpace datas{.unknown = "data segment", .duplicate = "data"};
    NameTable fields;  // of structs; the scope is the type's index

    TypeTable types;
    bool u32_limits = false;  // see TextOptions
    bool data_count_needed = false;
    SoughtPlace* sought = nullptr;  // if a place is looked for

    // id?  The name is bound to the next index of `space`, which is not counted up.
    Result<void> bind(IndexSpace& space);
    // The same when the name has been bound before.
    void pass_name();
    // idx ::= nat | id
    Result<u32> index(const IndexSpace& space);
    Result<u32> field_index(u32 type);
    bool at_index() const { return in.kind() == TokenKind::nat || in.kind() == TokenKind::id; }
    Error unknown(const char* what, const Token& token);

    // Types, in binary, appended to `out`.
    Result<void> heap_type(Writer& out);
    Result<void> ref_type(Writer& out);
    // The same in two: the heap type, and if it is nullable.
    Result<void> ref_type_parts(Writer& heap, bool& nullable);
    Result<void> value_type(Writer& out);
    bool at_ref_type();
    bool at_value_type();
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
    Result<u32> lookup(const NameTable& names, u32 scope, const char* unknown);
    Result<void> bind(NameTable& names, u32 index, u32 scope, const char* duplicate);
    u32 count_types();
    Result<void> subtype(bool singleton);
    Result<bool> comp_type(Writer& out);
    Result<void> struct_fields(Writer& out);
};

}  // namespace waxwing::text
