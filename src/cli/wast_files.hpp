// What is known about a test script from its path alone: its group in the
// summary, how it is read and run, and whether it is skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/features.hpp"
#include "waxwing/text.hpp"

namespace waxwing::cli {

// True if `pattern` fits: one with a slash the end of the path, one without the
// file's name without its ending.
bool matches_script(const std::string& pattern, std::string_view path);

// The title of the script's group; all titles, in the order of the summary.
std::string_view script_group(std::string_view path);
const std::vector<std::string_view>& script_groups();

// A folder named after a proposal is run with the features that proposal was
// written against, and read as it was then; everything else is WebAssembly 3.0.
Features script_features(std::string_view path);
TextOptions script_text_options(std::string_view path);

// The one list of what is not run, with reasons. One entry a line:
//   pattern[:line] reason
// Empty lines and lines beginning with '#' are ignored.
class SkipList {
public:
    static Result<SkipList> parse(std::string_view text);

    // Why the whole script, or the command on a line of it, is skipped.
    const std::string* script(std::string_view path) const;
    const std::string* command(std::string_view path, std::uint32_t line) const;

private:
    struct Entry {
        std::string pattern;
        std::optional<std::uint32_t> line;
        std::string reason;
    };
    std::vector<Entry> entries_;
};

}  // namespace waxwing::cli
