#include "wasi/resolve.hpp"

#include <algorithm>
#include <array>
#include <climits>

#include "wasi/system.hpp"
#include "wasi/walk.hpp"

namespace waxwing::wasi {
namespace {

constexpr u64 resolve_no_magiclinks = 0x02;
constexpr u64 resolve_beneath = 0x08;

int openat2(int directory, const char* path, const OpenHow& how) {
    return sys::openat2(directory, path,
                        {static_cast<u64>(how.flags | (how.follow ? 0 : O_NOFOLLOW)), how.mode,
                         resolve_beneath | resolve_no_magiclinks});
}

// Something moved while a path with `..` was resolved: EAGAIN. Answering it by
// a weaker way of resolving would be the hole that this closes.
constexpr int max_attempts = 16;

Expected<OwnedFd> kernel_open(int base, std::string_view path, const OpenHow& how) {
    std::array<char, PATH_MAX> text;  // no longer than Guest::max_path
    if (path.size() >= text.size()) return fail(Errno::nametoolong);
    *std::ranges::copy(path, text.begin()).out = '\0';
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        OwnedFd fd(openat2(base, text.data(), how));
        if (fd) return fd;
        if (errno == EAGAIN) {
            sys::sched_yield();
        } else if (errno != EINTR) {
            // RESOLVE_BENEATH calls leaving the tree a cross-device link.
            return errno == EXDEV ? fail(Errno::perm) : fail_with_errno();
        }
    }
    return fail(Errno::again);
}

Expected<Place> kernel_locate(int base, std::string_view path, bool slash) {
    const usize cut = path.rfind('/');
    const std::string_view name = cut == path.npos ? path : path.substr(cut + 1);
    const bool is_dot = name == "." || name == "..";
    const std::string_view parent = is_dot ? path : path.substr(0, cut == path.npos ? 0 : cut);

    Place place;
    place.name = is_dot ? "." : name;
    place.must_be_dir = slash || is_dot;
    place.directory = base;
    if (!parent.empty()) {
        place.owner = TRY(kernel_open(base, parent, {O_PATH | O_DIRECTORY | O_CLOEXEC, 0, true}));
        place.directory = place.owner.get();
    }
    return place;
}

struct Trimmed {
    std::string_view path;
    bool slash;
};

// The path without the slashes at its end.
Expected<Trimmed> trim(std::string_view path) {
    if (path.empty()) return fail(Errno::noent);
    if (path.front() == '/') return fail(Errno::perm);
    const usize end = path.find_last_not_of('/') + 1;
    return Trimmed{path.substr(0, end), end != path.size()};
}

}  // namespace

Resolver best_resolver(int directory) {
    // A filter may forbid the call, and EPERM would then look like a file's.
    const OwnedFd probe(openat2(directory, ".", {O_PATH | O_CLOEXEC, 0, true}));
    return probe ? Resolver::kernel : Resolver::walk;
}

Expected<Place> locate(Resolver resolver, int base, std::string_view path) {
    const auto [trimmed, slash] = TRY(trim(path));
    if (resolver == Resolver::kernel) return kernel_locate(base, trimmed, slash);

    Walk walk(base, path);
    Step end = TRY(walk.to_last());
    Place place;
    place.name = std::move(end.name);
    place.must_be_dir = end.must_be_dir;
    place.directory = walk.top();
    place.owner = walk.take_top();
    return place;
}

Expected<OwnedFd> open_beneath(Resolver resolver, int base, std::string_view path, OpenHow how) {
    const auto [trimmed, slash] = TRY(trim(path));
    how.flags |= O_CLOEXEC;
    if (!(how.flags & O_PATH)) how.flags |= O_NOCTTY;
    if (resolver == Resolver::walk) return walk_open(base, path, how);

    if (slash) {
        if (how.flags & O_CREAT) {
            const Place place = TRY(kernel_locate(base, trimmed, slash));
            return fail((how.flags & O_EXCL) && place.is_dot() ? Errno::exist : Errno::isdir);
        }
        how.flags |= O_DIRECTORY;
        how.follow = true;
    }
    return kernel_open(base, trimmed, how);
}

Expected<std::string> read_link(int directory, const char* name) {
    std::array<char, PATH_MAX> text;
    const ssize_t length = sys::readlinkat(directory, name, text.data(), text.size());
    if (length < 0) return fail_with_errno();
    return std::string(text.data(), static_cast<usize>(length));
}

Expected<struct stat> stat_nofollow(int directory, const char* name) {
    struct stat status;
    if (sys::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return fail_with_errno();
    return status;
}

Expected<struct stat> stat_fd(int fd) {
    struct stat status;
    if (sys::fstat(fd, &status) != 0) return fail_with_errno();
    return status;
}

}  // namespace waxwing::wasi
