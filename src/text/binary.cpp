// Puts the sections of a parsed module together.
#include <algorithm>

#include "text/module_parser.hpp"

namespace waxwing::text {
namespace {

void section(u8 id, const Writer& contents, Writer& out) {
    out.byte(id);
    out.sized(contents);
}

}  // namespace

void ModuleParser::name_section(Writer& out) const {
    core::ModuleNames names;
    names.module = name_;
    names.funcs = module_.funcs.names;
    names.locals = local_names_;
    names.labels = label_names_;
    names.types = module_.types_space.names;
    names.tables = module_.tables.names;
    names.memories = module_.memories.names;
    names.globals = module_.globals.names;
    names.elems = module_.elems.names;
    names.datas = module_.datas.names;
    for (const auto& [type, space] : module_.fields)
        names.fields.emplace_back(type, space.names);
    std::ranges::sort(names.fields, {}, &std::pair<u32, Names>::first);
    names.tags = module_.tags.names;

    Writer contents;
    contents.name("name");
    const usize empty = contents.size();
    core::write_names(names, contents);
    if (contents.size() != empty) section(0, contents, out);
}

// metadata.code.branch_hint ::= vec(funcidx vec(offset 01 likely))
void ModuleParser::branch_hints(Writer& out) const {
    if (hints_.empty() || gives_custom("metadata.code.branch_hint")) return;
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

// A section that the text gives in bytes replaces what else would be written.
bool ModuleParser::gives_custom(std::string_view name) const {
    return module_.annotations &&
           std::ranges::find(module_.annotations->sections(), name, &CustomSectionText::name) !=
               module_.annotations->sections().end();
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
    if (names && !gives_custom("name")) name_section(out);
    customs(CustomSectionText::last_slot);
    return out.take();
}

}  // namespace waxwing::text
