#include "cli/options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <ranges>

#include "cli/console.hpp"

namespace waxwing::cli {
namespace {

constexpr std::size_t text_column = 28;
constexpr std::size_t line_width = 88;

// Puts `text` into lines from text_column on; the first is already that far.
std::string wrap(std::string_view text) {
    std::string out;
    std::size_t column = text_column;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        if (column > text_column && column + 1 + space > line_width) {
            out += "\n" + std::string(text_column, ' ');
            column = text_column;
        } else if (column > text_column) {
            out += ' ';
            ++column;
        }
        out += text.substr(0, space);
        column += space;
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out;
}

std::string explain(const CLI::Option& option) {
    std::string left = "  ";
    for (const std::string& name : option.get_snames())
        left += "-" + name + ", ";
    for (const std::string& name : option.get_lnames())
        left += "--" + name + ", ";
    left.resize(left.size() - 2);
    if (option.get_items_expected_max() > 0) left += " " + option.get_type_name();
    if (left.size() + 2 > text_column)
        left += "\n" + std::string(text_column, ' ');
    else
        left.resize(text_column, ' ');
    return left + wrap(option.get_description()) + "\n";
}

class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter(std::string usage, std::string examples)
        : usage_(std::move(usage)), examples_(std::move(examples)) {}

    std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
        std::string text = bold("Usage:", 1) + " " + usage_ + "\n\n" + app->get_description();
        for (const std::string& group : app->get_groups()) {
            const auto options = app->get_options([&](const CLI::Option* option) {
                return option->get_group() == group && option->nonpositional();
            });
            if (options.empty()) continue;
            text += "\n" + bold(group + ":", 1) + "\n";
            for (const CLI::Option* option : options)
                text += explain(*option);
        }
        if (!examples_.empty()) text += "\n" + bold("Examples:", 1) + "\n" + examples_;
        return text;
    }

private:
    std::string usage_;
    std::string examples_;
};

template <class T>
struct Unit {
    std::string_view name;
    T factor;
};

// "1.5k" is a number and the name of a unit.
template <class T>
std::optional<double> parse_scaled(std::string_view text, std::span<const Unit<T>> units) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !(number >= 0) || number > 1e18) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit<T>& each : units)
        if (each.name == unit) return number * static_cast<double>(each.factor);
    return std::nullopt;
}

}  // namespace

Options::Options(std::string_view name, std::string description, std::string examples)
    : CLI::App(std::move(description)), command_(name) {
    const Command* command = find_command(name);
    std::string usage = "waxwing " + command_;
    if (command) usage += " " + std::string(command->usage);
    formatter(std::make_shared<HelpFormatter>(std::move(usage), std::move(examples)));
    set_help_flag("-h,--help", "Show this help.");
}

CLI::Option* Options::add_list(const std::string& option, std::vector<std::string>& values,
                               const std::string& description) {
    return add_option(option, values, description)->allow_extra_args(false);
}

std::optional<int> Options::read(const Args& args) {
    Args reversed;  // the order CLI11 wants
    for (const std::string& arg : std::views::reverse(args)) {
        // CLI11 takes the empty value of "--name=" for a missing one.
        const bool empty_value = arg.starts_with("--") && arg.ends_with('=');
        if (empty_value) reversed.emplace_back();
        reversed.push_back(empty_value ? arg.substr(0, arg.size() - 1) : arg);
    }
    try {
        parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", help());
        return exit_code::success;
    } catch (const CLI::ExtrasError&) {
        return usage_error(command_, fmt::format("unexpected argument '{}'", remaining().front()));
    } catch (const CLI::ParseError& error) {
        return usage_error(command_, error.what());
    }
    return std::nullopt;
}

std::optional<int> Options::read_until_file(const Args& args, Args& rest) {
    auto at = args.begin();
    for (; at != args.end(); ++at) {
        if (!at->starts_with('-') || *at == "-" || *at == "--") break;
        const CLI::Option* option = get_option_no_throw(*at);
        const bool takes_value = option && option->get_items_expected_max() > 0;
        if (takes_value && at + 1 != args.end()) ++at;
    }
    if (const auto done = read(Args(args.begin(), at))) return done;
    if (at != args.end() && *at == "--") ++at;
    rest.assign(at, args.end());
    if (rest.empty()) return usage_error(command_, "no FILE given");
    return std::nullopt;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return count;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    static constexpr std::array<Unit<std::int64_t>, 7> units{{{"", 1'000'000'000},
                                                              {"ns", 1},
                                                              {"us", 1'000},
                                                              {"ms", 1'000'000},
                                                              {"s", 1'000'000'000},
                                                              {"m", 60'000'000'000},
                                                              {"h", 3'600'000'000'000}}};
    const auto count = parse_scaled<std::int64_t>(text, units);
    if (!count || *count > 1e18) return std::nullopt;  // 30 years
    return std::chrono::nanoseconds(static_cast<std::int64_t>(*count));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::uint64_t kilo = 1024;
    static constexpr std::array<Unit<std::uint64_t>, 11> units{{{"", 1},
                                                                {"B", 1},
                                                                {"K", kilo},
                                                                {"KB", kilo},
                                                                {"KiB", kilo},
                                                                {"M", kilo * kilo},
                                                                {"MB", kilo * kilo},
                                                                {"MiB", kilo * kilo},
                                                                {"G", kilo * kilo * kilo},
                                                                {"GB", kilo * kilo * kilo},
                                                                {"GiB", kilo * kilo * kilo}}};
    const auto count = parse_scaled<std::uint64_t>(text, units);
    if (!count || *count > 0x1p60) return std::nullopt;
    return static_cast<std::uint64_t>(*count);
}

}  // namespace waxwing::cli
