// The components of a path, one after another, with the texts of the symbolic
// links that are followed put in their place.
#pragma once

#include <string>
#include <string_view>

#include "wasi/expected.hpp"

namespace waxwing::wasi {

struct Step {
    std::string name;          // never "." but at the end, for a path that ends in dots
    bool is_last = false;      // "..": not before the directory before it was entered
    bool must_be_dir = false;  // last: a slash follows, or it is "."
};

class PathSteps {
public:
    static constexpr u32 max_links = 40;  // as Linux has it
    // Directories entered and left by the time that a link is met: 40 links of "a/../a/../" as long
    // as a path may be would keep a walk busy for a quarter of a second.
    static constexpr u32 max_steps = 8192;

    explicit PathSteps(std::string_view path) : rest_(path) {}

    Step next();
    // Goes on with the text of a link, whose name was the last step.
    //   loop: one too many.  noent: no text.  perm: an absolute one.
    Expected<void> expand(const std::string& target);
    // Takes the last step back.
    void unread(const std::string& name) { put_before(name); }

private:
    void put_before(const std::string& text);

    std::string rest_;  // from at_ on, what is left
    usize at_ = 0;
    u32 steps_ = 0;
    u32 links_ = 0;
};

}  // namespace waxwing::wasi
