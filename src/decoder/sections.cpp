#include "decoder/sections.hpp"

#include "core/limits.hpp"
#include "core/try.hpp"
#include "decoder/instr_reader.hpp"
#include "decoder/types.hpp"

namespace waxwing {
namespace {

std::unexpected<Error> too_many(const char* what, u64 count, u32 limit, u32 at) {
    return std::unexpected(limit_error(std::string("too many ") + what + ": " +
                                           std::to_string(count) + " (limit " +
                                           std::to_string(limit) + ")",
                                       at));
}

// kind ::= 0x00 func | 0x01 table | 0x02 memory | 0x03 global | 0x04 tag
Result<ExternKind> decode_kind(Reader& in, Features features, Fault fault) {
    const u32 at = in.offset();
    const u8 kind = TRY(in.byte());
    if (kind > static_cast<u8>(ExternKind::tag)) return in.fail(fault, hex_byte(kind), at);
    if (static_cast<ExternKind>(kind) == ExternKind::tag)
        TRY(require(features, Feature::exceptions, "tag", at));
    return static_cast<ExternKind>(kind);
}

// Appends to an index space and returns the index of the new element.
template <class T>
u32 append(std::vector<T>& space, T element) {
    space.push_back(std::move(element));
    return static_cast<u32>(space.size() - 1);
}

// externtype, as what it adds to the module; its index.
Result<u32> decode_imported(Reader& in, core::Module& module, ExternKind kind, u32 at) {
    switch (kind) {
    case ExternKind::func:
        ++module.imported_functions;
        return append(module.functions, {TRY(in.u32_leb()), at});
    case ExternKind::table:
        ++module.imported_tables;
        return append(module.tables, {TRY(decode_table_type(in, module.features)), {}, at});
    case ExternKind::memory:
        ++module.imported_memories;
        return append(module.memories, {TRY(decode_memory_type(in, module.features)), at});
    case ExternKind::global:
        ++module.imported_globals;
        return append(module.globals, {TRY(decode_global_type(in, module.features)), {}, at});
    case ExternKind::tag: break;
    }
    ++module.imported_tags;
    return append(module.tags, {TRY(decode_tag_type(in)), at});
}

// rectype ::= 0x4E vec(subtype) | subtype
Result<void> decode_rec_type(Reader& in, core::Module& module) {
    constexpr u8 code_rec = 0x4E;
    core::RecGroup group{static_cast<u32>(module.types.size()), 1};
    if (in.peek() == code_rec) {
        TRY(require(module.features, Feature::gc, "rec", in.offset()));
        TRY(in.byte());
        group.count = TRY(decode_count(in, module.types.size(), limits::types, "types"));
    } else if (module.types.size() == limits::types) {
        return too_many("types", limits::types + u64{1}, limits::types, in.offset());
    }
    reserve(module.types, group.count, in, 2);
    for (u32 i = 0; i < group.count; ++i)
        module.types.push_back(TRY(decode_sub_type(in, module.features)));
    module.rec_groups.push_back(group);
    return {};
}

}  // namespace

Result<u32> decode_count(Reader& in, usize present, u32 limit, const char* what) {
    const u32 at = in.offset();
    const u32 count = TRY(in.length());
    if (present + count > limit) return too_many(what, present + count, limit, at);
    return count;
}

Result<core::Expr> decode_const_expr(Reader& in, const core::Module& module) {
    const core::Range rest{in.offset(), in.remaining()};
    InstrReader instrs(module, rest, InstrReader::Body::constant);
    Instr instr{};
    while (!instrs.done())
        TRY(instrs.next(instr));
    return core::Expr{TRY(in.take(instrs.offset() - rest.offset))};
}

// typesec ::= vec(rectype)
Result<void> decode_types(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::types, "types"));
    reserve(module.rec_groups, count, in, 2);
    reserve(module.types, count, in, 2);
    for (u32 i = 0; i < count; ++i)
        TRY(decode_rec_type(in, module));
    return {};
}

