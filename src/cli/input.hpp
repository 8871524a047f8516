// The module that a command works on.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {

// The bytes of a file, or of standard input for "-". Errors: Code::io.
Result<std::vector<std::byte>> read_input(const std::string& file);

// What is wrong with a module, and if it came as text, the line with a caret below it:
// "  3 |   i32.add\n    |   ^\n".
struct InputError {
    Error error;
    std::string excerpt;

    // Tells the user, and returns what to exit with. `file` is the module's.
    int report(const std::string& file) const;
};
template <class T>
using Input = std::expected<T, InputError>;

// The line of a text with the byte at `offset`, or as much of it as fits a terminal.
std::string excerpt(std::string_view text, std::size_t offset);

// A module in binary form, and what it was parsed from if it was in text form.
struct ModuleInput {
    std::vector<std::byte> bytes;
    std::vector<std::byte> text;

    // An error about the bytes, told about the text if there is one.
    InputError explain(Error error) const;
};

// What begins with the magic number is taken as it is, anything else is text. Errors:
// Code::io, or Code::compile for text that is wrong.
Input<ModuleInput> parse_module(std::vector<std::byte> input);
Input<ModuleInput> read_module(const std::string& file);

// Loads a module, from the file itself where it can. Errors: also of Module::load.
Input<Module> load_module(const std::string& file, const LoadOptions& options);

}  // namespace waxwing::cli
