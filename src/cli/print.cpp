// waxwing print: from the binary form of a module to its text form.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "waxwing/text.hpp"

namespace waxwing::cli {

int print_command(const Args& args) {
    Options cli("print",
                R"(Translates the binary form of a module into the text form, which waxwing parse
translates back. Identifiers are the names of the name section. FILE may be - for
standard input; one in text form is translated to binary form first.
)",
                R"(  waxwing print app.wasm
  waxwing print --fold app.wasm -o app.wat
)");
    Args files;
    PrintOptions options;
    bool plain = false;
    std::optional<std::string> output;
    cli.flag("--fold", options.fold, "Put operands into the instructions that take them.");
    cli.flag("--offsets", options.offsets, "Begin lines with the offset in the module.");
    cli.flag("--no-annotations", plain,
             "Leave out what is said by annotations: custom sections, branch hints, and "
             "names that are not unique.");
    cli.value("-o,--output", "OUT", output, "Where to write. If unset, standard output.");
    if (const auto done = cli.read(args, files)) return *done;
    if (files.size() != 1) return usage_error("print", "expected one FILE");
    const std::string& file = files.front();
    if (output == file && file != "-") return usage_error("print", "OUT is FILE");
    options.annotations = !plain;

    const auto input = read_module(file);
    if (!input) return input.error().report(file);
    auto out = OutputFile::create(output.value_or("-"));
    if (!out) {
        print_error(out.error());
        return exit_code::failure;
    }
    const auto printed =
        print_wat(input->bytes, options, [&](std::string_view piece) { return out->write(piece); });
    if (!printed) {
        print_error(printed.error(), file);
        return exit_code_of(printed.error());
    }
    if (const auto written = out->commit(); !written) {
        print_error(written.error());
        return exit_code::failure;
    }
    return exit_code::success;
}

}  // namespace waxwing::cli
