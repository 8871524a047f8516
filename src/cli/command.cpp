#include "cli/command.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/console.hpp"

#ifndef WAXWING_VERSION
#define WAXWING_VERSION "unknown"
#endif

namespace waxwing::cli {
namespace {

constexpr auto table = std::to_array<Command>({
    {"run", "[OPTIONS] FILE [ARGS...]", "Run a module, or call one of its functions.", run_command},
    {"validate", "[OPTIONS] FILE...", "Check that modules are valid.", validate_command},
    {"inspect", "[OPTIONS] FILE", "Show what a module imports, exports and consists of.",
     inspect_command},
    {"parse", "[OPTIONS] FILE", "Translate the text form into the binary form.", parse_command},
    {"dump", "[OPTIONS] FILE", "List the bytes of a module and what they mean.", dump_command},
    {"print", "[OPTIONS] FILE", "Translate the binary form into the text form.", print_command},
    {"wast", "[OPTIONS] SCRIPT...", "Run test scripts of the specification.", wast_command},
    {"help", "[COMMAND]", "Explain a command.", help_command},
    {"version", "", "Show the version.", version_command},
});

}  // namespace

std::span<const Command> commands() { return table; }

const Command* find_command(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Command::name);
    return found == table.end() ? nullptr : &*found;
}

int help_command(const Args& args) {
    if (!args.empty() && !args.front().starts_with('-')) {
        const Command* command = find_command(args.front());
        if (!command) return usage_error("", fmt::format("'{}' is not a command", args.front()));
        if (command->run == help_command || command->run == version_command) {
            print_out("{} waxwing {} {}\n\n{}\n", bold("Usage:", 1), command->name, command->usage,
                      command->summary);
            return exit_code::success;
        }
        return command->run({"--help"});
    }
    print_out("{}", "Waxwing runs WebAssembly: core modules and WASI commands.\n\n");
    print_out("{} waxwing COMMAND [OPTIONS] ...\n       waxwing [OPTIONS] FILE [ARGS...]      as "
              "waxwing run\n\n",
              bold("Usage:", 1));
    print_out("{}\n", bold("Commands:", 1));
    for (const Command& command : commands())
        print_out("  {:<10} {}\n", command.name, command.summary);
    print_out("\n'waxwing COMMAND --help' explains a command.\n");
    return exit_code::success;
}

int version_command(const Args&) {
    print_out("waxwing {}\n", WAXWING_VERSION);
    return exit_code::success;
}

}  // namespace waxwing::cli
