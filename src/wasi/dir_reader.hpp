// The entries of a directory, from any cookie on. Cookies are the host's own
// (the positions of getdents64), so they outlive the buffer here; following one
// another they cost no system call each.
#pragma once

#include <optional>
#include <vector>

#include "wasi/dir.hpp"

namespace waxwing::wasi {

class DirReader {
public:
    // `fd` is the owner's, who leaves its position alone.
    explicit DirReader(int fd) : fd_(fd) {}

    // None at the end, and for a cookie that was never given.
    Expected<std::optional<DirEntry>> entry_after(Dircookie cookie);

private:
    Expected<bool> move_to(Dircookie cookie);
    Expected<DirEntry> decode();

    int fd_;
    std::vector<std::byte> buffer_;  // the kernel's records, filled_ bytes of them
    usize filled_ = 0;
    usize at_ = 0;  // where the entry after cookie_ begins
    Dircookie cookie_ = 0;
    Dircookie highest_ = 0;  // of those given
    bool ended_ = false;     // the end has been seen
};

}  // namespace waxwing::wasi
