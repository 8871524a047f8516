// Streams: of the host (terminals, pipes, devices), and without a descriptor.

#include <sys/ioctl.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>

#include "wasi/host_file.hpp"
#include "wasi/system.hpp"
#include "wasi/wait.hpp"

namespace waxwing::wasi {
namespace {

// At a time, from and to callbacks.
constexpr usize max_piece = 64 << 10;

// A write to a pipe without a reader raises SIGPIPE in this thread. It is held
// back and, if it was ours, taken away: the process's own handling of signals
// is not touched.
class SigpipeGuard {
public:
    SigpipeGuard() {
        ::sigemptyset(&sigpipe_);
        ::sigaddset(&sigpipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &old_mask_);
        if (!::sigismember(&old_mask_, SIGPIPE)) return;
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    }
    SigpipeGuard(const SigpipeGuard&) = delete;
    SigpipeGuard& operator=(const SigpipeGuard&) = delete;
    ~SigpipeGuard() {
        const int error = errno;
        const timespec zero{};
        if (raised_ && !was_pending_)
            while (sys::sigtimedwait(&sigpipe_, &zero) < 0 && errno == EINTR) {
            }
        ::pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
        errno = error;
    }
    void raised() { raised_ = true; }

private:
    bool was_pending_ = false;
    bool raised_ = false;
    sigset_t sigpipe_;
    sigset_t old_mask_;
};

class HostStream final : public File {
public:
    HostStream(Filetype type, int fd, OwnedFd owner)
        : File(type), fd_(fd), owner_(std::move(owner)) {}

    Expected<Size> read(Guest& guest, Parts parts, bool block) override {
        for (bool ready = false;; ready = true) {
            if (ready || !reads_nowait_) TRY(wait_for(guest, fd_, POLLIN, block));
            const ssize_t count = read_some(parts);
            if (count >= 0) return static_cast<Size>(count);
            if (errno != EINTR && errno != EAGAIN) return fail_with_errno();
            if (errno == EAGAIN && !block) return fail(Errno::again);
        }
    }

    Expected<Size> write(Guest& guest, Parts parts, bool block) override {
        for (bool ready = false;; ready = true) {
            // Without RWF_NOWAIT only a wait tells that a write does not block.
            if (ready || !writes_nowait_) TRY(wait_for(guest, fd_, POLLOUT, block));
            const ssize_t count = write_some(parts);
            if (count >= 0) return static_cast<Size>(count);
            if (errno != EINTR && errno != EAGAIN) return fail_with_errno();
            if (errno == EAGAIN && !block) return fail(Errno::again);
        }
    }

    int poll_fd() const override { return fd_; }
    Filesize readable() override {
        int count = 0;
        return sys::ioctl(fd_, FIONREAD, &count) == 0 && count > 0 ? static_cast<Filesize>(count)
                                                                   : 0;
    }

private:
    // What is there without blocking: whoever shares the pipe or terminal may take
    // what poll has seen. A terminal is opened again, if that is allowed, so as not
    // to block; its own description's flags are the host's.
    ssize_t read_some(Parts parts) {
        const int size = static_cast<int>(parts.size());
        if (!reads_nowait_) return sys::readv(again_ ? again_.get() : fd_, parts.data(), size);
        const ssize_t count = sys::preadv2(fd_, parts.data(), size, -1, RWF_NOWAIT);
        if (count >= 0 || errno == EAGAIN || errno == EINTR) return count;
        reads_nowait_ = false;
        // Not the far side of a pseudo terminal, which would be another one.
        unsigned number = 0;
        if (type() == Filetype::character_device && sys::ioctl(fd_, TIOCGPTN, &number) != 0) {
            char self[32];  // the text is ours, no guest sees it
            std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd_);
            again_.reset(sys::open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
        }
        errno = EINTR;  // once more, having waited
        return -1;
    }

    // What fits without blocking: the kernel can be told so for pipes and
    // sockets. Where it cannot, a writable descriptor has room for PIPE_BUF.
    ssize_t write_some(Parts parts) {
        SigpipeGuard guard;
        ssize_t written = -1;
        if (writes_nowait_) {
            written =
                sys::pwritev2(fd_, parts.data(), static_cast<int>(parts.size()), -1, RWF_NOWAIT);
            if (written < 0 && errno != EAGAIN && errno != EPIPE && errno != EINTR) {
                writes_nowait_ = false;
                errno = EINTR;  // once more, having waited
            }
        } else {
            const iovec first{parts[0].iov_base, std::min<usize>(parts[0].iov_len, PIPE_BUF)};
            written = sys::writev(fd_, &first, 1);
        }
        if (written < 0 && errno == EPIPE) guard.raised();
        return written;
    }

    int fd_;
    OwnedFd owner_;  // none if borrowed
    OwnedFd again_;  // of a terminal, to read without blocking
    bool reads_nowait_ = true;
    bool writes_nowait_ = true;
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
