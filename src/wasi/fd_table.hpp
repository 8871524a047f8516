// The descriptors of one guest.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wasi/dir.hpp"
#include "wasi/rights.hpp"

namespace waxwing::wasi {

// What a descriptor stands for. Exactly one of `file` and `dir` is set. What is
// allowed lies here, not with the number, which fd_renumber changes.
struct Descriptor {
    std::unique_ptr<File> file;
    std::unique_ptr<Dir> dir;
    Rights base;
    Rights inheriting;
    Fdflags flags;
    bool read_only = false;              // from a read-only preopen
    std::optional<std::string> preopen;  // the guest's name for it

    Filetype type() const { return dir ? Filetype::directory : file->type(); }
    bool blocks() const { return !flags.has(Fdflag::nonblock); }
};

// Shared, because what runs inside a call (a stream's callback) might close it.
using DescriptorPtr = std::shared_ptr<Descriptor>;

class FdTable {
public:
    explicit FdTable(u32 limit) : limit_(limit) {}

    // mfile if there is no free number.
    Expected<void> check_room() const;
    // At the lowest free number. mfile if there is none.
    Expected<Fd> insert(Descriptor descriptor) {
        return insert(std::make_shared<Descriptor>(std::move(descriptor)));
    }
    Expected<Fd> insert(DescriptorPtr descriptor);

    // badf unless open.
    Expected<DescriptorPtr> get(Fd fd) const;
    // Open and not a directory (badf), with all of `needed` (else `missing`).
    Expected<DescriptorPtr> file(Fd fd, Rights needed, Errno missing = Errno::notcapable) const;
    // Open and a directory (notdir), with all of `needed` (notcapable).
    Expected<DescriptorPtr> dir(Fd fd, Rights needed) const;

    Expected<void> close(Fd fd);
    // `from` becomes `to`, whose descriptor is closed. Both must be open.
    Expected<void> renumber(Fd from, Fd to);

private:
    u32 limit_;
    std::vector<DescriptorPtr> slots_;  // null: free
};

}  // namespace waxwing::wasi
