#include "interp/linker.hpp"

#include <map>

#include "core/fault.hpp"
#include "core/try.hpp"
#include "interp/compiled_module.hpp"
#include "interp/module_impl.hpp"

namespace waxwing::interp {
namespace {

std::string quoted(std::string_view module, std::string_view name) {
    return "\"" + std::string(module) + "\" \"" + std::string(name) + "\"";
}

std::string describe(const ExternType& type) {
    struct Describe {
        static std::string limits(const Limits& l) {
            return std::to_string(l.min) + (l.max ? " " + std::to_string(*l.max) : "");
        }
        static std::string address(AddressType a) { return a == AddressType::i64 ? "i64 " : ""; }
        std::string operator()(const FuncType& t) const { return "function " + to_string(t); }
        std::string operator()(const TableType& t) const {
            return "table " + address(t.address) + limits(t.limits) + " " + to_string(t.element);
        }
        std::string operator()(const MemoryType& t) const {
            return "memory " + address(t.address) + limits(t.limits) + (t.shared ? " shared" : "");
        }
        std::string operator()(const GlobalType& t) const {
            return std::string("global ") + (t.is_mutable ? "mut " : "") + to_string(t.type);
        }
        std::string operator()(const TagType& t) const { return "tag " + to_string(t.type); }
    };
    return std::visit(Describe{}, type);
}

bool limits_match(const Limits& given, u64 size, const Limits& wanted) {
    if (size < wanted.min) return false;
    if (!wanted.max) return true;
    return given.max && *given.max <= *wanted.max;
}

ExternType type_of(const Extern& object) {
    struct TypeOf {
        ExternType operator()(Func f) const { return f.type(); }
        ExternType operator()(Table t) const { return t.type(); }
        ExternType operator()(Memory m) const { return m.type(); }
        ExternType operator()(Global g) const { return g.type(); }
        ExternType operator()(Tag t) const { return t.type(); }
    };
    return std::visit(TypeOf{}, object);
}

struct Linker {
    static constexpr usize shown_missing = 8;

    StoreImpl& store;
    const Module::Impl& module;
    const core::Module& decoded = module.module;

    bool matches(const core::Import& import, const Extern& given) const {
        switch (import.kind) {
        case ExternKind::func: {
            const core::DefinedType* wanted = module.types[decoded.functions[import.index].type];
            const Func* func = std::get_if<Func>(&given);
            return func && func->object()->defined->matches(*wanted);
        }
        case ExternKind::table: {
            const TableType& wanted = decoded.tables[import.index].type;
            const Table* table = std::get_if<Table>(&given);
            return table &&
                   table->object()->type.element == module.types.canonical(wanted.element) &&
                   table->object()->type.address == wanted.address &&
                   limits_match(table->object()->type.limits, table->size(), wanted.limits);
        }
        case ExternKind::memory: {
            const MemoryType& wanted = decoded.memories[import.index].type;
            const Memory* memory = std::get_if<Memory>(&given);
            if (!memory) return false;
            const MemoryType& type = memory->object()->type;
            return type.address == wanted.address && type.shared == wanted.shared &&
                   type.page_size_log2 == wanted.page_size_log2 &&
                   limits_match(type.limits, memory->size(), wanted.limits);
        }
        case ExternKind::global: {
            const GlobalType& wanted = decoded.globals[import.index].type;
            const Global* global = std::get_if<Global>(&given);
            if (!global || global->object()->type.is_mutable != wanted.is_mutable) return false;
            const ValType type = module.types.canonical(wanted.type);
            const ValType have = global->object()->type.type;
            return wanted.is_mutable ? have == type : core::is_subtype(have, type);
        }
        case ExternKind::tag: {
            const Tag* tag = std::get_if<Tag>(&given);
            return tag && tag->object()->defined == module.types[decoded.tags[import.index].type];
        }
        }
        return false;
    }

    Result<std::vector<Extern>> link(const Imports& imports) {
        std::vector<Extern> found;
        found.reserve(decoded.imports.size());
        // A function that is imported several times is one object.
        std::map<const Imports::Item*, FuncInst*> functions;
        std::string missing;
        usize missing_count = 0;
        for (usize i = 0; i < decoded.imports.size(); ++i) {
            const core::Import& import = decoded.imports[i];
            const Imports::Item* item = imports.find(import.module, import.name);
            if (!item) {
                if (missing_count++ >= shown_missing) continue;
                if (!missing.empty()) missing += "; ";
                missing += quoted(import.module, import.name) + " (" +
                           describe(module.type_of(import.kind, import.index)) + ")";
                continue;
            }
            if (missing_count) continue;
            Extern given = Func(nullptr);
            if (const auto* host = std::get_if<HostFunction>(item)) {
                if (import.kind != ExternKind::func) return mismatch(i, ExternType(host->type));
                FuncInst*& func = functions[item];
                if (!func) {
                    Result<FuncInst*> made = store.add_host_function(*host);
                    if (!made) return not_a_function(i, made.error());
                    func = *made;
                }
                given = Func(func);
            } else {
                const auto& object = std::get<Imports::Object>(*item);
                given = object.handle;
                if (object.store.store() != store.roots.get()) {
                    return std::unexpected(Error(Code::instantiate, ErrorKind::unlinkable,
                                                 "import " + quoted(import.module, import.name) +
                                                     " belongs to another store"));
                }
            }
            if (!matches(import, given)) return mismatch(i, type_of(given));
            found.push_back(given);
        }
        if (missing_count > shown_missing)
            missing += " and " + std::to_string(missing_count - shown_missing) + " more";
        if (missing_count) {
            return std::unexpected(
                Error(Code::instantiate, ErrorKind::unlinkable,
                      std::string(to_string(Fault::unknown_import)) + " " + missing));
        }
        return found;
    }

    // The host's function has a type that no function can have.
    Result<std::vector<Extern>> not_a_function(usize i, const Error& error) const {
        const core::Import& import = decoded.imports[i];
        return std::unexpected(Error(Code::instantiate, error.kind(),
                                     std::string(error.message()) + " for the host function " +
                                         quoted(import.module, import.name)));
    }

    Result<std::vector<Extern>> mismatch(usize i, const ExternType& given) const {
        const core::Import& import = decoded.imports[i];
        return std::unexpected(Error(Code::instantiate, ErrorKind::unlinkable,
                                     std::string(to_string(Fault::incompatible_import_type)) +
                                         " for " + quoted(import.module, import.name) +
                                         ": wanted " +
                                         describe(module.type_of(import.kind, import.index)) +
                                         ", given " + describe(given)));
    }
};

}  // namespace

Result<std::vector<Extern>> link(StoreImpl& store, const Module::Impl& module,
                                 const Imports& imports) {
    return Linker{store, module}.link(imports);
}

}  // namespace waxwing::interp
