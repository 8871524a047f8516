// waxwing print: from the binary form of a module to its text form.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "waxwing/text.hpp"

namespace waxwing::cli {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdout) std::fclose(file);
    }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

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

    const auto bytes = read_module(file);
    if (!bytes) {
        print_error(bytes.error(), bytes.error().code() == Code::io ? "" : file);
        return exit_code_of(bytes.error());
    }
    const bool to_stdout = !output || *output == "-";
    const File out(to_stdout ? stdout : std::fopen(output->c_str(), "wbe"));
    bool written = out != nullptr;
    if (written) {
        const auto printed = print_wat(*bytes, options, [&](std::string_view piece) {
            written = std::fwrite(piece.data(), 1, piece.size(), out.get()) == piece.size();
            return written;
        });
        if (!printed) {
            print_error(printed.error(), file);
            return exit_code_of(printed.error());
        }
        written = written && std::fflush(out.get()) == 0;
    }
    if (written) return exit_code::success;
    print_error(Error(Code::io, ErrorKind::host,
                      output.value_or("standard output") + ": " + std::strerror(errno)));
    return exit_code::failure;
}

}  // namespace waxwing::cli