// importsec ::= vec(import)   import ::= name name externtype
Result<void> decode_imports(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::imports, "imports"));
    reserve(module.imports, count, in, 4);
    for (u32 i = 0; i < count; ++i) {
        core::Import import;
        import.offset = in.offset();
        import.module = TRY(in.name());
        import.name = TRY(in.name());
        import.kind = TRY(decode_kind(in, module.features, Fault::malformed_import_kind));
        import.index = TRY(decode_imported(in, module, import.kind, import.offset));
        module.imports.push_back(import);
    }
    return {};
}

// funcsec ::= vec(typeidx)
Result<void> decode_functions(Reader& in, core::Module& module) {
    const u32 count =
        TRY(decode_count(in, module.functions.size(), limits::functions, "functions"));
    module.functions.reserve(module.functions.size() + count);
    for (u32 i = 0; i < count; ++i) {
        const u32 at = in.offset();
        module.functions.push_back({TRY(in.u32_leb()), at});
    }
    return {};
}

// tablesec ::= vec(table)   table ::= tabletype | 0x40 0x00 tabletype expr
Result<void> decode_tables(Reader& in, core::Module& module) {
    constexpr u8 code_init = 0x40;
    const u32 count = TRY(decode_count(in, module.tables.size(), limits::tables, "tables"));
    reserve(module.tables, count, in, 3);
    for (u32 i = 0; i < count; ++i) {
        core::Table table;
        table.offset = in.offset();
        const bool has_init = in.peek() == code_init;
        if (has_init) {
            TRY(require(module.features, Feature::function_references, "table initializer",
                        table.offset));
            TRY(in.byte());
            const u32 at = in.offset();
            if (TRY(in.byte()) != 0) return in.fail(Fault::malformed_table, {}, at);
        }
        table.type = TRY(decode_table_type(in, module.features));
        if (has_init) table.init = TRY(decode_const_expr(in, module));
        module.tables.push_back(table);
    }
    return {};
}

// memsec ::= vec(memtype)
Result<void> decode_memories(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, module.memories.size(), limits::memories, "memories"));
    reserve(module.memories, count, in, 2);
    for (u32 i = 0; i < count; ++i) {
        const u32 at = in.offset();
        module.memories.push_back({TRY(decode_memory_type(in, module.features)), at});
    }
    return {};
}

// tagsec ::= vec(tagtype)
Result<void> decode_tags(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, module.tags.size(), limits::tags, "tags"));
    reserve(module.tags, count, in, 2);
    for (u32 i = 0; i < count; ++i) {
        const u32 at = in.offset();
        module.tags.push_back({TRY(decode_tag_type(in)), at});
    }
    return {};
}

// globalsec ::= vec(global)   global ::= globaltype expr
Result<void> decode_globals(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, module.globals.size(), limits::globals, "globals"));
    reserve(module.globals, count, in, 4);
    for (u32 i = 0; i < count; ++i) {
        core::Global global;
        global.offset = in.offset();
        global.type = TRY(decode_global_type(in, module.features));
        global.init = TRY(decode_const_expr(in, module));
        module.globals.push_back(global);
    }
    return {};
}

// exportsec ::= vec(export)   export ::= name kind index:u32
Result<void> decode_exports(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::exports, "exports"));
    reserve(module.exports, count, in, 3);
    for (u32 i = 0; i < count; ++i) {
        core::Export exported;
        exported.offset = in.offset();
        exported.name = TRY(in.name());
        exported.kind = TRY(decode_kind(in, module.features, Fault::malformed_export_kind));
        exported.index = TRY(in.u32_leb());
        module.exports.push_back(exported);
    }
    return {};
}

// startsec ::= funcidx
Result<void> decode_start(Reader& in, core::Module& module) {
    const u32 at = in.offset();
    module.start = core::Start{TRY(in.u32_leb()), at};
    return {};
}

}  // namespace waxwing
