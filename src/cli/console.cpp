#include "cli/console.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/printable.hpp"

namespace waxwing::cli {
namespace {

constexpr const char* bold_style = "1";
constexpr const char* red_style = "1;31";
constexpr const char* yellow_style = "1;33";

// The error that kept output from being written, by stream; zero: none.
int stdout_error = 0;
int stderr_error = 0;

bool write_to(std::FILE* stream, std::string_view text, int& error) {
    if (error != 0) return false;
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stream) == text.size()) return true;
    error = errno != 0 ? errno : EIO;
    return false;
}

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
    case ErrorKind::exit: return process_status(error.exit_status().value_or(exit_code::failure));
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

bool write_out(std::string_view text) { return write_to(stdout, text, stdout_error); }
void write_err(std::string_view text) { write_to(stderr, text, stderr_error); }

void prepare_streams() {
    // A file that is opened later must not become stdout or stderr because that is closed:
    // it would get what is written there. Reading from and writing to these fails as before.
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    // Writing to a pipe that nobody reads is an error like others.
    (void)std::signal(SIGPIPE, SIG_IGN);
}

int finish(int code) {
    if (stdout_error == 0 && std::fflush(stdout) != 0) stdout_error = errno;
    if (stdout_error == 0 && std::ferror(stdout)) stdout_error = EIO;
    if (stdout_error != 0) print_err("waxwing: standard output: {}\n", std::strerror(stdout_error));
    if (stderr_error == 0 && std::fflush(stderr) != 0) stderr_error = errno;
    const bool lost = stdout_error != 0 || stderr_error != 0;
    return lost && code == exit_code::success ? exit_code::failure : code;
}

void print_error(const Error& error, std::string_view file, std::string_view excerpt) {
    const std::string text = error.format();
    // The part before the first colon stands out: "error[5002]".
    const std::size_t colon = text.find(':');
    if (!file.empty()) print_err("{}: ", printable(file));
    print_err("{}{}\n", styled(std::string_view(text).substr(0, colon), red_style, 2),
              std::string_view(text).substr(colon));
    write_err(excerpt);
    // Those that are on unless they were switched off need no advice.
    if (const auto feature = error.feature(); feature && !Features().has(*feature))
        print_err("  hint: --enable {}\n", to_string(*feature));
}

void print_warning(std::string_view message) {
    print_err("{}: {}\n", styled("warning", yellow_style, 2), printable(message));
}

int usage_error(std::string_view command, std::string_view message) {
    const std::string name = command.empty() ? "waxwing" : fmt::format("waxwing {}", command);
    print_err("{}: {}\nTry '{} --help'.\n", name, printable(message), name);
    return exit_code::usage;
}

std::string bold(std::string_view text, int descriptor) {
    return styled(text, bold_style, descriptor);
}

}  // namespace waxwing::cli
