#include "wasi/functions.hpp"

// No guest is given a socket, and preview1 cannot make one: a descriptor is
// either not open or not a socket.

namespace waxwing::wasi {
namespace {

// badf: not open.  notsock: otherwise.
std::unexpected<Failure> refuse(Context& wasi, Fd fd) {
    return fail(wasi.fds.get(fd) ? Errno::notsock : Errno::badf);
}

}  // namespace

// sock_accept(fd, flags) -> fd
Expected<Fd> sock_accept(Context& wasi, Guest&, Fd fd, Fdflags) { return refuse(wasi, fd); }

// sock_recv(fd, iovs, flags) -> (size, what happened)
Expected<std::pair<Size, Roflags>> sock_recv(Context& wasi, Guest&, Fd fd, GuestArray<Iovec>,
                                             Riflags) {
    return refuse(wasi, fd);
}

// sock_send(fd, iovs, flags) -> size
Expected<Size> sock_send(Context& wasi, Guest&, Fd fd, GuestArray<Iovec>, Siflags) {
    return refuse(wasi, fd);
}

// sock_shutdown(fd, how)
//   inval: neither direction.
Expected<void> sock_shutdown(Context& wasi, Guest&, Fd fd, Sdflags how) {
    if (how == Sdflags()) return fail(Errno::inval);
    return refuse(wasi, fd);
}

}  // namespace waxwing::wasi
