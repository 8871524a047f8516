#include "cli/options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

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
    : command_(name), description_(std::move(description)), examples_(std::move(examples)) {
    usage_ = "waxwing " + command_;
    if (const Command* command = find_command(name)) usage_.append(" ").append(command->usage);
    flag("-h,--help", help_, "Show this help.");
}

void Options::group(std::string title) { group_ = std::move(title); }

void Options::flag(std::string_view names, bool& target, std::string text) {
    add(names, {}, std::move(text), &target);
}

void Options::value(std::string_view names, std::string placeholder,
                    std::optional<std::string>& target, std::string text) {
    add(names, std::move(placeholder), std::move(text), &target);
}

void Options::list(std::string_view names, std::string placeholder,
                   std::vector<std::string>& target, std::string text) {
    add(names, std::move(placeholder), std::move(text), &target);
}

void Options::add(std::string_view names, std::string placeholder, std::string text,
                  Target target) {
    const std::size_t comma = names.find(',');
    Option option;
    option.short_name = comma == names.npos ? "" : names.substr(0, comma);
    option.long_name = comma == names.npos ? names : names.substr(comma + 1);
    option.placeholder = std::move(placeholder);
    option.text = std::move(text);
    option.group = group_;
    option.target = target;
    options_.push_back(std::move(option));
}

const Options::Option* Options::find(std::string_view name) const {
    const auto found = std::ranges::find_if(options_, [&](const Option& option) {
        return name == option.long_name || (!name.empty() && name == option.short_name);
    });
    return found == options_.end() ? nullptr : &*found;
}

std::string Options::take(const Args& args, std::size_t& at) {
    const std::string& arg = args[at];
    if (!arg.starts_with("--")) return take_letters(args, at);
    const std::size_t equals = arg.find('=');
    const std::string name = arg.substr(0, equals);
    const Option* option = find(name);
    if (!option) return fmt::format("unknown option '{}'", name);
    if (bool* const* flag = std::get_if<bool*>(&option->target)) {
        if (equals != arg.npos) return fmt::format("{} takes no value", name);
        **flag = true;
        return {};
    }
    if (equals == arg.npos && at + 1 == args.size())
        return fmt::format("{} needs a value: {}", name, option->placeholder);
    store(*option, equals == arg.npos ? args[++at] : arg.substr(equals + 1));
    return {};
}

// "-xyovalue": flags, and at last an option with its value.
std::string Options::take_letters(const Args& args, std::size_t& at) {
    const std::string& arg = args[at];
    for (std::size_t i = 1; i < arg.size(); ++i) {
        const std::string name{'-', arg[i]};
        const Option* option = find(name);
        if (!option) return fmt::format("unknown option '{}'", name);
        if (bool* const* flag = std::get_if<bool*>(&option->target)) {
            **flag = true;
            continue;
        }
        const bool attached = i + 1 < arg.size();
        if (!attached && at + 1 == args.size())
            return fmt::format("{} needs a value: {}", name, option->placeholder);
        store(*option, attached ? arg.substr(i + 1) : args[++at]);
        break;
    }
    return {};
}

void Options::store(const Option& option, std::string value) {
    if (auto* const* single = std::get_if<std::optional<std::string>*>(&option.target))
        **single = std::move(value);
    else
        std::get<std::vector<std::string>*>(option.target)->push_back(std::move(value));
}

std::optional<int> Options::read(const Args& args, Args& operands, bool until_operand) {
    for (std::size_t at = 0; at < args.size(); ++at) {
        const std::string& arg = args[at];
        const bool is_option = arg.size() > 1 && arg.front() == '-';
        if (arg == "--" || (!is_option && until_operand)) {
            operands.insert(operands.end(),
                            args.begin() + static_cast<std::ptrdiff_t>(at) + (arg == "--" ? 1 : 0),
                            args.end());
            break;
        }
        if (!is_option) {
            operands.push_back(arg);
            continue;
        }
        if (const std::string wrong = take(args, at); !wrong.empty())
            return usage_error(command_, wrong);
        if (help_) {
            print_out("{}", help());
            return exit_code::success;
        }
    }
    return std::nullopt;
}

std::optional<int> Options::read(const Args& args, Args& operands) {
    return read(args, operands, false);
}

std::optional<int> Options::read_until_operand(const Args& args, Args& operands) {
    return read(args, operands, true);
}

std::string Options::help() const {
    std::string text = bold("Usage:", 1) + " " + usage_ + "\n\n" + description_;
    std::string group;
    for (const Option& option : options_) {
        if (option.group != group) {
            group = option.group;
            text += "\n" + bold(group + ":", 1) + "\n";
        }
        std::string left = "  ";
        if (!option.short_name.empty()) left += option.short_name + ", ";
        left += option.long_name;
        if (!option.placeholder.empty()) left += " " + option.placeholder;
        if (left.size() + 2 > text_column)
            left += "\n" + std::string(text_column, ' ');
        else
            left.resize(text_column, ' ');
        text += left + wrap(option.text) + "\n";
    }
    if (!examples_.empty()) text += "\n" + bold("Examples:", 1) + "\n" + examples_;
    return text;
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
