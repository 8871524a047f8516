#include "wasi/walk.hpp"

#include "wasi/system.hpp"

namespace waxwing::wasi {

Expected<Step> Walk::to_last() {
    for (;;) {
        Step step = steps_.next();
        if (step.is_last) return step;
        if (step.name != "..") {
            TRY(descend(step.name));
        } else {
            if (stack_.empty()) return fail(Errno::perm);
            stack_.pop_back();
        }
    }
}

Expected<void> Walk::descend(const std::string& component) {
    if (stack_.size() >= max_depth) return fail(Errno::nametoolong);
    OwnedFd fd(sys::openat(top(), component.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
    if (!fd) return fail_with_errno();
    const struct stat status = TRY(stat_fd(fd.get()));
    if (S_ISLNK(status.st_mode)) return expand(TRY(read_link(fd.get(), "")));
    if (!S_ISDIR(status.st_mode)) return fail(Errno::notdir);
    stack_.push_back(std::move(fd));
    return {};
}

OwnedFd Walk::take_top() {
    if (stack_.empty()) return OwnedFd();
    OwnedFd top = std::move(stack_.back());
    stack_.pop_back();
    return top;
}

Expected<OwnedFd> walk_open(int base, std::string_view path, OpenHow how) {
    constexpr int max_attempts = 16;  // somebody replaces the last component by a link
    const bool exclusive = (how.flags & O_CREAT) && (how.flags & O_EXCL);
    Walk walk(base, path);
    for (int attempt = 0; attempt < max_attempts;) {
        const Step last = TRY(walk.to_last());
        int flags = how.flags | O_NOFOLLOW;
        if (last.must_be_dir) {
            if (flags & O_CREAT)
                return fail(exclusive && last.name == "." ? Errno::exist : Errno::isdir);
            flags |= O_DIRECTORY;
        }
        const bool follow = (how.follow || last.must_be_dir) && !exclusive;
        if (follow && last.name != ".") {
            auto target = read_link(walk.top(), last.name.c_str());
            if (target) {
                TRY(walk.expand(*target));
                continue;
            }
            // Not a link, or not there: for openat to decide.
            if (!target.error().is(Errno::inval) && !target.error().is(Errno::noent))
                return std::unexpected(std::move(target).error());
        }
        OwnedFd fd(sys::openat(walk.top(), last.name.c_str(), flags, how.mode));
        // With O_PATH a link is opened itself, and this one was not there before.
        const bool is_new_link =
            fd && follow && (flags & O_PATH) && S_ISLNK(TRY(stat_fd(fd.get())).st_mode);
        if (fd && !is_new_link) return fd;
        if (fd || errno == EINTR || (errno == ELOOP && follow)) {
            ++attempt;
            walk.unread(last);
            continue;
        }
        return fail_with_errno();
    }
    return fail(Errno::again);
}

}  // namespace waxwing::wasi
