// The fields of a module, to binary. Two passes over the text: the first gives every
// definition its index and its name, and skips the rest; the second writes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "text/instr_parser.hpp"
#include "text/module_context.hpp"
#include "text/section.hpp"
#include "waxwing/types.hpp"

namespace waxwing::text {

class ModuleParser {
public:
    // Parses source[begin, end).
    ModuleParser(std::string_view source, usize begin, usize end)
        : module_(source, begin, end), in_(module_.in), instrs_(module_) {}

    ModuleContext& context() { return module_; }

    // module ::= '(' 'module' id? field* ')' | field*, then the end of the text.
    Result<void> parse();
    // Once only. Requires: parse() succeeded.
    std::vector<std::byte> binary(bool names);

private:
    // First pass
    Result<void> scan();
    Result<void> scan_field(Keyword word);
    Result<void> scan_types(Keyword word);
    Result<void> scan_definition(Keyword word);
    Result<void> define(IndexSpace& space, bool imported, const Token& at);
    IndexSpace* space_of(Keyword word);
    bool is_field(Keyword word);

    // Second pass
    Result<void> types();
    Result<void> fields();
    Result<void> field(Keyword word);
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
    Result<void> code(u32 index);
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

    void settle();
    void mark_field(u32 place);
    SoughtPlace* sought_body();

    void write_hints(u32 func);
    void write_labels(u32 func);
    void name_section(Section& out);
    void branch_hints(Section& out);

    ModuleContext module_;
    Cursor& in_;
    bool wrapped_ = false;  // in '(' 'module' ... ')'
    InstrParser instrs_;
    IndexSpace locals_{.unknown = "local", .duplicate = "local"};  // of the function at hand
    std::optional<u32> name_;                                      // of the module: where it stands
    u32 type_fields_ = 0;            // how many fields are types or groups of them
    const char* defined_ = nullptr;  // the kind of the last definition, for "import after"
    std::array<u32, 5> next_{};      // next index in the second pass, by ExternKind

    Section imports_, funcs_, tables_, memories_, tags_, globals_, exports_, elems_, datas_, code_;
    bool has_start_ = false;
    u32 start_ = 0;
    Section local_names_, label_names_, hints_;  // by function
};

}  // namespace waxwing::text
