// The module that a command works on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {

// The bytes of a file, or of standard input for "-". Errors: Code::io.
Result<std::vector<std::byte>> read_input(const std::string& file);

// A module in binary form: what begins with the magic number as it is, anything
// else as text. Errors: Code::compile for text that is wrong.
Result<std::vector<std::byte>> to_binary(std::vector<std::byte>&& input);

// Both, one after the other.
Result<std::vector<std::byte>> read_module(const std::string& file);

// Loads a module, from the file itself where it can. Errors: also of Module::load.
Result<Module> load_module(const std::string& file, const LoadOptions& options);

// Errors: Code::io.
Result<void> write_output(const std::string& file, const std::vector<std::byte>& bytes);

}  // namespace waxwing::cli
