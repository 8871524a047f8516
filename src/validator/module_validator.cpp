#include "validator/module_validator.hpp"

#include <algorithm>
#include <numeric>

#include "core/limit_rules.hpp"
#include "core/try.hpp"

namespace waxwing {

// Of a table or memory.
template <class Type>
static Result<void> check_limits(const Type& type, u32 offset) {
    std::optional<core::LimitFault> found = core::find_limit_fault(type);
    if (!found) return {};
    return invalid(found->fault, std::move(found->detail), offset);
}

Result<void> ModuleValidator::check() {
    TRY(check_types());
    TRY(check_functions());
    TRY(check_tables());
    TRY(check_memories());
    TRY(check_tags());
    TRY(check_globals());
    declared_.assign(module_.functions.size(), false);
    TRY(check_exports());
    TRY(check_start());
    TRY(check_elems());
    return check_datas();
}

bool ModuleValidator::is_proper_subtype(ValType sub, ValType super) const {
    if (!sub.is_ref() || !super.is_ref()) return sub.is_bottom();
    if (sub.is_nullable() && !super.is_nullable()) return false;
    return is_subtype(sub.heap(), super.heap());
}

Result<void> ModuleValidator::check_value_type(ValType type, u32 offset) const {
    if (!type.is_ref() || !type.heap().is_concrete()) return {};
    const u32 index = type.heap().index();
    if (index < module_.types.size()) return {};
    return invalid(Fault::unknown_type, std::to_string(index), offset);
}

Result<const FuncType*> ModuleValidator::func_type(u32 type_index, u32 offset) const {
    if (type_index >= module_.types.size())
        return invalid(Fault::unknown_type, std::to_string(type_index), offset);
    const FuncType* type = module_.types[type_index].func();
    if (type) return type;
    return invalid(Fault::type_mismatch,
                   ": type " + std::to_string(type_index) + " is not a function type", offset);
}

void ModuleValidator::add_const_expr(const core::Expr& expr, ValType expected,
                                     usize visible_globals, u32 offset) {
    const_exprs_.push_back({expr.body, expected, static_cast<u32>(visible_globals), offset, 0});
}

// func ::= typeidx, of a function type
Result<void> ModuleValidator::check_functions() const {
    for (const core::Function& func : module_.functions)
        TRY(func_type(func.type, func.offset));
    return {};
}

// A table without an initializer holds null, so its elements must be nullable.
// Initializers see the imported globals only.
Result<void> ModuleValidator::check_tables() {
    const auto& tables = module_.tables;
    if (tables.size() > 1 && !module_.features.has(Feature::reference_types))
        return std::unexpected(
            make_error(Fault::multiple_tables, {}, Feature::reference_types, tables[1].offset));
    for (usize i = 0; i < tables.size(); ++i) {
        const core::Table& table = tables[i];
        TRY(check_value_type(table.type.element, table.offset));
        TRY(check_limits(table.type, table.offset));
        if (table.init)
            add_const_expr(*table.init, table.type.element, module_.imported_globals, table.offset);
        else if (i >= module_.imported_tables && !table.type.element.is_defaultable())
            return invalid(Fault::type_mismatch,
                           ": a table of " + to_string(table.type.element) +
                               " needs an initializer",
                           table.offset);
    }
    return {};
}

Result<void> ModuleValidator::check_memories() const {
    const auto& memories = module_.memories;
    if (memories.size() > 1 && !module_.features.has(Feature::multi_memory))
        return std::unexpected(
            make_error(Fault::multiple_memories, {}, Feature::multi_memory, memories[1].offset));
    for (const core::Memory& memory : memories)
        TRY(check_limits(memory.type, memory.offset));
    return {};
}

Result<void> ModuleValidator::check_tags() const {
    for (const core::Tag& tag : module_.tags) {
        const FuncType* type = TRY(func_type(tag.type, tag.offset));
        if (!type->results.empty()) return invalid(Fault::non_empty_tag_result, {}, tag.offset);
    }
    return {};
}

// An initializer sees the globals before its own; without GC, the imported ones.
Result<void> ModuleValidator::check_globals() {
    const bool sees_defined = module_.features.has(Feature::gc);
    const auto& globals = module_.globals;
    for (usize i = 0; i < globals.size(); ++i) {
        const core::Global& global = globals[i];
        TRY(check_value_type(global.type.type, global.offset));
        if (i < module_.imported_globals) continue;
        add_const_expr(global.init, global.type.type, sees_defined ? i : module_.imported_globals,
                       global.offset);
        const_exprs_.back().visible_with_gc = static_cast<u32>(i);
    }
    return check_mutable_globals();
}

// Before the feature mutable-globals, these could not cross a module's border.
Result<void> ModuleValidator::check_mutable_globals() const {
    if (module_.features.has(Feature::mutable_globals)) return {};
    for (const core::Import& import : module_.imports)
        if (import.kind == ExternKind::global && module_.globals[import.index].type.is_mutable)
            return std::unexpected(
                unsupported(Feature::mutable_globals, "mutable global imported", import.offset));
    for (const core::Export& each : module_.exports)
        if (each.kind == ExternKind::global && each.index < module_.globals.size() &&
            module_.globals[each.index].type.is_mutable)
            return std::unexpected(
                unsupported(Feature::mutable_globals, "mutable global exported", each.offset));
    return {};
}

namespace {

struct IndexSpace {
    usize size;
    Fault unknown;
};

IndexSpace index_space(const core::Module& module, ExternKind kind) {
    switch (kind) {
    case ExternKind::func: return {module.functions.size(), Fault::unknown_function};
    case ExternKind::table: return {module.tables.size(), Fault::unknown_table};
    case ExternKind::memory: return {module.memories.size(), Fault::unknown_memory};
    case ExternKind::global: return {module.globals.size(), Fault::unknown_global};
    case ExternKind::tag: break;
    }
    return {module.tags.size(), Fault::unknown_tag};
}

}  // namespace

Result<void> ModuleValidator::check_exports() {
    for (const core::Export& each : module_.exports) {
        const IndexSpace space = index_space(module_, each.kind);
        if (each.index >= space.size)
            return invalid(space.unknown, std::to_string(each.index), each.offset);
        if (each.kind == ExternKind::func) declare(each.index);
    }
    return check_unique_names();
}

// By sorting: names are chosen by whoever wrote the module, and could all fall
// into one bucket of a hash table.
Result<void> ModuleValidator::check_unique_names() const {
    const auto& exports = module_.exports;
    std::vector<u32> order(exports.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, [&](u32 a, u32 b) {
        const int compared = exports[a].name.compare(exports[b].name);
        return compared != 0 ? compared < 0 : a < b;
    });
    usize first = exports.size();
    for (usize i = 1; i < order.size(); ++i)
        if (exports[order[i]].name == exports[order[i - 1]].name)
            first = std::min<usize>(first, order[i]);
    if (first == exports.size()) return {};
    return invalid(Fault::duplicate_export_name, "\"" + std::string(exports[first].name) + "\"",
                   exports[first].offset);
}

// start : [] -> []
Result<void> ModuleValidator::check_start() const {
    if (!module_.start) return {};
    const auto [func, offset] = *module_.start;
    if (func >= module_.functions.size())
        return invalid(Fault::unknown_function, std::to_string(func), offset);
    const FuncType& type = module_.func_type(func);
    if (type.params.empty() && type.results.empty()) return {};
    return invalid(Fault::start_function,
                   std::to_string(func) + " must have type [] -> [], not " + to_string(type),
                   offset);
}

Result<void> ModuleValidator::check_elems() {
    for (const core::ElemSegment& elem : module_.elems)
        TRY(check_elem(elem));
    return {};
}

Result<void> ModuleValidator::check_elem(const core::ElemSegment& elem) {
    TRY(check_value_type(elem.type, elem.offset));
    const usize globals = module_.globals.size();
    if (elem.mode == core::SegmentMode::active) {
        if (elem.table >= module_.tables.size())
            return invalid(Fault::unknown_table, std::to_string(elem.table), elem.offset);
        const TableType& table = module_.tables[elem.table].type;
        if (!is_subtype(elem.type, table.element))
            return invalid(Fault::type_mismatch,
                           ": element segment of " + to_string(elem.type) +
                               " does not fit a table of " + to_string(table.element),
                           elem.offset);
        add_const_expr(elem.table_offset, table.address == AddressType::i64 ? i64 : i32, globals,
                       elem.offset);
    }
    for (const u32 func : elem.funcs) {
        if (func >= module_.functions.size())
            return invalid(Fault::unknown_function, std::to_string(func), elem.offset);
        declare(func);
    }
    for (const core::Expr& expr : elem.exprs)
        add_const_expr(expr, elem.type, globals, elem.offset);
    return {};
}

Result<void> ModuleValidator::check_datas() {
    for (const core::DataSegment& data : module_.datas) {
        if (data.mode != core::SegmentMode::active) continue;
        if (data.memory >= module_.memories.size())
            return invalid(Fault::unknown_memory, std::to_string(data.memory), data.offset);
        const AddressType address = module_.memories[data.memory].type.address;
        add_const_expr(data.memory_offset, address == AddressType::i64 ? i64 : i32,
                       module_.globals.size(), data.offset);
    }
    return {};
}

}  // namespace waxwing
