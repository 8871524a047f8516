// The command `waxwing`: finds out which command is meant and runs it.
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
    waxwing::cli::write_err("waxwing: out of memory\n");
    return waxwing::cli::exit_code::failure;
}

}  // namespace

int main(int argc, char** argv) {
    waxwing::cli::prepare_streams();
    return waxwing::cli::finish(dispatch_safely(argc, argv));
}
