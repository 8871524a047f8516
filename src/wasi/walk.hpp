// Resolving a path beneath a directory without the kernel's help.
//
// A stack of open directories stands for the path walked so far. Each component
// is opened in the directory on top without being followed; a symbolic link is
// read from the descriptor that was inspected, and its text walked in its
// place; `..` pops, so that no real `..`, which may lead out when somebody
// moves the directory away, is ever opened.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wasi/expected.hpp"
#include "wasi/owned_fd.hpp"
#include "wasi/resolve.hpp"

namespace waxwing::wasi {

struct WalkEnd {
    std::string name;          // "." if the path ends in a dot component
    bool must_be_dir = false;  // the path ends in a slash or a dot
};

class Walk {
public:
    static constexpr u32 max_links = 40;     // as Linux has it
    static constexpr usize max_depth = 256;  // each costs a descriptor

    // `base` is the caller's.
    Walk(int base, std::string_view path) : base_(base), rest_(path) {}

    // Goes on to the last component, which is not looked at.
    Expected<WalkEnd> to_last();
    // Puts the text of a link, found where the walk stands, before what is left.
    Expected<void> expand(const std::string& target);
    // Takes the last step back.
    void unread(const WalkEnd& end) { put_before(end.name); }

    int top() const { return stack_.empty() ? base_ : stack_.back().get(); }
    // Its owner; none if it is the base.
    OwnedFd take_top();

private:
    Expected<void> descend(const std::string& component);
    void put_before(const std::string& text);

    int base_;
    std::vector<OwnedFd> stack_;
    std::string rest_;  // from at_ on, what is left to be walked
    usize at_ = 0;
    u32 links_ = 0;
};

// open_beneath() by walking; the same contract.
Expected<OwnedFd> walk_open(int base, std::string_view path, OpenHow how);

}  // namespace waxwing::wasi
