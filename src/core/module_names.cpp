#include "core/module_names.hpp"

namespace waxwing::core {
namespace {

void write_subsection(NameKind kind, const Writer& contents, Writer& out) {
    out.byte(static_cast<u8>(kind));
    out.sized(contents);
}

// namemap ::= vec(idx name)
void write_map(const Names& names, Writer& out) {
    out.u64_leb(names.size());
    for (const auto& [index, name] : names) {
        out.u32_leb(index);
        out.name(name);
    }
}

void write_list(NameKind kind, const Names& names, Writer& out) {
    if (names.empty()) return;
    Writer contents;
    write_map(names, contents);
    write_subsection(kind, contents, out);
}

// indirectnamemap ::= vec(idx namemap)
void write_list(NameKind kind, const NestedNames& list, Writer& out) {
    if (list.empty()) return;
    Writer contents;
    contents.u64_leb(list.size());
    for (const auto& [index, names] : list) {
        contents.u32_leb(index);
        write_map(names, contents);
    }
    write_subsection(kind, contents, out);
}

}  // namespace

void write_names(const ModuleNames& names, Writer& out) {
    if (!names.module.empty()) {
        Writer name;
        name.name(names.module);
        write_subsection(NameKind::module_, name, out);
    }
    write_list(NameKind::func, names.funcs, out);
    write_list(NameKind::local, names.locals, out);
    write_list(NameKind::label, names.labels, out);
    write_list(NameKind::type, names.types, out);
    write_list(NameKind::table, names.tables, out);
    write_list(NameKind::memory, names.memories, out);
    write_list(NameKind::global, names.globals, out);
    write_list(NameKind::elem, names.elems, out);
    write_list(NameKind::data, names.datas, out);
    write_list(NameKind::field, names.fields, out);
    write_list(NameKind::tag, names.tags, out);
}

}  // namespace waxwing::core
