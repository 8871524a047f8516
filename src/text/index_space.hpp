// What the identifiers of a module stand for.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/module_names.hpp"

namespace waxwing::text {

using NameMap = std::unordered_map<std::string_view, u32>;

using core::Names;

// One index space: functions, locals of a function, fields of a struct, ...
struct IndexSpace {
    const char* unknown = "";    // "function": as in "unknown function $f"
    const char* duplicate = "";  // "func": as in "duplicate func $f"
    u32 count = 0;
    NameMap indices;
    Names names;

    // Gives the next index a name; false if the name is taken.
    bool bind(std::string_view name) {
        if (!indices.emplace(name, count).second) return false;
        names.emplace_back(count, name);
        return true;
    }
    // Gives the next index another name in the name section.
    void rename(std::string_view name) {
        if (!names.empty() && names.back().first == count)
            names.back().second = name;
        else
            names.emplace_back(count, name);
    }
};

}  // namespace waxwing::text
