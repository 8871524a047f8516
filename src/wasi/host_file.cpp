#include "wasi/host_file.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "wasi/proc_name.hpp"
#include "wasi/resolve.hpp"
#include "wasi/signal_guard.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

constexpr u64 ns_per_second = 1'000'000'000;
constexpr u64 no_limit = std::numeric_limits<s64>::max();  // of what a file can hold

// Times before 1970 and beyond what 64 bits hold are clamped.
Timestamp to_timestamp(const timespec& time) {
    constexpr u64 max = std::numeric_limits<u64>::max();
    if (time.tv_sec < 0) return 0;
    const u64 seconds = static_cast<u64>(time.tv_sec);
    if (seconds >= max / ns_per_second) return max;
    return seconds * ns_per_second + static_cast<u64>(time.tv_nsec);
}

timespec to_host(const TimeChange& change) {
    switch (change.to) {
    case TimeChange::To::nothing: break;
    case TimeChange::To::now: return {0, UTIME_NOW};
    case TimeChange::To::value:
        return {static_cast<time_t>(change.value / ns_per_second),
                static_cast<long>(change.value % ns_per_second)};
    }
    return {0, UTIME_OMIT};
}

Expected<off_t> to_offset(Filesize offset) {
    if (offset > static_cast<u64>(std::numeric_limits<off_t>::max())) return fail(Errno::inval);
    return static_cast<off_t>(offset);
}

int to_host(Advice advice) {
    switch (advice) {
    case Advice::normal: return POSIX_FADV_NORMAL;
    case Advice::sequential: return POSIX_FADV_SEQUENTIAL;
    case Advice::random: return POSIX_FADV_RANDOM;
    case Advice::willneed: return POSIX_FADV_WILLNEED;
    case Advice::dontneed: return POSIX_FADV_DONTNEED;
    case Advice::noreuse: return POSIX_FADV_NOREUSE;
    }
    return POSIX_FADV_NORMAL;
}

// The first `bytes` bytes.
std::vector<iovec> first_bytes(Parts parts, u64 bytes) {
    std::vector<iovec> first;
    for (const iovec& part : parts) {
        if (bytes == 0) break;
        first.push_back({part.iov_base, std::min<usize>(part.iov_len, bytes)});
        bytes -= first.back().iov_len;
    }
    return first;
}

// Of a call that makes a file longer. Beyond the process's limit, which another
// writer may have come close to meanwhile, a signal would end the process.
template <class Call>
Expected<s64> growing(bool is_limited, Call call) {
    if (!is_limited) [[likely]]
        return uninterrupted(call);
    SignalGuard guard(SIGXFSZ);
    auto result = uninterrupted(call);
    if (!result && result.error().is(Errno::fbig)) guard.raised();
    return result;
}

class RegularFile final : public File {
public:
    RegularFile(OwnedFd fd, const struct stat& status, const FileLimits& limits, bool appends,
                Resizing resizing)
        : File(Filetype::regular_file), owner_(std::move(fd)), fd_(owner_.get()), limits_(limits),
          appends_(appends), resizing_(resizing), id_(status.st_dev, status.st_ino) {
        if (limits_.quota) limits_.quota->opened(id_);
    }
    ~RegularFile() override {
        if (owner_) count_closed();
    }

    Expected<void> close() override {
        count_closed();
        // Whatever it answers, the descriptor is gone; interrupted, it is closed.
        if (sys::close(owner_.release()) != 0 && errno != EINTR) return fail_with_errno();
        return {};
    }

    Expected<Size> read(Guest&, Parts parts, bool) override {
        return transfer([&] { return sys::readv(fd_, parts.data(), count(parts)); });
    }
    Expected<Size> write(Guest&, Parts parts, bool) override { return put(parts, here); }
    Expected<Size> pread(Parts parts, Filesize offset) override {
        const off_t at = TRY(to_offset(offset));
        return transfer([&] { return sys::preadv(fd_, parts.data(), count(parts), at); });
    }
    Expected<Size> pwrite(Parts parts, Filesize offset) override {
        return put(parts, TRY(to_offset(offset)));
    }
    Expected<Filesize> seek(Filedelta delta, Whence whence) override {
        constexpr int host[] = {SEEK_SET, SEEK_CUR, SEEK_END};
        const off_t at = sys::lseek(fd_, delta, host[static_cast<int>(whence)]);
        if (at < 0) return fail_with_errno();
        return static_cast<Filesize>(at);
    }
    bool can_seek() const override { return true; }

