// Streams: of the host (terminals, pipes, devices), and without a descriptor.

#include <sys/ioctl.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>

#include "wasi/host_file.hpp"
#include "wasi/proc_name.hpp"
#include "wasi/signal_guard.hpp"
#include "wasi/system.hpp"
#include "wasi/wait.hpp"

namespace waxwing::wasi {
namespace {

// At a time, from and to callbacks.
constexpr usize max_piece = 64 << 10;

class HostStream final : public File {
public:
    HostStream(Filetype type, int fd, OwnedFd owner)
        : File(type), fd_(fd), owner_(std::move(owner)) {}

    Expected<Size> read(Guest& guest, Parts parts, bool block) override {
        return transfer(guest, POLLIN, block, [&] { return read_some(parts); });
    }
    Expected<Size> write(Guest& guest, Parts parts, bool block) override {
        return transfer(guest, POLLOUT, block, [&] { return write_some(parts); });
    }

    int poll_fd() const override { return fd_; }
    Filesize readable() override {
        int count = 0;
        return sys::ioctl(fd_, FIONREAD, &count) == 0 && count > 0 ? static_cast<Filesize>(count)
                                                                   : 0;
    }

private:
    // Tries at once where the kernel is told not to wait, else after a wait: only
    // that tells then that a call does not block.
    template <class Call>
    Expected<Size> transfer(Guest& guest, short events, bool block, Call call) {
        Retries retries(guest, block);
        for (bool ready = false;; ready = true) {
            if (ready || !knows_nowait_) TRY(wait_for(guest, fd_, events, block));
            const ssize_t count = call();
            if (count >= 0) return static_cast<Size>(count);
            if (knows_nowait_ && is_unknown_flag(errno)) {
                knows_nowait_ = false;
                open_again(events);
            } else {
                TRY(retries.after_failure());
            }
        }
    }
    // Whether the kernel cannot be told not to wait: what pread(2) says of this
    // kind of file, and older kernels of all.
    static bool is_unknown_flag(int error) {
        return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL;
    }
    // A terminal is opened again, if that is allowed, so as not to block; its own
    // description's flags are the host's.
    void open_again(short events) {
        // Not the far side of a pseudo terminal, which would be another one.
        unsigned number = 0;
        if (type() != Filetype::character_device || sys::ioctl(fd_, TIOCGPTN, &number) == 0) return;
        const int mode = events == POLLIN ? O_RDONLY : O_WRONLY;
        again_.reset(sys::open(ProcName(fd_).text, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
    }
    int waiting_fd() const { return again_ ? again_.get() : fd_; }

    // What is there without blocking: whoever shares the pipe or terminal may take
    // what poll has seen.
    ssize_t read_some(Parts parts) {
        const int size = static_cast<int>(parts.size());
        if (knows_nowait_) return sys::preadv2(fd_, parts.data(), size, -1, RWF_NOWAIT);
        return sys::readv(waiting_fd(), parts.data(), size);
    }

    // What fits without blocking. Where the kernel cannot be told so, a writable
    // descriptor has room for PIPE_BUF.
    ssize_t write_some(Parts parts) {
        SignalGuard guard(SIGPIPE);
        ssize_t written = -1;
        if (knows_nowait_) {
            const int size = static_cast<int>(parts.size());
            written = sys::pwritev2(fd_, parts.data(), size, -1, RWF_NOWAIT);
        } else {
            const iovec first{parts[0].iov_base, std::min<usize>(parts[0].iov_len, PIPE_BUF)};
            written = sys::writev(waiting_fd(), &first, 1);
        }
        if (written < 0 && errno == EPIPE) guard.raised();
        return written;
    }

    int fd_;
    OwnedFd owner_;  // none if borrowed
    OwnedFd again_;  // of a terminal, so as not to block
    bool knows_nowait_ = true;
};

// Empty, and swallows what is written.
class NullStream final : public File {
public:
    NullStream() : File(Filetype::unknown) {}
    Expected<Size> read(Guest&, Parts, bool) override { return 0; }
    Expected<Size> write(Guest&, Parts parts, bool) override {
        Size total = 0;  // IoVectors::max_bytes at most
        for (const iovec& part : parts)
            total += static_cast<Size>(part.iov_len);
        return total;
    }
};

class InputBuffer final : public File {
public:
    explicit InputBuffer(std::shared_ptr<std::string> bytes)
        : File(Filetype::unknown), bytes_(std::move(bytes)) {}

    Expected<Size> read(Guest&, Parts parts, bool) override {
        Size total = 0;
        for (const iovec& part : parts) {
            const usize count = std::min<usize>(part.iov_len, readable());
            if (count == 0) break;
            std::memcpy(part.iov_base, bytes_->data() + at_, count);
            at_ += count;
            total += static_cast<Size>(count);
        }
        return total;
    }
    Filesize readable() override { return at_ < bytes_->size() ? bytes_->size() - at_ : 0; }

private:
    std::shared_ptr<std::string> bytes_;
    usize at_ = 0;
};

class InputSource final : public File {
public:
    explicit InputSource(std::function<std::string(usize)> on_read)
        : File(Filetype::unknown), on_read_(std::move(on_read)) {}

    // intr: asking for bytes moved the guest's memory, as it may if the guest ran;
    // they are kept for the next read.
    Expected<Size> read(Guest& guest, Parts parts, bool) override {
        if (at_ == bytes_.size()) {
            usize wanted = 0;
            for (const iovec& part : parts)
                wanted = std::min(wanted + part.iov_len, max_piece);
            const std::byte* const memory = TRY(guest.bytes({})).data();
            std::string fresh = on_read_(wanted);
            fresh.resize(std::min(fresh.size(), wanted));
            bytes_ = std::move(fresh);
            at_ = 0;
            if (TRY(guest.bytes({})).data() != memory) return fail(Errno::intr);
        }
        Size total = 0;
        for (const iovec& part : parts) {
            const usize count = std::min<usize>(part.iov_len, bytes_.size() - at_);
            std::memcpy(part.iov_base, bytes_.data() + at_, count);
            at_ += count;
            total += static_cast<Size>(count);
        }
        return total;
    }
    Filesize readable() override { return bytes_.size() - at_; }

private:
    std::function<std::string(usize)> on_read_;
    std::string bytes_;  // from at_ on not read yet
    usize at_ = 0;
};

class OutputBuffer final : public File {
public:
    OutputBuffer(std::shared_ptr<std::string> bytes, u64 limit)
        : File(Filetype::unknown), bytes_(std::move(bytes)), limit_(limit) {}

    Expected<Size> write(Guest&, Parts parts, bool) override {
        Size total = 0;
        for (const iovec& part : parts) {
            const u64 room = bytes_->size() < limit_ ? limit_ - bytes_->size() : 0;
            const usize count = std::min<u64>(part.iov_len, room);
            if (count == 0) break;
            bytes_->append(static_cast<const char*>(part.iov_base), count);
            total += static_cast<Size>(count);
        }
        if (total == 0) return fail(Errno::nospc);
        return total;
    }

private:
    std::shared_ptr<std::string> bytes_;
    u64 limit_;
};

class OutputCallback final : public File {
public:
    explicit OutputCallback(std::function<void(std::string_view)> on_write)
        : File(Filetype::unknown), on_write_(std::move(on_write)) {}

    // The callback may run the guest, and so move its memory: it sees a copy,
    // and no buffer of the guest is touched afterwards.
    Expected<Size> write(Guest&, Parts parts, bool) override {
        std::string piece;
        for (const iovec& part : parts) {
            const usize count = std::min(part.iov_len, max_piece - piece.size());
            piece.append(static_cast<const char*>(part.iov_base), count);
        }
        on_write_(piece);
        return static_cast<Size>(piece.size());
    }

private:
    std::function<void(std::string_view)> on_write_;
};

}  // namespace

std::unique_ptr<File> make_host_stream(Filetype type, int fd, OwnedFd owner) {
    return std::make_unique<HostStream>(type, fd, std::move(owner));
}

std::unique_ptr<File> make_null_stream() { return std::make_unique<NullStream>(); }

std::unique_ptr<File> make_input_buffer(std::shared_ptr<std::string> bytes) {
    return std::make_unique<InputBuffer>(std::move(bytes));
}

std::unique_ptr<File> make_input_source(std::function<std::string(usize)> on_read) {
    return std::make_unique<InputSource>(std::move(on_read));
}

std::unique_ptr<File> make_output_buffer(std::shared_ptr<std::string> bytes, u64 limit) {
    return std::make_unique<OutputBuffer>(std::move(bytes), limit);
}

std::unique_ptr<File> make_output_callback(std::function<void(std::string_view)> on_write) {
    return std::make_unique<OutputCallback>(std::move(on_write));
}

}  // namespace waxwing::wasi
