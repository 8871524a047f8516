#include <algorithm>

#include "wasi/functions.hpp"

// Every function here: badf, not open; notdir, no directory; notcapable, without
// the right; perm, the path leads out of the directory, or that is read-only and
// the call would change something. See resolve.hpp.

namespace waxwing::wasi {
namespace {

Expected<DescriptorPtr> dir_to_change(Context& wasi, Fd fd, Right right) {
    DescriptorPtr open = TRY(wasi.fds.dir(fd, right));
    if (open->read_only) return fail(Errno::perm);
    return open;
}

bool follows(Lookupflags lookup) { return lookup.has(Lookupflag::symlink_follow); }

}  // namespace

// path_create_directory(fd, path)
//   exist: something is there.
Expected<void> path_create_directory(Context& wasi, Guest& guest, Fd fd, GuestString path) {
    const DescriptorPtr open = TRY(dir_to_change(wasi, fd, Right::path_create_directory));
    return open->dir->create_directory(TRY(guest.path(path)));
}

// path_filestat_get(fd, lookup, path) -> what is known of it
Expected<Filestat> path_filestat_get(Context& wasi, Guest& guest, Fd fd, Lookupflags lookup,
                                     GuestString path) {
    const DescriptorPtr open = TRY(wasi.fds.dir(fd, Right::path_filestat_get));
    return open->dir->stat(TRY(guest.path(path)), follows(lookup));
}

// path_filestat_set_times(fd, lookup, path, atim, mtim, which)
//   inval: a time both given and `now`.
// Without following, the times of a link itself.
Expected<void> path_filestat_set_times(Context& wasi, Guest& guest, Fd fd, Lookupflags lookup,
                                       GuestString path, Timestamp atim, Timestamp mtim,
                                       Fstflags which) {
    const FileTimes times = TRY(file_times(atim, mtim, which));
    const DescriptorPtr open = TRY(dir_to_change(wasi, fd, Right::path_filestat_set_times));
    return open->dir->set_times(TRY(guest.path(path)), follows(lookup), times);
}

// path_link(old_fd, lookup, old_path, new_fd, new_path)
//   inval: to follow a link is not supported.  exist: something is there.
//   perm: a directory.  xdev: another file system.
// From a read-only directory neither: the new name would be writable.
Expected<void> path_link(Context& wasi, Guest& guest, Fd old_fd, Lookupflags old_lookup,
                         GuestString old_path, Fd new_fd, GuestString new_path) {
    const DescriptorPtr from = TRY(dir_to_change(wasi, old_fd, Right::path_link_source));
    const DescriptorPtr to = TRY(dir_to_change(wasi, new_fd, Right::path_link_target));
    const std::string source = TRY(guest.path(old_path));
    const std::string target = TRY(guest.path(new_path));
    if (follows(old_lookup)) return fail(Errno::inval);
    if (from->dir->storage() != to->dir->storage()) return fail(Errno::xdev);
    return from->dir->link(source, *to->dir, target);
}

// path_readlink(fd, path, buffer) -> bytes used
//   inval: not a link.
// Cut to the buffer, without a NUL.
Expected<Size> path_readlink(Context& wasi, Guest& guest, Fd fd, GuestString path,
                             GuestBytes buffer) {
    const DescriptorPtr open = TRY(wasi.fds.dir(fd, Right::path_readlink));
    const std::string text = TRY(guest.path(path));
    const auto bytes = TRY(guest.bytes(buffer));
    const std::string target = TRY(open->dir->read_link(text));
    const usize count = std::min(target.size(), bytes.size());
    if (count != 0) std::memcpy(bytes.data(), target.data(), count);
    return static_cast<Size>(count);
}

// path_remove_directory(fd, path)
//   notdir: something else, a link to a directory too.  notempty.
Expected<void> path_remove_directory(Context& wasi, Guest& guest, Fd fd, GuestString path) {
    const DescriptorPtr open = TRY(dir_to_change(wasi, fd, Right::path_remove_directory));
    return open->dir->remove_directory(TRY(guest.path(path)));
}

// path_rename(old_fd, old_path, new_fd, new_path)
//   As rename(2); xdev: another file system. From a read-only directory neither.
Expected<void> path_rename(Context& wasi, Guest& guest, Fd old_fd, GuestString old_path, Fd new_fd,
                           GuestString new_path) {
    const DescriptorPtr from = TRY(dir_to_change(wasi, old_fd, Right::path_rename_source));
    const DescriptorPtr to = TRY(dir_to_change(wasi, new_fd, Right::path_rename_target));
    const std::string source = TRY(guest.path(old_path));
    const std::string target = TRY(guest.path(new_path));
    if (from->dir->storage() != to->dir->storage()) return fail(Errno::xdev);
    return from->dir->rename(source, *to->dir, target);
}

// path_symlink(target, fd, path)
//   perm: the target is absolute.  noent: it is empty.  exist: something is there.
// A target may say `..`; it is when the link is followed that it stays inside.
Expected<void> path_symlink(Context& wasi, Guest& guest, GuestString target, Fd fd,
                            GuestString path) {
    const DescriptorPtr open = TRY(dir_to_change(wasi, fd, Right::path_symlink));
    const std::string text = TRY(guest.path(target));
    return open->dir->symlink(text, TRY(guest.path(path)));
}

// path_unlink_file(fd, path)
//   isdir: a directory. A link is removed itself.
Expected<void> path_unlink_file(Context& wasi, Guest& guest, Fd fd, GuestString path) {
    const DescriptorPtr open = TRY(dir_to_change(wasi, fd, Right::path_unlink_file));
    return open->dir->unlink_file(TRY(guest.path(path)));
}

}  // namespace waxwing::wasi
