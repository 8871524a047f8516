// Sockets of the host. Every call on them is made so that it does not block;
// waiting is poll's business, in slices. Nothing here raises a signal.
#include "wasi/socket.hpp"

#include <sys/ioctl.h>

#include <optional>

#include "wasi/system.hpp"
#include "wasi/wait.hpp"

namespace waxwing::wasi {
namespace {

msghdr message_of(Parts parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel leaves it as it is
    message.msg_iovlen = parts.size();
    return message;
}

class Socket final : public File {
public:
    Socket(Filetype type, int fd, OwnedFd owner) : File(type), fd_(fd), owner_(std::move(owner)) {}

    Expected<Size> read(Guest& guest, Parts parts, bool block) override {
        return TRY(receive(guest, parts, {}, block)).size;
    }
    Expected<Size> write(Guest& guest, Parts parts, bool block) override {
        return send(guest, parts, block);
    }

    Expected<std::unique_ptr<File>> accept(Guest& guest, bool block) override {
        const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
        // accept(2) cannot be told not to wait, and a socket that is lent may.
        TRY(wait_for(guest, fd_, POLLIN, block));
        const s64 fd = TRY(retried(guest, POLLIN, block, [&] { return sys::accept4(fd_, flags); }));
        // Nothing that could fail: whoever has connected would be lost.
        OwnedFd owner(static_cast<int>(fd));
        const int number = owner.get();
        return std::make_unique<Socket>(Filetype::socket_stream, number, std::move(owner));
    }

    Expected<Received> receive(Guest& guest, Parts parts, Riflags flags, bool block) override {
        if (untold_) return fail(*std::exchange(untold_, std::nullopt));
        Received total{0, {}};
        usize done = 0;    // parts that are full
        usize within = 0;  // bytes of the next one
        const bool peek = flags.has(Riflag::peek);
        const bool all = flags.has(Riflag::waitall) && !peek && type() == Filetype::socket_stream;
        for (;;) {
            iovec rest{};
            msghdr message = message_of(parts);
            if (total.size != 0) {
                const iovec& part = parts[done];
                rest = {static_cast<char*>(part.iov_base) + within, part.iov_len - within};
                message.msg_iov = &rest;
                message.msg_iovlen = 1;
            }
            const auto count = retried(guest, POLLIN, block, [&] {
                return sys::recvmsg(fd_, &message, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
            });
            if (!count) {
                // What has come already is not lost by what is the matter now, nor
                // that by what has come: the kernel tells it once.
                const Errno* const why = count.error().code();
                if (total.size == 0 || !why) return std::unexpected(std::move(count).error());
                if (*why != Errno::again && *why != Errno::intr) untold_ = *why;
                return total;
            }
            if (message.msg_flags & MSG_TRUNC) total.flags = Roflag::data_truncated;
            total.size += static_cast<Size>(*count);
            if (!all || *count == 0) return total;
            for (usize left = static_cast<usize>(*count); left != 0;) {
                const usize room = parts[done].iov_len - within;
                if (left < room) {
                    within += left;
                    break;
                }
                left -= room;
                within = 0;
                ++done;
            }
            if (done == parts.size()) return total;
        }
    }

    Expected<Size> send(Guest& guest, Parts parts, bool block) override {
        const msghdr message = message_of(parts);
        const s64 count = TRY(retried(guest, POLLOUT, block, [&] {
            return sys::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        }));
        return static_cast<Size>(count);
    }

    Expected<void> shut_down(Sdflags how) override {
        const bool reads = how.has(Sdflag::read);
        const bool writes = how.has(Sdflag::write);
        if (sys::shutdown(fd_, reads ? (writes ? SHUT_RDWR : SHUT_RD) : SHUT_WR) != 0)
            return fail_with_errno();
        return {};
    }

    int poll_fd() const override { return fd_; }
    Filesize readable() override {
        int count = 0;
        return sys::ioctl(fd_, FIONREAD, &count) == 0 && count > 0 ? static_cast<Filesize>(count)
                                                                   : 0;
    }

private:
    // Tries, and waits in between if that may be done.
    template <class Call>
    Expected<s64> retried(Guest& guest, short events, bool block, Call call) {
        static_assert(EAGAIN == EWOULDBLOCK);
        Retries retries(guest, block);
        for (;;) {
            const s64 result = call();
            if (result >= 0) return result;
            const bool waits = errno == EAGAIN;
            TRY(retries.after_failure());
            if (waits) TRY(wait_for(guest, fd_, events, block));
        }
    }

    int fd_;
    OwnedFd owner_;                // none if borrowed
    std::optional<Errno> untold_;  // for the next receive()
};

Expected<int> option_of(int fd, int option) {
    int value = 0;
    socklen_t size = sizeof value;
    if (sys::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return fail_with_errno();
    return value;
}

}  // namespace

bool is_listening(int fd) {
    const auto listens = option_of(fd, SO_ACCEPTCONN);
    return listens && *listens == 1;
}

Expected<std::unique_ptr<File>> make_socket(int fd, OwnedFd owner) {
    const bool has_datagrams = TRY(option_of(fd, SO_TYPE)) == SOCK_DGRAM;
    const Filetype type = has_datagrams ? Filetype::socket_dgram : Filetype::socket_stream;
    return std::make_unique<Socket>(type, fd, std::move(owner));
}

}  // namespace waxwing::wasi
