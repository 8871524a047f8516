// The custom section "name": names for people. It is never an error: what is
// broken or not UTF-8 in it is left out.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/module.hpp"
#include "core/module_names.hpp"

namespace waxwing {

// The names point into the module's bytes.
struct NameSection {
    struct Func {
        u32 func;
        std::string_view name;
    };
    struct Local {
        u32 func;
        u32 local;
        std::string_view name;
    };

    std::string_view module;    // empty if there is none
    std::vector<Func> funcs;    // sorted by index, each once
    std::vector<Local> locals;  // sorted by function and local, each once

    // Empty if there is none.
    std::string_view func(u32 index) const;
    std::string_view local(u32 func, u32 index) const;
};

NameSection parse_names(const core::Module& module);
// All that the section says, sorted by index, each index once.
core::ModuleNames parse_all_names(const core::Module& module);
// The module's own name, skipping all others.
std::string_view parse_module_name(const core::Module& module);

}  // namespace waxwing
