#include "wasi/path_steps.hpp"

#include <algorithm>

namespace waxwing::wasi {

Step PathSteps::next() {
    for (;;) {
        at_ = rest_.find_first_not_of('/', at_);
        if (at_ == rest_.npos) {
            at_ = rest_.size();
            return {".", true, true};
        }
        const usize end = std::min(rest_.find('/', at_), rest_.size());
        std::string name = rest_.substr(at_, end - at_);
        at_ = end;
        if (name == ".") continue;
        ++steps_;
        if (name == "..") return {std::move(name), false, false};
        // A slash stays in rest_, for a link to be put before it.
        if (rest_.find_first_not_of('/', at_) == rest_.npos)
            return {std::move(name), true, at_ != rest_.size()};
        return {std::move(name), false, false};
    }
}

Expected<void> PathSteps::expand(const std::string& target) {
    if (++links_ > max_links || steps_ > max_steps) return fail(Errno::loop);
    if (target.empty()) return fail(Errno::noent);
    if (target.front() == '/') return fail(Errno::perm);
    put_before(target);
    return {};
}

void PathSteps::put_before(const std::string& text) {
    rest_.replace(0, at_, text);
    at_ = 0;
}

}  // namespace waxwing::wasi
