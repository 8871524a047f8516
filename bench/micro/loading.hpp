// Loading of modules that the command line names.
#pragma once

#include <filesystem>

namespace waxwing::bench {

// Adds benchmarks that validate the file, load it, and load it with everything translated.
// A file that cannot be read ends the program with a message.
void add_loading(const std::filesystem::path& file);

}  // namespace waxwing::bench
