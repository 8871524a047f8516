// The commands of `waxwing`: one function each, found by name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waxwing::cli {

// What follows the command's name on the command line.
using Args = std::vector<std::string>;

struct Command {
    std::string_view name;
    std::string_view usage;        // what follows the name: "[OPTIONS] FILE [ARGS...]"
    std::string_view summary;      // one line for the overview
    int (*run)(const Args& args);  // the exit code
};

// In the order of the overview.
std::span<const Command> commands();
const Command* find_command(std::string_view name);  // null if there is none

int run_command(const Args& args);
int validate_command(const Args& args);
int inspect_command(const Args& args);
int parse_command(const Args& args);
int dump_command(const Args& args);
int print_command(const Args& args);
int wast_command(const Args& args);  // in wast.cpp
int help_command(const Args& args);
int version_command(const Args& args);

}  // namespace waxwing::cli
