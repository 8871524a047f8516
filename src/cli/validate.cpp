// waxwing validate: decodes and validates modules.
#include <fmt/core.h>

#include "cli/console.hpp"
#include "cli/feature_options.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "core/printable.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {

int validate_command(const Args& args) {
    Options cli("validate",
                R"(Checks that modules are well-formed and valid, without running anything. Says
nothing about those that are; for the others, what is wrong and at which offset.
FILE may be in binary or text form, and - for standard input.
)",
                R"(  waxwing validate a.wasm b.wat

Exit status: 0 if all are valid, 1 if one is not, 2 for wrong usage.
)");
    std::vector<std::string> files;
    bool verbose = false;
    cli.flag("-v,--verbose", verbose, "Also name the files that are valid.");
    FeatureOptions switches;
    switches.add_to(cli);
    if (const auto done = cli.read(args, files)) return *done;
    if (files.empty()) return usage_error("validate", "no FILE given");
    if (const std::string fault = switches.fault(); !fault.empty())
        return usage_error("validate", fault);
    const Features features = switches.applied_to({});

    int code = exit_code::success;
    for (const std::string& file : files) {
        const auto input = read_module(file);
        if (!input) {
            input.error().report(file);
            code = exit_code::failure;
        } else if (const auto valid = Module::validate(input->bytes, features); !valid) {
            input->explain(valid.error()).report(file);
            code = exit_code::failure;
        } else if (verbose) {
            print_out("{}: valid\n", printable(file));
        }
    }
    return code;
}

}  // namespace waxwing::cli
