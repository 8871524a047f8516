#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

// A descriptor to transfer through. POSIX says badf, not notcapable, for a
// direction that the descriptor was not opened for.
Expected<DescriptorPtr> file_to_read(Context& wasi, Fd fd) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (open->dir) return fail(Errno::isdir);
    return wasi.fds.file(fd, Right::fd_read, Errno::badf);
}
Expected<DescriptorPtr> file_to_write(Context& wasi, Fd fd) {
    return wasi.fds.file(fd, Right::fd_write, Errno::badf);
}

// pread, pwrite and seek need a file with a position, and the right to use it.
Expected<void> check_seekable(const Descriptor& open, Right right) {
    if (!open.file->can_seek()) return fail(Errno::spipe);
    if (!open.base.has(right)) return fail(Errno::notcapable);
    return {};
}

}  // namespace

// fd_read(fd, iovs) -> size
//   badf: not open for reading.  isdir: a directory.  again: nothing there, and
//   not to wait.
// At most IoVectors::max_count buffers are filled. 0 is the end of the file.
Expected<Size> fd_read(Context& wasi, Guest& guest, Fd fd, GuestArray<Iovec> iovs) {
    const DescriptorPtr open = TRY(file_to_read(wasi, fd));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return 0;
    return open->file->read(guest, buffers.parts(), open->blocks());
}

// fd_write(fd, iovs) -> size
//   badf: not open for writing.  pipe: nobody reads.  again: no room, and not
//   to wait.
// Writes what one writev(2) does, which may be less than everything.
Expected<Size> fd_write(Context& wasi, Guest& guest, Fd fd, GuestArray<Iovec> iovs) {
    const DescriptorPtr open = TRY(file_to_write(wasi, fd));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return 0;
    return open->file->write(guest, buffers.parts(), open->blocks());
}

// fd_pread(fd, iovs, offset) -> size
//   As fd_read; spipe: it has no position.  inval: an offset from 2^63 on.
Expected<Size> fd_pread(Context& wasi, Guest& guest, Fd fd, GuestArray<Iovec> iovs,
                        Filesize offset) {
    const DescriptorPtr open = TRY(file_to_read(wasi, fd));
    TRY(check_seekable(*open, Right::fd_seek));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return 0;
    return open->file->pread(buffers.parts(), offset);
}

// fd_pwrite(fd, iovs, offset) -> size
//   As fd_write; spipe: it has no position.  inval: an offset from 2^63 on.
// A file open for appending is appended to all the same, as Linux has it.
Expected<Size> fd_pwrite(Context& wasi, Guest& guest, Fd fd, GuestArray<Iovec> iovs,
                         Filesize offset) {
    const DescriptorPtr open = TRY(file_to_write(wasi, fd));
    TRY(check_seekable(*open, Right::fd_seek));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return 0;
    return open->file->pwrite(buffers.parts(), offset);
}

// fd_seek(fd, delta, whence) -> position
//   badf: not an open file.  spipe: it has no position.  inval: before 0.
// Asking where it is (cur, 0) takes fd_tell only.
Expected<Filesize> fd_seek(Context& wasi, Guest&, Fd fd, Filedelta delta, Whence whence) {
    const DescriptorPtr open = TRY(wasi.fds.file(fd, {}));
    const bool only_tells = whence == Whence::cur && delta == 0;
    const bool may_tell = only_tells && open->base.has(Right::fd_tell);
    TRY(check_seekable(*open, may_tell ? Right::fd_tell : Right::fd_seek));
    return open->file->seek(delta, whence);
}

// fd_tell(fd) -> position
//   badf: not an open file.  spipe: it has no position.
Expected<Filesize> fd_tell(Context& wasi, Guest& guest, Fd fd) {
    return fd_seek(wasi, guest, fd, 0, Whence::cur);
}

}  // namespace waxwing::wasi
