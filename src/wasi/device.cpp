// The devices of memory (Linux's Documentation/admin-guide/devices.txt, major number 1).

#include <sys/sysmacros.h>

#include <algorithm>

#include "wasi/host_file.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// At a time: a device never ends, and a call that moves gigabytes could not be stopped.
constexpr usize max_piece = 1 << 20;

class Device final : public File {
public:
    explicit Device(OwnedFd fd) : File(Filetype::character_device), fd_(std::move(fd)) {}

    // Where does not matter.
    Expected<Size> read(Guest&, Parts parts, bool) override { return pread(parts, 0); }
    Expected<Size> write(Guest&, Parts parts, bool) override { return pwrite(parts, 0); }
    Expected<Size> pread(Parts parts, Filesize) override {
        const iovec piece = first_piece(parts);
        return static_cast<Size>(
            TRY(uninterrupted([&] { return sys::readv(fd_.get(), &piece, 1); })));
    }
    Expected<Size> pwrite(Parts parts, Filesize) override {
        const iovec piece = first_piece(parts);
        return static_cast<Size>(
            TRY(uninterrupted([&] { return sys::writev(fd_.get(), &piece, 1); })));
    }
    Expected<Filesize> seek(Filedelta, Whence) override { return 0; }
    bool can_seek() const override { return true; }

    Expected<Filestat> stat() override {
        struct stat status;
        if (sys::fstat(fd_.get(), &status) != 0) return fail_with_errno();
        return to_filestat(status);
    }
    Expected<void> set_times(const FileTimes& times) override {
        if (sys::futimens(fd_.get(), to_host(times).data()) != 0) return fail_with_errno();
        return {};
    }
    Expected<void> advise(Filesize, Filesize, Advice) override { return {}; }
    Filesize readable() override { return max_piece; }

private:
    // A transfer may be short.
    static iovec first_piece(Parts parts) {
        return {parts[0].iov_base, std::min(parts[0].iov_len, max_piece)};
    }

    OwnedFd fd_;
};

}  // namespace

MemoryDevice memory_device(const struct stat& status) {
    if (!S_ISCHR(status.st_mode) || major(status.st_rdev) != 1) return MemoryDevice::none;
    switch (minor(status.st_rdev)) {
    case 3:  // null
    case 5:  // zero
    case 7:  // full
        return MemoryDevice::constant;
    case 8:  // random
    case 9:  // urandom
        return MemoryDevice::random;
    default: return MemoryDevice::none;
    }
}

std::unique_ptr<File> make_device(OwnedFd fd) { return std::make_unique<Device>(std::move(fd)); }

}  // namespace waxwing::wasi
