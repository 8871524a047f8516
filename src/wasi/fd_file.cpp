#include <limits>

#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

// inval: the range leaves what a signed 64-bit offset can say.
Expected<void> check_range(Filesize offset, Filesize length) {
    constexpr u64 max = std::numeric_limits<s64>::max();
    if (offset > max || length > max - offset) return fail(Errno::inval);
    return {};
}

Expected<void> sync(Context& wasi, Fd fd, Right right, bool data_only) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->base.has(right)) return fail(Errno::notcapable);
    return open->dir ? open->dir->sync(data_only) : open->file->sync(data_only);
}

}  // namespace

// fd_filestat_get(fd) -> what is known of the file
// Nothing but the type of streams that are not files of the host.
Expected<Filestat> fd_filestat_get(Context& wasi, Guest&, Fd fd) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->base.has(Right::fd_filestat_get)) return fail(Errno::notcapable);
    return open->dir ? open->dir->stat() : open->file->stat();
}

// fd_filestat_set_size(fd, size)
//   inval: 2^63 or more.
Expected<void> fd_filestat_set_size(Context& wasi, Guest&, Fd fd, Filesize size) {
    const DescriptorPtr open = TRY(wasi.fds.file(fd, Right::fd_filestat_set_size));
    if (open->read_only) return fail(Errno::perm);
    return open->file->set_size(size);
}

// fd_filestat_set_times(fd, atim, mtim, which)
//   inval: a time both given and `now`.
Expected<void> fd_filestat_set_times(Context& wasi, Guest&, Fd fd, Timestamp atim, Timestamp mtim,
                                     Fstflags which) {
    const FileTimes times = TRY(file_times(atim, mtim, which));
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->base.has(Right::fd_filestat_set_times)) return fail(Errno::notcapable);
    if (open->read_only) return fail(Errno::perm);
    return open->dir ? open->dir->set_times(times) : open->file->set_times(times);
}

// fd_advise(fd, offset, length, advice)
//   badf: not open, or a directory.  inval: the range overflows.
Expected<void> fd_advise(Context& wasi, Guest&, Fd fd, Filesize offset, Filesize length,
                         Advice advice) {
    const DescriptorPtr open = TRY(wasi.fds.file(fd, Right::fd_advise));
    TRY(check_range(offset, length));
    return open->file->advise(offset, length, advice);
}

// fd_allocate(fd, offset, length)
//   inval: no length, or the range overflows.  notsup: the file system cannot.
// The file grows to hold the range, and never shrinks.
Expected<void> fd_allocate(Context& wasi, Guest&, Fd fd, Filesize offset, Filesize length) {
    const DescriptorPtr open = TRY(wasi.fds.file(fd, Right::fd_allocate));
    if (open->read_only) return fail(Errno::perm);
    if (length == 0) return fail(Errno::inval);
    TRY(check_range(offset, length));
    return open->file->allocate(offset, length);
}

// fd_datasync(fd)
Expected<void> fd_datasync(Context& wasi, Guest&, Fd fd) {
    return sync(wasi, fd, Right::fd_datasync, true);
}

// fd_sync(fd)
Expected<void> fd_sync(Context& wasi, Guest&, Fd fd) {
    return sync(wasi, fd, Right::fd_sync, false);
}

}  // namespace waxwing::wasi
