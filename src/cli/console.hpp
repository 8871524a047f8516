// How the command talks to its user: what was asked for goes to stdout, messages go to
// stderr, in colour if that is a terminal and NO_COLOR is not set. Nothing here throws
// or ends the process when a stream cannot be written; finish() tells.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "waxwing/error.hpp"

namespace waxwing::cli {

// What the process exits with.
namespace exit_code {
inline constexpr int success = 0;
inline constexpr int failure = 1;
inline constexpr int usage = 2;      // or an argument of the wrong type
inline constexpr int timeout = 124;  // as timeout(1)
inline constexpr int fuel = 125;
inline constexpr int rejected = 126;   // malformed, invalid, not linkable, not permitted
inline constexpr int not_found = 127;  // the file, or the export
inline constexpr int trap = 134;       // 128 + SIGABRT
}  // namespace exit_code

// What an error makes the process exit with; a guest's own status passes through.
int exit_code_of(const Error& error);

// False if it could not be written; then nothing is written any more.
bool write_out(std::string_view text);
void write_err(std::string_view text);

template <class... T>
void print_out(fmt::format_string<T...> format, T&&... args) {
    write_out(fmt::format(format, std::forward<T>(args)...));
}
template <class... T>
void print_err(fmt::format_string<T...> format, T&&... args) {
    write_err(fmt::format(format, std::forward<T>(args)...));
}

// Before anything else: what the process needs so that streams that are closed or broken
// become errors.
void prepare_streams();
// Writes what is left, says so if output was lost, and returns what to exit with: `code`,
// but failure instead of success.
int finish(int code);

// "error[5002]: trap: ..." and the backtrace, then whole lines that show the place, if
// there are any, then advice. `file` is what was being worked on.
void print_error(const Error& error, std::string_view file = {}, std::string_view excerpt = {});
void print_warning(std::string_view message);
// "waxwing run: ..." and where to read more. Returns exit_code::usage.
int usage_error(std::string_view command, std::string_view message);

// Text set off by weight on a terminal that is the given stream (1 or 2).
std::string bold(std::string_view text, int descriptor);

}  // namespace waxwing::cli
