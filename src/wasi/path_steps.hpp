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
    // Of the texts of all links together, each of which may be as long as a path: else a guest
    // could make links that take a walk a quarter of a second.
    static constexpr usize max_link_bytes = 16 << 10;

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
    usize link_bytes_ = 0;
    u32 links_ = 0;
};

}  // namespace waxwing::wasi
