// The names of a module, and its types as text.
#include <variant>

#include "decoder/names.hpp"
#include "print/context.hpp"

namespace waxwing::print {

Context::Context(const core::Module& m) : module(m), names(parse_all_names(m)) {
    const auto count = [](const auto& list) { return static_cast<u32>(list.size()); };
    types.assign(names.types, count(m.types));
    funcs.assign(names.funcs, count(m.functions));
    tables.assign(names.tables, count(m.tables));
    memories.assign(names.memories, count(m.memories));
    globals.assign(names.globals, count(m.globals));
    tags.assign(names.tags, count(m.tags));
    elems.assign(names.elems, count(m.elems));
    datas.assign(names.datas, count(m.datas));
    for (const auto& [type, list] : names.fields) {
        if (type >= m.types.size()) continue;
        if (const core::StructType* structure = m.types[type].struct_())
            fields[type].assign(list, count(structure->fields));
    }
}

const IdSpace& Context::space(ExternKind kind) const {
    switch (kind) {
    case ExternKind::func: return funcs;
    case ExternKind::table: return tables;
    case ExternKind::memory: return memories;
    case ExternKind::global: return globals;
    case ExternKind::tag: break;
    }
    return tags;
}

const FuncType* Context::func_type(u32 type) const {
    return type < module.types.size() ? module.types[type].func() : nullptr;
}

const FuncType* Context::type_of(u32 func) const {
    return func < module.functions.size() ? func_type(module.functions[func].type) : nullptr;
}

u32 Context::local_count(u32 func) const {
    const FuncType* type = type_of(func);
    const u32 params = type ? static_cast<u32>(type->params.size()) : 0;
    if (func < module.imported_functions) return params;
    return params + module.code[func - module.imported_functions].local_count;
}

void put_heap_type(Output& out, const Context& context, HeapType type) {
    if (type.is_concrete())
        context.types.put(out, type.index());
    else
        out.put(to_string(type));
}

void put_type(Output& out, const Context& context, ValType type) {
    if (!type.is_ref() || !type.heap().is_concrete()) {
        out.put(to_string(type));
        return;
    }
    out.put(type.is_nullable() ? "(ref null " : "(ref ");
    put_heap_type(out, context, type.heap());
    out.put(')');
}

static void put_list(Output& out, const Context& context, std::string_view word,
                     const std::vector<ValType>& types) {
    if (types.empty()) return;
    out.put(" (");
    out.put(word);
    for (const ValType type : types) {
        out.put(' ');
        put_type(out, context, type);
    }
    out.put(')');
}

void put_signature(Output& out, const Context& context, const FuncType& type, const IdSpace* locals,
                   bool annotate) {
    if (locals && locals->used() != 0) {
        // Those without a name between two with one share their parentheses.
        bool open = false;
        for (u32 i = 0; i < type.params.size(); ++i) {
            const bool named = !locals->id(i).empty();
            if (open && named) out.put(')');
            if (named || !open) out.put(" (param");
            if (named) locals->put_definition(out, i, annotate);
            out.put(' ');
            put_type(out, context, type.params[i]);
            if (named) out.put(')');
            open = !named;
        }
        if (open) out.put(')');
    } else {
        put_list(out, context, "param", type.params);
    }
    put_list(out, context, "result", type.results);
}

namespace {

void put_field_type(Output& out, const Context& context, const core::FieldType& field) {
    if (field.is_mutable) out.put("(mut ");
    put_type(out, context, field.storage);
    if (field.is_mutable) out.put(')');
}

void put_struct(Output& out, const Context& context, u32 index, const core::StructType& type,
                bool annotate) {
    const auto names = context.fields.find(index);
    out.put("(struct");
    for (u32 i = 0; i < type.fields.size(); ++i) {
        out.put(" (field");
        if (names != context.fields.end()) names->second.put_definition(out, i, annotate);
        out.put(' ');
        put_field_type(out, context, type.fields[i]);
        out.put(')');
    }
    out.put(')');
}

}  // namespace

void put_sub_type(Output& out, const Context& context, u32 index, bool annotate) {
    const core::SubType& type = context.module.types[index];
    const bool plain = type.is_final && type.supertypes.empty();
    if (!plain) {
        out.put(type.is_final ? "(sub final " : "(sub ");
        for (const u32 super : type.supertypes) {
            context.types.put(out, super);
            out.put(' ');
        }
    }
    if (const FuncType* func = type.func()) {
        out.put("(func");
        put_signature(out, context, *func);
        out.put(')');
    } else if (const core::StructType* structure = type.struct_()) {
        put_struct(out, context, index, *structure, annotate);
    } else {
        out.put("(array ");
        put_field_type(out, context, type.array()->element);
        out.put(')');
    }
    if (!plain) out.put(')');
}

}  // namespace waxwing::print
