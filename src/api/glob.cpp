#include "api/glob.hpp"

#include "core/int.hpp"

namespace waxwing::api {
namespace {

// Matches a sequence against a pattern in which some items stand for any run:
// on a mismatch, the last such item takes in one more and matching goes on from
// there. Earlier ones need no second thought.
template <class Pattern, class Subject, class IsRun, class Matches>
bool match(const Pattern& pattern, const Subject& subject, IsRun is_run, Matches matches_one) {
    usize p = 0;
    usize s = 0;
    bool seen_run = false;
    usize after_run = 0;  // position in `pattern` after the last run
    usize run_end = 0;    // position in `subject` up to which that run reaches
    while (s < subject.size()) {
        if (p < pattern.size() && is_run(pattern[p])) {
            seen_run = true;
            after_run = ++p;
            run_end = s;
        } else if (p < pattern.size() && matches_one(pattern[p], subject[s])) {
            ++p;
            ++s;
        } else if (seen_run) {
            p = after_run;
            s = ++run_end;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && is_run(pattern[p]))
        ++p;
    return p == pattern.size();
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const usize slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (!part.empty()) parts.emplace_back(part);
        if (slash == path.npos) break;
        path.remove_prefix(slash + 1);
    }
    return parts;
}

bool matches_name(std::string_view pattern, std::string_view name) {
    return match(
        pattern, name, [](char p) { return p == '*'; },
        [](char p, char c) { return p == '?' || p == c; });
}

bool matches_path(std::span<const std::string> pattern, std::span<const std::string> path) {
    return match(
        pattern, path, [](const std::string& p) { return p == "**"; },
        [](const std::string& p, const std::string& name) { return matches_name(p, name); });
}

bool has_wildcard(std::string_view component) {
    return component.find_first_of("*?") != component.npos;
}

}  // namespace waxwing::api