    Expected<Filestat> stat() override {
        struct stat status;
        if (sys::fstat(fd_, &status) != 0) return fail_with_errno();
        return to_filestat(status);
    }
    Expected<void> set_size(Filesize size) override {
        const off_t length = TRY(to_offset(size));
        const u64 before = is_limited() ? TRY(check_size(size)) : 0;
        OwnedFd reopened;
        const int fd = TRY(fd_to_resize(reopened));
        TRY(growing(is_limited(), [&] { return sys::ftruncate(fd, length); }));
        if (limits_.quota) limits_.quota->resized(before, size);
        return {};
    }
    Expected<void> set_times(const FileTimes& times) override {
        if (sys::futimens(fd_, to_host(times).data()) != 0) return fail_with_errno();
        return {};
    }
    Expected<void> allocate(Filesize offset, Filesize length) override {
        // Not posix_fallocate, which falls back to writing.
        const off_t at = TRY(to_offset(offset));
        const off_t size = TRY(to_offset(length));
        const u64 end = offset + length;
        const u64 before = is_limited() ? TRY(check_size(end)) : 0;
        OwnedFd reopened;
        const int fd = TRY(fd_to_resize(reopened));
        TRY(growing(is_limited(), [&] { return sys::fallocate(fd, at, size); }));
        if (limits_.quota && end > before) limits_.quota->resized(before, end);
        return {};
    }
    Expected<void> advise(Filesize offset, Filesize length, Advice advice) override {
        const off_t at = TRY(to_offset(offset));
        const off_t size = TRY(to_offset(length));
        TRY(uninterrupted([&] { return sys::fadvise(fd_, at, size, to_host(advice)); }));
        return {};
    }
    Expected<void> sync(bool data_only) override {
        TRY(uninterrupted([&] { return data_only ? sys::fdatasync(fd_) : sys::fsync(fd_); }));
        return {};
    }
    Expected<void> set_flags(Fdflags flags) override {
        const bool wanted = flags.has(Fdflag::append);
        const int old = sys::fcntl(fd_, F_GETFL, 0);
        if (old < 0) return fail_with_errno();
        const int append = wanted ? O_APPEND : 0;
        if (sys::fcntl(fd_, F_SETFL, (old & ~O_APPEND) | append) != 0) return fail_with_errno();
        appends_ = wanted;
        return {};
    }

    Filesize readable() override {
        struct stat status;
        const off_t at = sys::lseek(fd_, 0, SEEK_CUR);
        if (at < 0 || sys::fstat(fd_, &status) != 0 || status.st_size <= at) return 0;
        return static_cast<Filesize>(status.st_size - at);
    }

private:
    static int count(Parts parts) { return static_cast<int>(parts.size()); }
    template <class Call>
    static Expected<Size> transfer(Call call) {
        return static_cast<Size>(TRY(uninterrupted(call)));
    }

    // Written at the cursor.
    static constexpr off_t here = -1;

    Expected<Size> put(Parts parts, off_t at) {
        if (!is_limited()) [[likely]]
            return write_parts(parts, at);
        return put_within_limits(parts, at);
    }
    Expected<Size> write_parts(Parts parts, off_t at) {
        return static_cast<Size>(TRY(growing(is_limited(), [&] {
            if (at == here) return sys::writev(fd_, parts.data(), count(parts));
            return sys::pwritev(fd_, parts.data(), count(parts), at);
        })));
    }

