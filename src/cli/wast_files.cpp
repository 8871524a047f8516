#include "cli/wast_files.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace waxwing::cli {

namespace {

namespace fs = std::filesystem;

struct Group {
    std::string_view title;
    std::vector<std::string> patterns;
};

template <class... P>
Group make_group(std::string_view title, P... patterns) {
    return {title, {patterns...}};
}

const std::vector<Group>& groups() {
    static const std::vector<Group> table = {
#define GROUP(...) make_group(__VA_ARGS__),
#include "groups.def"
    };
    return table;
}

Error bad_skip_list(std::size_t line, std::string_view what) {
    return Error(Code::io, ErrorKind::usage,
                 "skip list, line " + std::to_string(line) + ": " + std::string(what));
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool matches_script(const std::string& pattern, std::string_view path) {
    const fs::path file = fs::absolute(path);
    if (pattern.find('/') == std::string::npos)
        return fnmatch(pattern.c_str(), file.stem().c_str(), 0) == 0;
    // As many components from the end of the path as the pattern has.
    fs::path tail = file.filename();
    fs::path folder = file.parent_path();
    for (auto left = std::ranges::count(pattern, '/'); left > 0; --left) {
        tail = folder.filename() / tail;
        folder = folder.parent_path();
    }
    return fnmatch(pattern.c_str(), tail.c_str(), FNM_PATHNAME) == 0;
}

std::string_view script_group(std::string_view path) {
    for (const Group& group : groups())
        for (const std::string& pattern : group.patterns)
            if (matches_script(pattern, path)) return group.title;
    return "other";
}

const std::vector<std::string_view>& script_groups() {
    static const std::vector<std::string_view> titles = [] {
        std::vector<std::string_view> unique;
        for (const Group& group : groups())
            if (std::ranges::find(unique, group.title) == unique.end())
                unique.push_back(group.title);
        std::ranges::sort(unique);
        return unique;
    }();
    return titles;
}

Features script_features(std::string_view path) {
    const Features standard;
    const fs::path folder = fs::absolute(path).parent_path().filename();
    if (folder == "threads")
        return standard
            .with(Feature::threads)
            // These scripts still expect a second memory or table to be invalid.
            .with(Feature::multi_memory, false)
            .with(Feature::reference_types, false)
            .with(Feature::function_references, false)
            .with(Feature::gc, false)
            .with(Feature::exceptions, false);
    if (folder == "custom-page-sizes") return standard.with(Feature::custom_page_sizes);
    if (folder == "wide-arithmetic") return standard.with(Feature::wide_arithmetic);
    if (folder == "legacy") return standard.with(Feature::legacy_exceptions);
    return standard;
}

TextOptions script_text_options(std::string_view path) {
    const fs::path folder = fs::absolute(path).parent_path().filename();
    TextOptions options;
    options.annotations = folder == "custom";
    options.u32_limits = folder == "threads";
    return options;
}

Result<SkipList> SkipList::parse(std::string_view text) {
    SkipList list;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;

        const std::size_t gap = std::min(line.find_first_of(" \t"), line.size());
        std::string_view pattern = line.substr(0, gap);
        Entry entry;
        entry.reason = trim(line.substr(gap));
        if (entry.reason.empty())
            return std::unexpected(bad_skip_list(number, "an entry needs a reason"));
        if (const std::size_t colon = pattern.rfind(':'); colon != std::string_view::npos) {
            const std::string_view digits = pattern.substr(colon + 1);
            std::uint32_t at = 0;
            const auto [rest, error] =
                std::from_chars(digits.data(), digits.data() + digits.size(), at);
            if (error != std::errc() || rest != digits.data() + digits.size())
                return std::unexpected(bad_skip_list(number, "no number after the colon"));
            entry.line = at;
            pattern = pattern.substr(0, colon);
        }
        entry.pattern = pattern;
        list.entries_.push_back(std::move(entry));
    }
    return list;
}

const std::string* SkipList::script(std::string_view path) const {
    for (const Entry& entry : entries_)
        if (!entry.line && matches_script(entry.pattern, path)) return &entry.reason;
    return nullptr;
}

const std::string* SkipList::command(std::string_view path, std::uint32_t line) const {
    for (const Entry& entry : entries_)
        if (entry.line == line && matches_script(entry.pattern, path)) return &entry.reason;
    return nullptr;
}

}  // namespace waxwing::cli
