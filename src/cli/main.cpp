// The command `waxwing`: finds out which command is meant and runs it.
#include <fmt/core.h>

#include <cstdio>
#include <new>
#include <stdexcept>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace {

int dispatch(const waxwing::cli::Args& args) {
    using namespace waxwing::cli;
    if (args.empty()) {
        help_command({});
        return exit_code::usage;
    }
    const std::string& first = args.front();
    if (first == "--help" || first == "-h") return help_command({});
    if (first == "--version" || first == "-V") return version_command({});
    // Anything else is a file, or an option of `run` before one.
    const Command* command = find_command(first);
    if (!command) return run_command(args);
    return command->run(Args(args.begin() + 1, args.end()));
}

// What the library needs memory for fails as an error; this is about the command's own lists.
int dispatch_safely(int argc, char** argv) {
    try {
        return dispatch(waxwing::cli::Args(argv + 1, argv + argc));
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {
    }
    std::fputs("waxwing: out of memory\n", stderr);
    return waxwing::cli::exit_code::failure;
}

}  // namespace

int main(int argc, char** argv) {
    const int code = dispatch_safely(argc, argv);
    // Output that could not be written is a failure that nobody else would see.
    if (std::fflush(stdout) != 0 && code == waxwing::cli::exit_code::success)
        return waxwing::cli::exit_code::failure;
    return code;
}
