// A descriptor of the host, closed with its owner.
#pragma once

#include <utility>

#include "wasi/system.hpp"

namespace waxwing::wasi {

class OwnedFd {
public:
    OwnedFd() = default;
    // Takes over `fd`; a negative one stands for none.
    explicit OwnedFd(int fd) : fd_(fd) {}
    OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
    OwnedFd& operator=(OwnedFd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~OwnedFd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1) {
        if (fd_ >= 0) sys::close(fd_);
        fd_ = fd;
    }

private:
    int fd_ = -1;
};

}  // namespace waxwing::wasi
