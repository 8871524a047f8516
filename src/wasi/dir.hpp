// What is behind a descriptor that is a directory, and what a guest may do
// beneath it. Whoever implements it confines: an absolute path, an absolute
// symbolic link or a `..` above the directory is `perm`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wasi/file.hpp"

namespace waxwing::wasi {

class Dir;

// What path_open asks for.
struct OpenRequest {
    Oflags oflags;
    Fdflags fdflags;
    bool reads = false;
    bool writes = false;
    // Sets sizes where the file can be written, but does not fail where it cannot.
    bool resizes = false;
    bool follow = false;  // the last component, if it is a symbolic link
};

// Exactly one of `file` and `dir` is set.
struct Opened {
    std::unique_ptr<File> file;
    std::unique_ptr<Dir> dir;
    bool can_resize = true;  // if that was asked for
};

struct DirEntry {
    Dircookie next;
    u64 ino;  // of "..": that of "."
    Filetype type;
    std::string_view name;  // valid until the next call
};

class Dir {
public:
    virtual ~Dir() = default;

    virtual Expected<Opened> open(std::string_view path, const OpenRequest& request) = 0;
    virtual Expected<Filestat> stat() = 0;
    virtual Expected<Filestat> stat(std::string_view path, bool follow) = 0;
    virtual Expected<void> set_times(const FileTimes& times) = 0;
    virtual Expected<void> set_times(std::string_view path, bool follow,
                                     const FileTimes& times) = 0;
    virtual Expected<void> create_directory(std::string_view path) = 0;
    virtual Expected<void> remove_directory(std::string_view path) = 0;
    virtual Expected<void> unlink_file(std::string_view path) = 0;
    virtual Expected<std::string> read_link(std::string_view path) = 0;
    virtual Expected<void> symlink(const std::string& target, std::string_view path) = 0;
    virtual Expected<void> sync(bool data_only) = 0;

    // The entry that follows a cookie; none at the end.
    virtual Expected<std::optional<DirEntry>> entry_after(Dircookie cookie) = 0;

    // Names can be moved and linked between directories whose storage is the
    // same address; between others both are `xdev`. It tells the type of a Dir, too.
    virtual const void* storage() const = 0;
    // Require: to.storage() == storage().
    virtual Expected<void> link(std::string_view old_path, Dir& to, std::string_view new_path) = 0;
    virtual Expected<void> rename(std::string_view old_path, Dir& to,
                                  std::string_view new_path) = 0;
};

}  // namespace waxwing::wasi