    // `reopened` owns it, if it is not this one's own.
    Expected<int> fd_to_resize(OwnedFd& reopened) const {
        if (resizing_ == Resizing::itself) return fd_;
        reopened.reset(
            sys::open(ProcName(fd_).text, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
        if (!reopened) return fail_with_errno();
        return reopened.get();
    }

    bool is_limited() const { return limits_.quota || limits_.max_size != no_limit; }
    // The size now, if it may become `size`. fbig, dquot.
    Expected<u64> check_size(u64 size) {
        const u64 before = TRY(stat()).size;
        if (size <= before) return before;
        if (size > limits_.max_size) return fail(Errno::fbig);
        if (limits_.quota) TRY(limits_.quota->check_bytes(size - before));
        return before;
    }
    // As much as may be.
    Expected<Size> put_within_limits(Parts parts, off_t at) {
        const u64 size = TRY(stat()).size;
        const u64 from = appends_     ? size
                         : at == here ? TRY(seek(0, Whence::cur))
                                      : static_cast<u64>(at);
        if (from >= limits_.max_size) return fail(Errno::fbig);
        u64 end = limits_.max_size;
        if (limits_.quota) end = std::min(end, size + limits_.quota->bytes_left());
        if (from >= end) return fail(Errno::dquot);
        const Size written = TRY(write_parts(first_bytes(parts, end - from), at));
        if (limits_.quota && from + written > size) limits_.quota->resized(size, from + written);
        return written;
    }

    void count_closed() {
        if (!limits_.quota || !limits_.quota->closed(id_)) return;
        struct stat status;  // its names may be gone, and now it; if that is not told, it counts
        if (sys::fstat(fd_, &status) == 0 && status.st_nlink == 0)
            limits_.quota->resized(static_cast<u64>(status.st_size), 0);
    }

    OwnedFd owner_;
    int fd_;
    FileLimits limits_;
    bool appends_;
    Resizing resizing_;
    Quota::FileId id_;
};

// A regular file that is a stream: it is read or written at its position, which is
// the host's too if it was lent, and nothing else can be done or learnt.
class FileStream final : public File {
public:
    FileStream(int fd, OwnedFd owner, u64 max_size, bool appends)
        : File(Filetype::unknown), fd_(fd), owner_(std::move(owner)), max_size_(max_size),
          appends_(appends) {}

    Expected<Size> read(Guest&, Parts parts, bool) override {
        return static_cast<Size>(TRY(uninterrupted(
            [&] { return sys::readv(fd_, parts.data(), static_cast<int>(parts.size())); })));
    }
    Expected<Size> write(Guest&, Parts parts, bool) override {
        std::vector<iovec> cut;
        if (max_size_ != no_limit) {
            const u64 at = TRY(position());
            if (at >= max_size_) return fail(Errno::fbig);
            parts = cut = first_bytes(parts, max_size_ - at);
        }
        return static_cast<Size>(TRY(growing(max_size_ != no_limit, [&] {
            return sys::writev(fd_, parts.data(), static_cast<int>(parts.size()));
        })));
    }
    Expected<void> set_flags(Fdflags flags) override {
        // Whether it appends is the host's.
        if (flags.has(Fdflag::append) != appends_) return fail(Errno::notsup);
        return {};
    }
    Fdflags flags() const override { return appends_ ? Fdflags(Fdflag::append) : Fdflags(); }

    Filesize readable() override {
        struct stat status;
        const off_t at = sys::lseek(fd_, 0, SEEK_CUR);
        if (at < 0 || sys::fstat(fd_, &status) != 0 || status.st_size <= at) return 0;
        return static_cast<Filesize>(status.st_size - at);
    }

private:
    // Where the next write goes.
    Expected<u64> position() {
        if (appends_) return static_cast<u64>(TRY(stat_fd(fd_)).st_size);
        const off_t at = sys::lseek(fd_, 0, SEEK_CUR);
        if (at < 0) return fail_with_errno();
        return static_cast<u64>(at);
    }

    int fd_;
    OwnedFd owner_;  // none if lent
    u64 max_size_;
    bool appends_;
};

}  // namespace

Expected<u64> max_file_size() {
    rlimit limit{};
    if (sys::getrlimit(RLIMIT_FSIZE, &limit) != 0) return fail_with_errno();
    return std::min<u64>(limit.rlim_cur, no_limit);
}

std::array<timespec, 2> to_host(const FileTimes& times) {
    return {to_host(times.access), to_host(times.modification)};
}

Filetype to_filetype(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return Filetype::regular_file;
    case S_IFDIR: return Filetype::directory;
    case S_IFLNK: return Filetype::symbolic_link;
    case S_IFCHR: return Filetype::character_device;
    case S_IFBLK: return Filetype::block_device;
    case S_IFSOCK: return Filetype::socket_stream;
    default: return Filetype::unknown;  // a FIFO
    }
}

Filestat to_filestat(const struct stat& status) {
    Filestat result;
    result.dev = status.st_dev;
    result.ino = status.st_ino;
    result.filetype = to_filetype(status.st_mode);
    result.nlink = status.st_nlink;
    result.size = static_cast<Filesize>(status.st_size);
    result.atim = to_timestamp(status.st_atim);
    result.mtim = to_timestamp(status.st_mtim);
    result.ctim = to_timestamp(status.st_ctim);
    return result;
}

std::unique_ptr<File> make_regular_file(OwnedFd fd, const struct stat& status,
                                        const FileLimits& limits, bool appends, Resizing resizing) {
    return std::make_unique<RegularFile>(std::move(fd), status, limits, appends, resizing);
}

Expected<std::unique_ptr<File>> make_file_stream(int fd, OwnedFd owner) {
    const u64 max_size = TRY(max_file_size());
    const int flags = sys::fcntl(fd, F_GETFL, 0);
    if (flags < 0) return fail_with_errno();
    return std::make_unique<FileStream>(fd, std::move(owner), max_size, (flags & O_APPEND) != 0);
}

Expected<bool> may_write(int fd) {
    if (sys::faccessat(AT_FDCWD, ProcName(fd).text, W_OK, AT_EACCESS) == 0) return true;
    // By its mode, by the file system, for it is immutable, for there is no /proc.
    const Errno why = last_errno();
    if (why == Errno::acces || why == Errno::rofs || why == Errno::perm || why == Errno::noent)
        return false;
    return fail(why);
}

}  // namespace waxwing::wasi
