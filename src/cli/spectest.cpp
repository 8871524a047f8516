#include "cli/spectest.hpp"

#include "core/try.hpp"

namespace waxwing::cli {

namespace {

const char* const module_name = "spectest";

void add_functions(Imports& imports) {
    imports.func(module_name, "print", [] {});
    imports.func(module_name, "print_i32", [](std::int32_t) {});
    imports.func(module_name, "print_i64", [](std::int64_t) {});
    imports.func(module_name, "print_f32", [](float) {});
    imports.func(module_name, "print_f64", [](double) {});
    imports.func(module_name, "print_i32_f32", [](std::int32_t, float) {});
    imports.func(module_name, "print_f64_f64", [](double, double) {});
}

Result<void> add_globals(Store& store, Imports& imports) {
    const std::pair<const char*, Value> globals[] = {
        {"global_i32", Value::i32(666)},
        {"global_i64", Value::i64(666)},
        {"global_f32", Value::f32(666.6f)},
        {"global_f64", Value::f64(666.6)},
    };
    for (const auto& [name, value] : globals)
        imports.define(module_name, name, TRY(store.global({value.type(), false}, value)));
    return {};
}

Result<void> add_tables(Store& store, Imports& imports) {
    TableType type{funcref, {10, 20}, AddressType::i32};
    imports.define(module_name, "table", TRY(store.table(type, Value::null(funcref))));
    type.address = AddressType::i64;
    imports.define(module_name, "table64", TRY(store.table(type, Value::null(funcref))));
    return {};
}

Result<void> add_memories(Store& store, Imports& imports, const Features& features) {
    MemoryType type{.limits = {1, 2}};
    imports.define(module_name, "memory", TRY(store.memory(type)));
    if (features.has(Feature::threads)) {
        type.shared = true;
        imports.define(module_name, "shared_memory", TRY(store.memory(type)));
    }
    return {};
}

}  // namespace

Result<void> add_spectest(Store& store, Imports& imports, const Features& features) {
    add_functions(imports);
    TRY(add_globals(store, imports));
    TRY(add_tables(store, imports));
    return add_memories(store, imports, features);
}

}  // namespace waxwing::cli
