// Confinement: a guest's path, resolved beneath a directory.
//
// 1. Nothing outside the directory is opened or named, whatever `..`, symbolic
//    links and other processes that move things about do. An absolute path, an
//    absolute link or a `..` above the directory is `perm`, even if the path
//    comes back in.
// 2. A path is resolved once. What follows works on an open descriptor, or on a
//    Place: an open directory and one component, which is not followed.
// 3. A component given to the kernel has no slash at its end, where it would be
//    followed in spite of O_NOFOLLOW; but for rename(2), which never follows it.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "wasi/expected.hpp"
#include "wasi/owned_fd.hpp"

namespace waxwing::wasi {

enum class Resolver : u8 {
    kernel,  // openat2 with RESOLVE_BENEATH
    walk,    // component by component
};

// The kernel's, unless it has none or forbids it.
Resolver best_resolver(int directory);

// Where a path leads: the last component, not followed, and its directory.
struct Place {
    OwnedFd owner;  // of `directory`, unless that is the base itself
    int directory = -1;
    std::string name;          // "." if the path ends in a dot component
    bool must_be_dir = false;  // the path ends in a slash or a dot

    bool is_dot() const { return name == "."; }
};

Expected<Place> locate(Resolver resolver, int base, std::string_view path);

struct OpenHow {
    int flags = 0;        // O_CLOEXEC and O_NOCTTY are added
    mode_t mode = 0;      // with O_CREAT
    bool follow = false;  // the last component, if it is a symbolic link
};

// Opens. A slash at the end asks for a directory and follows, as in POSIX.
Expected<OwnedFd> open_beneath(Resolver resolver, int base, std::string_view path, OpenHow how);

// The text of a symbolic link.
Expected<std::string> read_link(int directory, const char* name);

Expected<struct stat> stat_nofollow(int directory, const char* name);
Expected<struct stat> stat_fd(int fd);

}  // namespace waxwing::wasi
