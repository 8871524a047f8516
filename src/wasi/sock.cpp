#include "wasi/fuel.hpp"
#include "wasi/functions.hpp"

// Every function here: badf, not open; notsock, no socket; notcapable, without
// the right.

namespace waxwing::wasi {
namespace {

Expected<DescriptorPtr> socket(Context& wasi, Fd fd, Right right) {
    DescriptorPtr open = TRY(wasi.fds.get(fd));
    const Filetype type = open->type();
    if (type != Filetype::socket_stream && type != Filetype::socket_dgram)
        return fail(Errno::notsock);
    if (!open->base.has(right)) return fail(Errno::notcapable);
    return open;
}

}  // namespace

// sock_accept(fd, flags) -> fd
//   inval: a flag that is not nonblock.  again: nobody there, and not to wait.
//   mfile: too many open; whoever is there stays.
// The connection has the rights that the listening socket hands on.
Expected<Fd> sock_accept(Context& wasi, Guest& guest, Fd fd, Fdflags flags) {
    const DescriptorPtr listener = TRY(socket(wasi, fd, Right::sock_accept));
    if ((flags - Fdflag::nonblock) != Fdflags()) return fail(Errno::inval);
    TRY(wasi.fds.check_room());
    Descriptor open;
    open.file = TRY(listener->file->accept(guest, listener->blocks()));
    open.base = rights::connection & listener->inheriting;
    open.flags = flags;
    return wasi.fds.insert(std::move(open));
}

// sock_recv(fd, iovs, flags) -> (size, what happened)
//   again: nothing there, and not to wait.
// 0 is the end. waitall waits until the buffers are full, or the end; with peek,
// which leaves the bytes where they are, and for datagrams it means nothing.
Expected<std::pair<Size, Roflags>> sock_recv(Context& wasi, Guest& guest, Fd fd,
                                             GuestArray<Iovec> iovs, Riflags flags) {
    const DescriptorPtr open = TRY(socket(wasi, fd, Right::fd_read));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return std::pair<Size, Roflags>();
    const auto received = TRY(open->file->receive(guest, buffers.parts(), flags, open->blocks()));
    guest.consume_fuel(received.size / fuel::bytes_per_unit);
    return std::pair(received.size, received.flags);
}

// sock_send(fd, iovs, flags) -> size
//   pipe: nobody receives.  again: no room, and not to wait.
Expected<Size> sock_send(Context& wasi, Guest& guest, Fd fd, GuestArray<Iovec> iovs, Siflags) {
    const DescriptorPtr open = TRY(socket(wasi, fd, Right::fd_write));
    IoVectors buffers;
    TRY(guest.gather(iovs, buffers));
    if (buffers.empty()) return 0;
    const Size sent = TRY(open->file->send(guest, buffers.parts(), open->blocks()));
    guest.consume_fuel(sent / fuel::bytes_per_unit);
    return sent;
}

// sock_shutdown(fd, how)
//   inval: neither direction.  notconn: not connected.
Expected<void> sock_shutdown(Context& wasi, Guest&, Fd fd, Sdflags how) {
    if (how == Sdflags()) return fail(Errno::inval);
    const DescriptorPtr open = TRY(socket(wasi, fd, Right::sock_shutdown));
    return open->file->shut_down(how);
}

}  // namespace waxwing::wasi
