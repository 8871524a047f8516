#include "print/module_printer.hpp"

#include <algorithm>

#include "core/try.hpp"
#include "decoder/reader.hpp"
#include "print/literals.hpp"

namespace waxwing::print {
namespace {

constexpr usize wide = 90;  // columns after which a list goes on on the next line

}  // namespace

ModulePrinter::ModulePrinter(const core::Module& module, const PrintOptions& options, Output& out)
    : context_(module), module_(module), options_(options), out_(out),
      lines_(out, options.offsets ? module.bytes.size() : 0), instrs_(context_, out),
      annotations_(module) {}

Result<void> ModulePrinter::print() {
    out_.put("(module");
    if (const std::string_view name = context_.names.module; name.size() > IdSpace::longest) {
        if (options_.annotations) {
            out_.put(" (@name ");
            put_name(out_, name);
            out_.put(')');
        }
    } else if (!name.empty()) {
        out_.put(' ');
        put_identifier(out_, name);
    }
    TRY(fields());
    out_.line();
    out_.put(")\n");
    return {};
}

Result<void> ModulePrinter::fields() {
    // The order of the binary format, which is not that of the numbers.
    for (const unsigned section : {1, 2, 4, 5, 13, 6, 7, 8, 9, 10, 11})
        TRY(print_section(section));
    if (options_.annotations) customs();
    return {};
}

Result<void> ModulePrinter::print_section(unsigned id) {
    switch (id) {
    case 1: types(); break;
    case 2: imports(); break;
    case 4: return tables();
    case 5: memories(); break;
    case 6: return globals();
    case 7: exports(); break;
    case 8: start(); break;
    case 9: return elems();
    case 10: return functions();
    case 11: return datas();
    case 13: tags(); break;
    default: break;
    }
    return {};
}

void ModulePrinter::start() {
    if (!module_.start) return;
    lines_.begin(1, module_.start->offset);
    out_.put("(start ");
    context_.funcs.put(out_, module_.start->func);
    out_.put(')');
}

void ModulePrinter::types() {
    for (const core::RecGroup& group : module_.rec_groups) {
        const bool wrapped = group.count != 1;
        const u32 end = group.first + group.count;
        if (wrapped) {
            lines_.begin(1, group.count == 0 ? 0 : module_.types[group.first].offset);
            out_.put("(rec");
        }
        for (u32 i = group.first; i < end; ++i) {
            lines_.begin(wrapped ? 2 : 1, module_.types[i].offset);
            out_.put("(type");
            definition(context_.types, i);
            out_.put(' ');
            put_sub_type(out_, context_, i, options_.annotations);
            out_.put(')');
        }
        if (wrapped) out_.put(')');
    }
}

void ModulePrinter::imports() {
    for (const core::Import& import : module_.imports) {
        lines_.begin(1, import.offset);
        out_.put("(import ");
        put_name(out_, import.module);
        out_.put(' ');
        put_name(out_, import.name);
        out_.put(" (");
        out_.put(to_string(import.kind, Spelling::brief));
        definition(context_.space(import.kind), import.index);
        switch (import.kind) {
        case ExternKind::func: type_use(module_.functions[import.index].type); break;
        case ExternKind::table: table_type(module_.tables[import.index].type); break;
        case ExternKind::memory:
            memory_type(module_.memories[import.index].type, import.offset, true);
            break;
        case ExternKind::global: global_type(module_.globals[import.index].type); break;
        case ExternKind::tag: type_use(module_.tags[import.index].type); break;
        }
        out_.put("))");
    }
}

Result<void> ModulePrinter::tables() {
    for (u32 i = module_.imported_tables; i < module_.tables.size(); ++i) {
        const core::Table& table = module_.tables[i];
        lines_.begin(1, table.offset);
        out_.put("(table");
        definition(context_.tables, i);
        table_type(table.type);
        if (table.init) TRY(expression(*table.init, ""));
        out_.put(')');
    }
    return {};
}

void ModulePrinter::memories() {
    for (u32 i = module_.imported_memories; i < module_.memories.size(); ++i) {
        const core::Memory& memory = module_.memories[i];
        lines_.begin(1, memory.offset);
        out_.put("(memory");
        definition(context_.memories, i);
        memory_type(memory.type, memory.offset, false);
        out_.put(')');
    }
}

void ModulePrinter::tags() {
    for (u32 i = module_.imported_tags; i < module_.tags.size(); ++i) {
        lines_.begin(1, module_.tags[i].offset);
        out_.put("(tag");
        definition(context_.tags, i);
        type_use(module_.tags[i].type);
        out_.put(')');
    }
}

Result<void> ModulePrinter::globals() {
    for (u32 i = module_.imported_globals; i < module_.globals.size(); ++i) {
        const core::Global& global = module_.globals[i];
        lines_.begin(1, global.offset);
        out_.put("(global");
        definition(context_.globals, i);
        global_type(global.type);
        TRY(expression(global.init, ""));
        out_.put(')');
    }
    return {};
}

void ModulePrinter::exports() {
    for (const core::Export& exported : module_.exports) {
        lines_.begin(1, exported.offset);
        out_.put("(export ");
        put_name(out_, exported.name);
        place(to_string(exported.kind, Spelling::brief), context_.space(exported.kind),
              exported.index);
        out_.put(')');
    }
}

Result<void> ModulePrinter::elems() {
    for (u32 i = 0; i < module_.elems.size(); ++i) {
        const core::ElemSegment& segment = module_.elems[i];
        lines_.begin(1, segment.offset);
        out_.put("(elem");
        definition(context_.elems, i);
        if (segment.mode == core::SegmentMode::declarative) out_.put(" declare");
        if (segment.mode == core::SegmentMode::active) {
            if (segment.table != 0) place("table", context_.tables, segment.table);
            TRY(expression(segment.table_offset, "offset"));
        }
        TRY(elem_items(segment));
        out_.put(')');
        if (out_.stopped()) break;
    }
    return {};
}

Result<void> ModulePrinter::elem_items(const core::ElemSegment& segment) {
    const auto wrap = [&] {
        if (out_.column() > wide) lines_.begin(2);
    };
    out_.put(' ');
    if (segment.has_exprs) {
        put_type(out_, context_, segment.type);
        for (const core::Expr& item : segment.exprs) {
            wrap();
            TRY(expression(item, "item"));
        }
    } else {
        out_.put("func");
        for (const u32 func : segment.funcs) {
            wrap();
            out_.put(' ');
            context_.funcs.put(out_, func);
        }
    }
    return {};
}

Result<void> ModulePrinter::datas() {
    if (module_.data_count && !names_data_ && options_.annotations) {
        lines_.begin(1);
        out_.put("(@datacount)");
    }
    for (u32 i = 0; i < module_.datas.size() && !out_.stopped(); ++i) {
        const core::DataSegment& segment = module_.datas[i];
        lines_.begin(1, segment.offset);
        out_.put("(data");
        definition(context_.datas, i);
        if (segment.mode == core::SegmentMode::active) {
            if (segment.memory != 0) place("memory", context_.memories, segment.memory);
            TRY(expression(segment.memory_offset, "offset"));
        }
        const auto bytes = module_.view(segment.bytes);
        put_long_bytes(out_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 2);
        out_.put(')');
    }
    return {};
}

void ModulePrinter::customs() {
    usize used = used_names_ + instrs_.used_labels();
    for (const IdSpace* space :
         {&context_.types, &context_.funcs, &context_.tables, &context_.memories, &context_.globals,
          &context_.tags, &context_.elems, &context_.datas})
        used += space->used();
    for (const auto& [type, space] : context_.fields)
        used += space.used();
    const bool names = annotations_.rewrites_names(context_.names, used);
    const bool hints = annotations_.rewrites_hints();

    bool after_names = false;
    for (const core::CustomSection& custom : module_.customs) {
        if (names && custom.name == "name") {
            after_names = true;
            continue;
        }
        if (hints && custom.name == Annotations::hints_name) continue;
        lines_.begin(1, custom.offset);
        annotations_.put_custom(out_, custom, after_names);
    }
}

// Functions ---------------------------------------------------------------------

Result<void> ModulePrinter::functions() {
    IdSpace names;
    auto local_names = context_.names.locals.begin();
    auto label_names = context_.names.labels.begin();
    // The names of this function, if there are any, from a list by function.
    const auto find = [](auto& at, const core::NestedNames& list, u32 func) -> const core::Names* {
        while (at != list.end() && at->first < func)
            ++at;
        return at != list.end() && at->first == func ? &at->second : nullptr;
    };
    const core::Names no_names;
    FoldedBody folded(context_, lines_, options_.annotations ? &annotations_ : nullptr);
    for (u32 i = 0; i < module_.code.size() && !out_.stopped(); ++i) {
        const u32 func = module_.imported_functions + i;
        const core::Code& code = module_.code[i];
        const core::Names* list = find(local_names, context_.names.locals, func);
        names.assign(list ? *list : no_names, context_.local_count(func));
        used_names_ += names.used();

        const FuncType* type = context_.type_of(func);
        lines_.begin(1, code.range.offset);
        out_.put("(func");
        definition(context_.funcs, func);
        type_use(module_.functions[func].type, &names);
        locals(code, names, type ? static_cast<u32>(type->params.size()) : 0);

        const core::Names* labels = find(label_names, context_.names.labels, func);
        annotations_.begin_function(func, code);
        const Result<void> done =
            options_.fold ? folded.print(func, &names, labels) : flat_body(code, names, labels);
        if (!done) return std::unexpected(std::move(Error(done.error()).with_function(func)));
        out_.put(')');
    }
    used_names_ += folded.instrs().used_labels();
    names_data_ = folded.instrs().names_data() || instrs_.names_data();
    return {};
}

void ModulePrinter::locals(const core::Code& code, const IdSpace& names, u32 params) {
    if (code.local_count == 0) return;
    lines_.begin(2);
    bool open = false;
    u32 index = params;
    for (const core::LocalGroup& group : module_.locals(code)) {
        for (u32 i = 0; i < group.count; ++i, ++index) {
            const bool named = !names.id(index).empty();
            if (open && named) out_.put(')');
            if (out_.column() > wide && !out_.stopped()) lines_.begin(open && !named ? 3 : 2);
            if (named || !open)
                out_.put(out_.column() > 5 && index != params ? " (local" : "(local");
            if (named) names.put_definition(out_, index, options_.annotations);
            out_.put(' ');
            put_type(out_, context_, group.type);
            if (named) out_.put(')');
            open = !named;
        }
    }
    if (open) out_.put(')');
}

Result<void> ModulePrinter::flat_body(const core::Code& code, const IdSpace& locals,
                                      const core::Names* labels) {
    instrs_.begin(&locals, labels);
    InstrReader in(module_, code.instructions);
    Instr instr{};
    for (;;) {
        TRY(in.next(instr));
        if (in.done() || out_.stopped()) return {};
        const bool outdented = instr.op == Opcode::end || instr.op == Opcode::else_;
        lines_.begin(2 + instrs_.depth() - (outdented ? 1 : 0), instr.offset);
        if (const auto hint = annotations_.take_hint(instr); hint && options_.annotations)
            Annotations::put_hint(out_, *hint);
        instrs_.print(instr);
    }
}

// Parts of fields ------------------------------------------------------------------

void ModulePrinter::limits(const Limits& limits, AddressType address) {
    if (address == AddressType::i64) out_.put(" i64");
    out_.put(' ');
    out_.number(limits.min);
    if (!limits.max) return;
    out_.put(' ');
    out_.number(*limits.max);
}

void ModulePrinter::table_type(const TableType& type) {
    limits(type.limits, type.address);
    out_.put(' ');
    put_type(out_, context_, type.element);
}

void ModulePrinter::memory_type(const MemoryType& type, u32 offset, bool imported) {
    limits(type.limits, type.address);
    if (type.shared) out_.put(" shared");
    // The usual page size may be there or not: the flags say it.
    Reader in(module_.bytes, {offset, static_cast<u32>(module_.bytes.size()) - offset});
    if (imported && !(in.name() && in.name() && in.byte())) return;
    constexpr u8 has_page_size = 8;
    const auto flags = in.byte();
    if (!flags || !(*flags & has_page_size)) return;
    out_.put(" (pagesize ");
    out_.number(u64{1} << type.page_size_log2);
    out_.put(')');
}

void ModulePrinter::global_type(const GlobalType& type) {
    out_.put(type.is_mutable ? " (mut " : " ");
    put_type(out_, context_, type.type);
    if (type.is_mutable) out_.put(')');
}

void ModulePrinter::type_use(u32 type, const IdSpace* locals) {
    place("type", context_.types, type);
    if (const FuncType* func = context_.func_type(type))
        put_signature(out_, context_, *func, locals, options_.annotations);
}

// " (word index)"
void ModulePrinter::place(std::string_view word, const IdSpace& space, u32 index) {
    out_.put(" (");
    out_.put(word);
    out_.put(' ');
    space.put(out_, index);
    out_.put(')');
}

Result<void> ModulePrinter::expression(const core::Expr& expr, std::string_view word) {
    InstrReader in(module_, expr.body, InstrReader::Body::constant);
    Instr instr{};
    u32 count = 0;
    while (!in.done()) {
        TRY(in.next(instr));
        ++count;
    }
    const bool single = count == 2;  // and `end`
    const bool wrapped = single || !word.empty();
    if (wrapped) out_.put(" (");
    if (!single) out_.put(word);
    InstrReader again(module_, expr.body, InstrReader::Body::constant);
    instrs_.begin(nullptr);
    for (u32 i = 1; i < count; ++i) {
        TRY(again.next(instr));
        if (!single) out_.put(' ');
        instrs_.print(instr);
    }
    if (wrapped) out_.put(')');
    return {};
}

}  // namespace waxwing::print
