#include "wasi/host_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <limits>

namespace waxwing::wasi {
namespace {

constexpr u64 ns_per_second = 1'000'000'000;

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

// Repeats a system call that a signal interrupted.
template <class Call>
Expected<s64> uninterrupted(Call call) {
    for (;;) {
        const s64 result = call();
        if (result >= 0) return result;
        if (errno != EINTR) return fail_with_errno();
    }
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

class RegularFile final : public File {
public:
    RegularFile(int fd, OwnedFd owner)
        : File(Filetype::regular_file), fd_(fd), owner_(std::move(owner)) {}

    Expected<Size> read(Guest&, Parts parts, bool) override {
        return transfer([&] { return ::readv(fd_, parts.data(), count(parts)); });
    }
    Expected<Size> write(Guest&, Parts parts, bool) override {
        return transfer([&] { return ::writev(fd_, parts.data(), count(parts)); });
    }
    Expected<Size> pread(Parts parts, Filesize offset) override {
        const off_t at = TRY(to_offset(offset));
        return transfer([&] { return ::preadv(fd_, parts.data(), count(parts), at); });
    }
    Expected<Size> pwrite(Parts parts, Filesize offset) override {
        const off_t at = TRY(to_offset(offset));
        return transfer([&] { return ::pwritev(fd_, parts.data(), count(parts), at); });
    }
    Expected<Filesize> seek(Filedelta delta, Whence whence) override {
        constexpr int host[] = {SEEK_SET, SEEK_CUR, SEEK_END};
        const off_t at = ::lseek(fd_, delta, host[static_cast<int>(whence)]);
        if (at < 0) return fail_with_errno();
        return static_cast<Filesize>(at);
    }
    bool can_seek() const override { return true; }

    Expected<Filestat> stat() override {
        struct stat status;
        if (::fstat(fd_, &status) != 0) return fail_with_errno();
        return to_filestat(status);
    }
    Expected<void> set_size(Filesize size) override {
        const off_t length = TRY(to_offset(size));
        TRY(uninterrupted([&] { return ::ftruncate(fd_, length); }));
        return {};
    }
    Expected<void> set_times(const FileTimes& times) override {
        if (::futimens(fd_, to_host(times).data()) != 0) return fail_with_errno();
        return {};
    }
    Expected<void> allocate(Filesize offset, Filesize length) override {
        // Not posix_fallocate, which falls back to writing.
        const off_t at = TRY(to_offset(offset));
        const off_t size = TRY(to_offset(length));
        TRY(uninterrupted([&] { return ::fallocate(fd_, 0, at, size); }));
        return {};
    }
    Expected<void> advise(Filesize offset, Filesize length, Advice advice) override {
        const off_t at = TRY(to_offset(offset));
        const off_t size = TRY(to_offset(length));
        if (const int error = ::posix_fadvise(fd_, at, size, to_host(advice)))
            return fail(from_host(error));
        return {};
    }
    Expected<void> sync(bool data_only) override {
        TRY(uninterrupted([&] { return data_only ? ::fdatasync(fd_) : ::fsync(fd_); }));
        return {};
    }
    Expected<void> set_flags(Fdflags flags) override {
        if (!owner_) return {};
        const int old = ::fcntl(fd_, F_GETFL);
        if (old < 0) return fail_with_errno();
        const int append = flags.has(Fdflag::append) ? O_APPEND : 0;
        if (::fcntl(fd_, F_SETFL, (old & ~O_APPEND) | append) != 0) return fail_with_errno();
        return {};
    }

    Filesize readable() override {
        struct stat status;
        const off_t at = ::lseek(fd_, 0, SEEK_CUR);
        if (at < 0 || ::fstat(fd_, &status) != 0 || status.st_size <= at) return 0;
        return static_cast<Filesize>(status.st_size - at);
    }

private:
    static int count(Parts parts) { return static_cast<int>(parts.size()); }
    template <class Call>
    static Expected<Size> transfer(Call call) {
        return static_cast<Size>(TRY(uninterrupted(call)));
    }

    int fd_;
    OwnedFd owner_;  // none if borrowed
};

}  // namespace

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

std::unique_ptr<File> make_regular_file(OwnedFd fd) {
    const int number = fd.get();
    return std::make_unique<RegularFile>(number, std::move(fd));
}

std::unique_ptr<File> make_borrowed_file(int fd) {
    return std::make_unique<RegularFile>(fd, OwnedFd());
}

}  // namespace waxwing::wasi
