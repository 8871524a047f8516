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
#include "wasi/path_steps.hpp"
#include "wasi/resolve.hpp"

namespace waxwing::wasi {

class Walk {
public:
    static constexpr usize max_depth = 256;  // each costs a descriptor

    // `base` is the caller's.
    Walk(int base, std::string_view path) : base_(base), steps_(path) {}

    // Goes on to the last component, which is not looked at.
    Expected<Step> to_last();
    // Puts the text of a link, found where the walk stands, before what is left.
    Expected<void> expand(const std::string& target) { return steps_.expand(target); }
    // Takes the last step back.
    void unread(const Step& last) { steps_.unread(last.name); }

    int top() const { return stack_.empty() ? base_ : stack_.back().get(); }
    // Its owner; none if it is the base.
    OwnedFd take_top();

private:
    Expected<void> descend(const std::string& component);

    int base_;
    std::vector<OwnedFd> stack_;
    PathSteps steps_;
};

// open_beneath() by walking; the same contract.
Expected<OwnedFd> walk_open(int base, std::string_view path, OpenHow how);

}  // namespace waxwing::wasi
