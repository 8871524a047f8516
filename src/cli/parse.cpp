// waxwing parse: from the text form of a module to its binary form.
#include <fmt/core.h>
#include <unistd.h>

#include "cli/console.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {
namespace {

// dir/name.wat -> name.wasm, in the current directory.
std::string default_output(const std::string& file) {
    const std::string name = file.substr(file.find_last_of('/') + 1);
    return name.substr(0, name.find_last_of('.')) + ".wasm";
}

// What is in binary form stays as it is, but has to be a module.
Result<void> check_binary(const ModuleInput& input) {
    if (!input.text.empty()) return {};
    const auto valid = Module::validate(input.bytes, Features::all());
    if (!valid && valid.error().kind() == ErrorKind::malformed)
        return std::unexpected(valid.error());
    return {};
}

}  // namespace

int parse_command(const Args& args) {
    Options cli("parse",
                R"(Translates the text form of a module into the binary form. Only the text is
checked; see waxwing validate. FILE may be - for standard input.
)",
                R"(  waxwing parse add.wat              writes add.wasm
  waxwing parse add.wat -o out.wasm
)");
    Args files;
    std::optional<std::string> given;
    cli.value("-o,--output", "OUT", given,
              "Where to write; - for standard output. If unset, the name of FILE with "
              ".wasm, in the current directory.");
    if (const auto done = cli.read(args, files)) return *done;
    if (files.size() != 1) return usage_error("parse", "expected one FILE");
    const std::string& file = files.front();
    const std::string output = given.value_or(file == "-" ? file : default_output(file));
    if (output == file && file != "-") return usage_error("parse", "OUT is FILE");
    if (output == "-" && ::isatty(STDOUT_FILENO))
        return usage_error("parse", "not writing binary to a terminal; use -o");

    const auto input = read_module(file);
    if (!input) return input.error().report(file);
    const std::vector<std::byte>& bytes = input->bytes;
    if (const auto binary = check_binary(*input); !binary) {
        print_error(binary.error(), file);
        return exit_code_of(binary.error());
    }
    auto out = OutputFile::create(output);
    if (out) out->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const Result<void> written =
        out ? out->commit() : Result<void>(std::unexpected(std::move(out).error()));
    if (written) return exit_code::success;
    print_error(written.error());
    return exit_code::failure;
}

}  // namespace waxwing::cli
