// Puts the sections of a parsed module together.
#include <algorithm>

#include "text/module_parser.hpp"

namespace waxwing::text {
namespace {

// Subsections of the name section.
enum class NameKind : u8 {
    module_ = 0,
    function = 1,
    local = 2,
    type = 4,
    table = 5,
    memory = 6,
    global = 7,
    elem = 8,
    data = 9,
    field = 10,
    tag = 11,
};

void section(u8 id, const Writer& contents, Writer& out) {
    out.byte(id);
    out.sized(contents);
}

// namemap ::= vec(idx name)
void name_map(const Names& names, Writer& out) {
    out.u64_leb(names.size());
    for (const auto& [index, name] : names) {
        out.u32_leb(index);
        out.name(name);
    }
}

void names_of(NameKind kind, const Names& names, Writer& out) {
    if (names.empty()) return;
    Writer contents;
    name_map(names, contents);
    section(static_cast<u8>(kind), contents, out);
}

// indirectnamemap ::= vec(idx namemap)
template <class List>
void nested_names(NameKind kind, const List& list, Writer& out) {
    if (list.empty()) return;
    Writer contents;
    contents.u64_leb(list.size());
    for (const auto& [index, names] : list) {
        contents.u32_leb(index);
        name_map(names, contents);
    }
    section(static_cast<u8>(kind), contents, out);
}

}  // namespace

void ModuleParser::name_section(Writer& out) const {
    Writer contents;
    contents.name("name");
    const usize empty = contents.size();
    if (!name_.empty()) {
        Writer name;
        name.name(name_);
        section(static_cast<u8>(NameKind::module_), name, contents);
    }
    names_of(NameKind::function, module_.funcs.names, contents);
    nested_names(NameKind::local, local_names_, contents);
    names_of(NameKind::type, module_.types_space.names, contents);
    names_of(NameKind::table, module_.tables.names, contents);
    names_of(NameKind::memory, module_.memories.names, contents);
    names_of(NameKind::global, module_.globals.names, contents);
    names_of(NameKind::elem, module_.elems.names, contents);
    names_of(NameKind::data, module_.datas.names, contents);
    std::vector<std::pair<u32, Names>> fields;
    for (const auto& [type, space] : module_.fields)
        fields.emplace_back(type, space.names);
    std::ranges::sort(fields, {}, &std::pair<u32, Names>::first);
    nested_names(NameKind::field, fields, contents);
    names_of(NameKind::tag, module_.tags.names, contents);
    if (contents.size() != empty) section(0, contents, out);
}

// metadata.code.branch_hint ::= vec(funcidx vec(offset 01 likely))
void ModuleParser::branch_hints(Writer& out) const {
    if (hints_.empty()) return;
    Writer contents;
    contents.name("metadata.code.branch_hint");
    contents.u64_leb(hints_.size());
    for (const auto& [func, hints] : hints_) {
        contents.u32_leb(func);
        contents.u64_leb(hints.size());
        for (const BranchHint& hint : hints) {
            contents.u32_leb(hint.offset);
            contents.byte(1);
            contents.byte(hint.likely);
        }
    }
    section(0, contents, out);
}

std::vector<u8> ModuleParser::binary(bool names) const {
    Writer out;
    out.bytes(std::string_view("\0asm\1\0\0\0", 8));

    const auto customs = [&](usize slot) {
        if (!module_.annotations) return;
        for (const CustomSectionText& custom : module_.annotations->sections()) {
            if (custom.slot != slot) continue;
            Writer contents;
            contents.name(custom.name);
            contents.bytes(custom.contents);
            section(0, contents, out);
        }
    };
    const auto entries = [&](u8 id, u32 count, const Writer& list) {
        if (count == 0) return;
        Writer contents;
        contents.u32_leb(count);
        contents.bytes(list);
        section(id, contents, out);
    };
    const auto vector = [&](u8 id, const Section& part) { entries(id, part.count, part.entries); };

    for (usize i = 0; i < section_kind_count; ++i) {
        customs(2 * i);
        switch (static_cast<SectionKind>(i)) {
        case SectionKind::type: entries(1, module_.rec_type_count, module_.rec_types); break;
        case SectionKind::import_: vector(2, imports_); break;
        case SectionKind::func: vector(3, funcs_); break;
        case SectionKind::table: vector(4, tables_); break;
        case SectionKind::memory: vector(5, memories_); break;
        case SectionKind::tag: vector(13, tags_); break;
        case SectionKind::global: vector(6, globals_); break;
        case SectionKind::export_: vector(7, exports_); break;
        case SectionKind::start:
            if (has_start_) {
                Writer contents;
                contents.u32_leb(start_);
                section(8, contents, out);
            }
            break;
        case SectionKind::elem: vector(9, elems_); break;
        case SectionKind::datacount:
            if (module_.data_count_needed) {
                Writer contents;
                contents.u32_leb(datas_.count);
                section(12, contents, out);
            }
            break;
        case SectionKind::code:
            branch_hints(out);
            vector(10, code_);
            break;
        case SectionKind::data: vector(11, datas_); break;
        }
        customs(2 * i + 1);
    }
    if (names) name_section(out);
    return out.take();
}

}  // namespace waxwing::text
