#include <algorithm>
#include <vector>

#include "wasi/fuel.hpp"
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

// Takes bytes from a list of buffers, from the beginning on.
class PartsReader {
public:
    explicit PartsReader(Parts parts) : parts_(parts) {}
    bool done() const { return parts_.empty(); }
    // The next so many, or as many as are left, as a list of their own.
    u32 take(u32 most, std::vector<iovec>& into) {
        into.clear();
        u32 taken = 0;
        while (!parts_.empty() && taken < most) {
            const iovec& part = parts_.front();
            const usize length = std::min<usize>(part.iov_len - at_, most - taken);
            into.push_back({static_cast<std::byte*>(part.iov_base) + at_, length});
            taken += static_cast<u32>(length);
            at_ += length;
            if (at_ < part.iov_len) break;
            parts_ = parts_.subspan(1);
            at_ = 0;
        }
        return taken;
    }

private:
    Parts parts_;
    usize at_ = 0;  // in the first of them
};

// pread, pwrite and seek need a file with a position, and the right to use it.
Expected<void> check_seekable(const Descriptor& open, Right right) {
    if (!open.file->can_seek()) return fail(Errno::spipe);
    if (!open.base.has(right)) return fail(Errno::notcapable);
    return {};
}

// Transfers by `move(parts, offset)`, whose offset counts from where the transfer begins. Of a
// file, which is never waited for, much is moved piece by piece, as long as all of a piece is.
template <class Move>
Expected<Size> transfer(Guest& guest, const Descriptor& open, const IoVectors& buffers, Move move) {
    constexpr u32 bytes_at_once = 4 << 20;  // between looks at whether the call is to stop
    if (buffers.bytes() <= bytes_at_once || !open.file->can_seek()) {
        const Size moved = TRY(move(buffers.parts(), 0));
        guest.consume_fuel(moved / fuel::bytes_per_unit);
        return moved;
    }
    Size total = 0;
    std::vector<iovec> piece;
    for (PartsReader rest(buffers.parts()); !rest.done();) {
        const u32 wanted = rest.take(bytes_at_once, piece);
        const auto moved = move(Parts(piece), total);
        if (!moved && total == 0) return moved;
        if (!moved) break;  // what was moved before counts
        guest.consume_fuel(*moved / fuel::bytes_per_unit);
        total += *moved;
        if (*moved < wanted) break;
        if (guest.should_stop()) return std::unexpected(guest.interrupted());
    }
    return total;
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
    return transfer(guest, *open, buffers, [&](Parts parts, Size) {
        return open->file->read(guest, parts, open->blocks());
    });
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
    return transfer(guest, *open, buffers, [&](Parts parts, Size) {
        return open->file->write(guest, parts, open->blocks());
    });
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
    return transfer(guest, *open, buffers, [&](Parts parts, Size done) {
        return open->file->pread(parts, offset + done);
    });
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
    return transfer(guest, *open, buffers, [&](Parts parts, Size done) {
        return open->file->pwrite(parts, offset + done);
    });
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
