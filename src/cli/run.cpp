// waxwing run: runs a module as a command, or one of its functions.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/run_options.hpp"
#include "waxwing/module.hpp"

#include "core/printable.hpp"

namespace waxwing::cli {
namespace {

int fail(const Error& error, std::string_view file = {}) {
    print_error(error, file);
    return exit_code_of(error);
}

bool exports_function(const Module& module, std::string_view name) {
    return std::ranges::any_of(module.exports(), [&](const ExportInfo& e) {
        return e.name == name && e.kind == ExternKind::func;
    });
}

bool imports_wasi(const Module& module) {
    return std::ranges::any_of(module.imports(), [](const ImportInfo& import) {
        return import.module == "wasi_snapshot_preview1";
    });
}

// Nothing to start: says what there is instead.
int report_no_entry(const Module& module, const std::string& file) {
    std::string names;
    for (const ExportInfo& e : module.exports()) {
        if (const FuncType* type = e.func())
            names += fmt::format("  {} {}\n", printable(e.name), to_string(*type));
    }
    print_err("{}: there is no _start to run. {}\n{}", printable(file),
              names.empty() ? "It exports no function."
                            : "Name one of its functions with --invoke:",
              names);
    return exit_code::not_found;
}

class Run {
public:
    explicit Run(const RunOptions& options) : options_(options), store_(options.limits) {
        call_.fuel = options.fuel;
        if (options.fuel) call_.fuel_used = &fuel_used_;
        if (options.timeout) call_.deadline = std::chrono::steady_clock::now() + *options.timeout;
    }

    int operator()() {
        const auto module =
            load_module(options_.file, {.features = options_.features, .single_instance = true});
        if (!module) return module.error().report(options_.file);
        // A reactor is only made ready, unless it is asked for something.
        const bool can_enter = exports_function(*module, "_start") ||
                               (exports_function(*module, "_initialize") && options_.args.empty());
        if (!options_.invoke && !can_enter) return report_no_entry(*module, options_.file);

        Imports imports;
        if (imports_wasi(*module) || !options_.wasi.preopens.empty() ||
            !options_.wasi.listeners.empty()) {
            if (const auto added = add_wasi(imports, options_.wasi); !added)
                return fail(added.error());
        }
        const auto instance = store_.instantiate(*module, imports, call_);
        if (!instance) return ended(instance.error());
        charge();
        return enter(*module, *instance);
    }

private:
    // Fuel is for the whole run, which may be more than one call.
    void charge() {
        if (call_.fuel) *call_.fuel -= std::min(*call_.fuel, std::exchange(fuel_used_, 0));
    }

    int enter(const Module& module, const Instance& instance) {
        if (!options_.invoke && exports_function(module, "_start")) return call(instance, "_start");
        if (exports_function(module, "_initialize")) {
            if (const int code = call(instance, "_initialize")) return code;
            charge();
        }
        return options_.invoke ? invoke(instance, *options_.invoke) : exit_code::success;
    }

    // A guest that ends itself has no error to be told.
    int ended(const Error& error) const {
        return error.exit_status() ? exit_code_of(error) : fail(error);
    }

    int call(const Instance& instance, const char* name) {
        const auto func = instance.func(name);
        if (!func) return fail(func.error());
        const auto results = func->call({}, call_);
        if (results) return exit_code::success;
        return ended(results.error());
    }

    int invoke(const Instance& instance, const std::string& name) {
        const auto func = instance.func(name);
        if (!func) return fail(func.error());
        const FuncType& type = func->type();
        const Args& args = options_.args;
        if (args.size() != type.params.size())
            return usage_error("run",
                               fmt::format("{} {} takes {} arguments, {} given", name,
                                           to_string(type), type.params.size(), args.size()));
        std::vector<Value> values;
        for (std::size_t i = 0; i < args.size(); ++i) {
            const auto value = parse_value(type.params[i], args[i]);
            if (!value)
                return usage_error("run", fmt::format("argument {} of {}: '{}' is not {}", i + 1,
                                                      name, args[i], to_string(type.params[i])));
            values.push_back(*value);
        }
        const auto results = func->call(values, call_);
        if (results) {
            write_out(format_results(*results, options_.results));
            return exit_code::success;
        }
        return ended(results.error());
    }

    const RunOptions& options_;
    Store store_;
    CallOptions call_;
    std::uint64_t fuel_used_ = 0;
};

}  // namespace

int run_command(const Args& args) {
    RunOptions options;
    if (const auto done = read_run_options(args, options)) return *done;
    return Run(options)();
}

}  // namespace waxwing::cli
