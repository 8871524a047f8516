// Puts the sections of a parsed module together.
#include <array>

#include "core/module_names.hpp"
#include "text/module_parser.hpp"

namespace waxwing::text {
namespace {

// namemap or indirectnamemap as a subsection; nothing if it is empty.
void subsection(core::NameKind kind, bool counted, Section&& names, Section& out) {
    if (names.empty()) return;
    out.entries.byte(static_cast<u8>(kind));
    out.entries.u64_leb(names.size() + (counted ? leb_size(names.count) : 0));
    if (counted) out.entries.u32_leb(names.count);
    out.take(std::move(names));
}

// What stands at a place in the module.
struct Part {
    enum class Kind : u8 {
        list,   // a section that begins with the number of its entries
        plain,  // another one
        whole,  // sections with what stands before their contents
    } kind;
    u8 id;  // unless whole
    Section* section;

    bool empty() const { return kind == Kind::list ? section->count == 0 : section->empty(); }
    usize contents_size() const {
        return section->size() + (kind == Kind::list ? leb_size(section->count) : 0);
    }
};

std::vector<std::byte> assemble(const std::vector<Part>& parts) {
    constexpr std::string_view magic_and_version("\0asm\1\0\0\0", 8);
    usize size = magic_and_version.size();
    for (const Part& part : parts) {
        if (part.empty()) continue;
        size += part.contents_size();
        if (part.kind != Part::Kind::whole) size += 1 + leb_size(part.contents_size());
    }
    std::vector<std::byte> module;
    module.reserve(size);
    const auto append = [&](std::string_view bytes) {
        const auto* const first = reinterpret_cast<const std::byte*>(bytes.data());
        module.insert(module.end(), first, first + bytes.size());
    };
    append(magic_and_version);
    for (const Part& part : parts) {
        if (part.empty()) continue;
        Writer head;
        if (part.kind != Part::Kind::whole) {
            head.byte(part.id);
            head.u64_leb(part.contents_size());
        }
        if (part.kind == Part::Kind::list) head.u32_leb(part.section->count);
        append(head.view());
        part.section->move_to(module);
    }
    return module;
}

}  // namespace

void ModuleParser::name_section(Section& out) {
    out.entries.name("name");
    const usize empty = out.size();
    const auto map = [&](core::NameKind kind, NameTable& names) {
        if (names.empty()) return;
        Section contents;
        names.write(in_.source(), 0, contents);
        names.clear();
        subsection(kind, false, std::move(contents), out);
    };
    if (name_) {
        Section name;
        std::string storage;
        name.entries.name(name_at(in_.source(), *name_, storage));
        if (name.size() > 1) subsection(core::NameKind::module_, false, std::move(name), out);
    }
    map(core::NameKind::func, module_.funcs.names);
    subsection(core::NameKind::local, true, std::move(local_names_), out);
    subsection(core::NameKind::label, true, std::move(label_names_), out);
    map(core::NameKind::type, module_.types_space.names);
    map(core::NameKind::table, module_.tables.names);
    map(core::NameKind::memory, module_.memories.names);
    map(core::NameKind::global, module_.globals.names);
    map(core::NameKind::elem, module_.elems.names);
    map(core::NameKind::data, module_.datas.names);
    Section fields;
    for (usize at = 0; at < module_.fields.size(); ++fields.count) {
        fields.entries.u32_leb(module_.fields.scope(at));
        at = module_.fields.write(in_.source(), at, fields);
    }
    subsection(core::NameKind::field, true, std::move(fields), out);
    map(core::NameKind::tag, module_.tags.names);
    if (out.size() == empty) out.entries.clear();
}

// metadata.code.branch_hint ::= vec(funcidx vec(offset 01 likely))
void ModuleParser::branch_hints(Section& out) {
    if (hints_.empty() || module_.annotations.gives_hints()) return;
    out.entries.name("metadata.code.branch_hint");
    out.entries.u32_leb(hints_.count);
    out.take(std::move(hints_));
}

std::vector<std::byte> ModuleParser::binary(bool names) {
    Section types, start, data_count, hints, name_section;
    types.count = module_.types.group_count;
    types.entries = std::move(module_.types.binary());
    if (has_start_) start.entries.u32_leb(start_);
    if (module_.data_count_needed || in_.saw_data_count()) data_count.entries.u32_leb(datas_.count);
    branch_hints(hints);
    if (names && !module_.annotations.gives_names()) this->name_section(name_section);

    std::array<Section, last_slot + 1>& customs = module_.annotations.sections();
    std::vector<Part> parts;
    const auto custom = [&](usize slot) {
        parts.push_back({Part::Kind::whole, 0, &customs[slot]});
    };
    const auto plain = [&](u8 id, Section& section) {
        parts.push_back({Part::Kind::plain, id, &section});
    };
    const auto list = [&](u8 id, Section& section) {
        parts.push_back({Part::Kind::list, id, &section});
    };
    for (usize i = 0; i < section_kind_count; ++i) {
        custom(2 * i);
        switch (static_cast<SectionKind>(i)) {
        case SectionKind::type: list(1, types); break;
        case SectionKind::import_: list(2, imports_); break;
        case SectionKind::func: list(3, funcs_); break;
        case SectionKind::table: list(4, tables_); break;
        case SectionKind::memory: list(5, memories_); break;
        case SectionKind::tag: list(13, tags_); break;
        case SectionKind::global: list(6, globals_); break;
        case SectionKind::export_: list(7, exports_); break;
        case SectionKind::start: plain(8, start); break;
        case SectionKind::elem: list(9, elems_); break;
        case SectionKind::datacount: plain(12, data_count); break;
        case SectionKind::code:
            plain(0, hints);
            list(10, code_);
            break;
        case SectionKind::data: list(11, datas_); break;
        }
        custom(2 * i + 1);
    }
    plain(0, name_section);
    custom(last_slot);
    return assemble(parts);
}

}  // namespace waxwing::text
