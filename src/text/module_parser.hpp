// The fields of a module, to binary. Two passes over the tokens: the first
// gives every definition its index and its name, the second writes.
#pragma once

#include <array>
#include <vector>

#include "text/instr_parser.hpp"
#include "text/module_context.hpp"
#include "waxwing/types.hpp"

namespace waxwing::text {

class ModuleParser {
public:
    explicit ModuleParser(const Tokens& tokens) : module_(tokens), in_(module_.in) {}

    ModuleContext& context() { return module_; }

    // module ::= '(' 'module' id? field* ')' | field*, then the end of the text.
    Result<void> parse();
    // Requires: parse() succeeded.
    std::vector<u8> binary(bool names) const;

private:
    // A section's entries and their number.
    struct Section {
        Writer entries;
        u32 count = 0;
    };
    struct Field {
        Keyword word;
        usize position;  // behind the word
    };

    // First pass
    Result<void> scan();
    Result<void> scan_field(Keyword word);
    Result<void> scan_types(Keyword word);
    Result<void> scan_definition(Keyword word);
    Result<void> define(IndexSpace& space, bool imported, const Token& at);
    IndexSpace* space_of(Keyword word);

    // Second pass
    Result<void> field(const Field& field);
    Result<void> import();
    Result<void> func();
    Result<void> table();
    Result<void> memory();
    Result<void> global();
    Result<void> tag();
    Result<void> export_();
    Result<void> start();
    Result<void> elem();
    Result<void> data();

    // Parts of fields
    Result<void> exports(ExternKind kind, u32 index);
    Result<bool> inline_import(ExternKind kind);
    Result<void> import_description(ExternKind kind);
    Result<void> code(IndexSpace& locals, u32 index);
    Result<void> local_groups(IndexSpace& locals, Writer& out);
    Result<void> expression(Writer& out);
    Result<void> offset(Writer& out);
    bool address_type_is_64();
    Result<void> limits(bool is_64, u8 flags, Writer& out);
    Result<void> memory_type(Writer& out);
    Result<void> page_size(u8& log2);
    Result<void> table_type(Writer& out);
    Result<void> inline_elem(u32 table, bool is_64, const Writer& type);
    Result<void> inline_data(u32 memory, bool is_64);
    Result<void> elem_item(Writer& out);
    Result<void> func_indices(Writer& out, u32& count);
    void offset_zero(bool is_64, Writer& out);

    void name_section(Writer& out) const;
    void branch_hints(Writer& out) const;
    bool gives_custom(std::string_view name) const;

    ModuleContext module_;
    Cursor& in_;
    std::string_view name_;  // of the module
    std::vector<Field> fields_;
    const char* defined_ = nullptr;  // the kind of the last definition, for "import after"
    std::array<u32, 5> next_{};      // next index in the second pass, by ExternKind

    Section imports_, funcs_, tables_, memories_, tags_, globals_, exports_, elems_, datas_, code_;
    bool has_start_ = false;
    u32 start_ = 0;
    core::NestedNames local_names_, label_names_;                 // by function
    std::vector<std::pair<u32, std::vector<BranchHint>>> hints_;  // by function
};

}  // namespace waxwing::text
