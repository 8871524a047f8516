// Options of a command: read in the usual way, and explained in one style.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/command.hpp"

namespace waxwing::cli {

// "-x", "--long", "--long value", "--long=value", "-o value", "-ovalue", and
// flags of one letter together: "-xy". "--" ends the options; "-" is none.
class Options {
public:
    // `description` goes below the usage line of the command called `name`,
    // `examples` to the end of its help. --help is always there.
    Options(std::string_view name, std::string description, std::string examples = {});

    // Options added from now on are explained under this title.
    void group(std::string title);
    // `names` is "--name" or "-n,--name". The targets must outlive read().
    void flag(std::string_view names, bool& target, std::string text);
    // The last value given counts.
    void value(std::string_view names, std::string placeholder, std::optional<std::string>& target,
               std::string text);
    // All values given, in order.
    void list(std::string_view names, std::string placeholder, std::vector<std::string>& target,
              std::string text);

    // Reads options wherever they stand; what is none goes to `operands`. The exit
    // code if there is nothing more to do: help was asked for and printed, or
    // something is wrong and was said.
    std::optional<int> read(const Args& args, Args& operands);
    // As read(), but the first operand ends the options: it and all that follows
    // are operands, as they are.
    std::optional<int> read_until_operand(const Args& args, Args& operands);

    std::string help() const;

private:
    using Target = std::variant<bool*, std::optional<std::string>*, std::vector<std::string>*>;
    struct Option {
        std::string short_name;  // "-o", or empty
        std::string long_name;   // "--output"
        std::string placeholder;
        std::string text;
        std::string group;
        Target target;
    };

    void add(std::string_view names, std::string placeholder, std::string text, Target target);
    const Option* find(std::string_view name) const;
    std::optional<int> read(const Args& args, Args& operands, bool until_operand);
    // Handles the option at args[at] and leaves `at` at the last argument it used.
    // What is wrong, or empty.
    std::string take(const Args& args, std::size_t& at);
    std::string take_letters(const Args& args, std::size_t& at);
    static void store(const Option& option, std::string value);

    std::string command_;
    std::string usage_;
    std::string description_;
    std::string examples_;
    std::string group_ = "Options";
    std::vector<Option> options_;
    bool help_ = false;
};

// A number without a sign.
std::optional<std::uint64_t> parse_count(std::string_view text);
// "300ms", "2s", "1.5m", "1h"; a plain number counts seconds.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
// "65536", "64K", "64KiB", "16MB", "1G": letters are powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace waxwing::cli
