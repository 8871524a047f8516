#include "cli/console.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace waxwing::cli {
namespace {

constexpr const char* bold_style = "1";
constexpr const char* red_style = "1;31";
constexpr const char* yellow_style = "1;33";

bool in_colour(int descriptor) {
    const char* refused = std::getenv("NO_COLOR");
    if (refused && *refused) return false;
    const char* terminal = std::getenv("TERM");
    if (terminal && std::string_view(terminal) == "dumb") return false;
    return ::isatty(descriptor) != 0;
}

std::string styled(std::string_view text, const char* style, int descriptor) {
    if (!in_colour(descriptor)) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", style, text);
}

}  // namespace

namespace {

// A process's status has eight bits. A guest that fails must not seem to succeed
// because all of them are 0.
int process_status(int guest_status) {
    const int low = guest_status & 0xFF;
    return guest_status != 0 && low == 0 ? 0xFF : low;
}

}  // namespace

int exit_code_of(const Error& error) {
    switch (error.kind()) {
    case ErrorKind::exit:
        return process_status(error.exit_status().value_or(exit_code::failure));
    case ErrorKind::fuel: return exit_code::fuel;
    case ErrorKind::interrupted: return exit_code::timeout;
    case ErrorKind::trap:
    case ErrorKind::exception: return exit_code::trap;
    default: break;
    }
    switch (error.code()) {
    case Code::compile:
    case Code::instantiate:
    case Code::permission_denied:
    case Code::wasi: return exit_code::rejected;
    case Code::io:
    case Code::export_not_found: return exit_code::not_found;
    case Code::type: return exit_code::usage;
    case Code::fuel_exhausted: return exit_code::fuel;
    default: return exit_code::failure;
    }
}

void print_error(const Error& error, std::string_view file) {
    const std::string text = error.format();
    // The part before the first colon stands out: "error[5002]".
    const std::size_t colon = text.find(':');
    if (!file.empty()) fmt::print(stderr, "{}: ", file);
    fmt::print(stderr, "{}{}\n", styled(std::string_view(text).substr(0, colon), red_style, 2),
               std::string_view(text).substr(colon));
    // Those that are on unless they were switched off need no advice.
    if (const auto feature = error.feature(); feature && !Features().has(*feature))
        fmt::print(stderr, "  hint: --enable {}\n", to_string(*feature));
}

void print_warning(std::string_view message) {
    fmt::print(stderr, "{}: {}\n", styled("warning", yellow_style, 2), message);
}

int usage_error(std::string_view command, std::string_view message) {
    const std::string name = command.empty() ? "waxwing" : fmt::format("waxwing {}", command);
    fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", name, message, name);
    return exit_code::usage;
}

std::string bold(std::string_view text, int descriptor) {
    return styled(text, bold_style, descriptor);
}

}  // namespace waxwing::cli
