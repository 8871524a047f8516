// Everything that the custom section "name" can say, and how it is written.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/writer.hpp"

namespace waxwing::core {

// (index, name), by index.
using Names = std::vector<std::pair<u32, std::string_view>>;
// (index of the outer thing, names inside), by index.
using NestedNames = std::vector<std::pair<u32, Names>>;

// The names belong to someone else.
struct ModuleNames {
    std::string_view module;  // empty if there is none
    Names funcs, types, tables, memories, globals, elems, datas, tags;
    NestedNames locals;  // by function
    NestedNames labels;  // by function: blocks, counted in the order of the binary
    NestedNames fields;  // by type
};

// Subsections of the name section, in their order.
enum class NameKind : u8 {
    module_ = 0,
    func = 1,
    local = 2,
    label = 3,
    type = 4,
    table = 5,
    memory = 6,
    global = 7,
    elem = 8,
    data = 9,
    field = 10,
    tag = 11,
};

// The contents of the section: its subsections, without those that would be empty.
void write_names(const ModuleNames& names, Writer& out);

}  // namespace waxwing::core
