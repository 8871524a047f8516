// Options of a command, read with CLI11 and explained in one style.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace waxwing::cli {

// The options of the command called `name`, with --help; to be filled by the
// command. `description` goes below the usage line, `examples` to the end.
class Options : public CLI::App {
public:
    Options(std::string_view name, std::string description, std::string examples = {});

    // An option that may be given several times, with one value each.
    CLI::Option* add_list(const std::string& option, std::vector<std::string>& values,
                          const std::string& description);

    // Reads `args`. The exit code if there is nothing more to do: help was asked
    // for and printed, or something is wrong and was said.
    std::optional<int> read(const Args& args);

    // The same for "[OPTIONS] FILE [ARGS...]": reads the options before FILE and
    // leaves FILE and all that follows it in `rest`, as they are. A "--" before
    // FILE ends the options.
    std::optional<int> read_until_file(const Args& args, Args& rest);

private:
    std::string command_;
};

// A number without a sign.
std::optional<std::uint64_t> parse_count(std::string_view text);
// "300ms", "2s", "1.5m", "1h"; a plain number counts seconds.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
// "65536", "64K", "64KiB", "16MB", "1G": letters are powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace waxwing::cli
