// How far a guest may make the files of one preopened directory grow: in bytes,
// counted by the sizes of files, holes included, and the texts of links; and in
// names. What it removes or cuts off counts back, but never below zero: making
// away with the host's files earns nothing.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "wasi/expected.hpp"

namespace waxwing::wasi {

class Quota {
public:
    Quota(u64 bytes, u64 entries) : max_bytes_(bytes), max_entries_(entries) {}

    // Each dquot if so much is not left.
    Expected<void> check_bytes(u64 more) const;
    Expected<void> check_entry() const;
    u64 bytes_left() const { return max_bytes_ - used_bytes_; }

    // What has happened. Growing requires: it was checked.
    void resized(u64 from, u64 to);
    void added_entry() { ++used_entries_; }
    void removed_entry() { used_entries_ -= used_entries_ != 0; }

    // The guest's open files, which take up space when their names are gone.
    using FileId = std::pair<u64, u64>;  // device and inode
    void opened(FileId file) { ++open_[file]; }
    // True if that was the last.
    bool closed(FileId file);
    bool is_open(FileId file) const { return open_.contains(file); }

private:
    u64 max_bytes_;
    u64 max_entries_;
    u64 used_bytes_ = 0;
    u64 used_entries_ = 0;
    std::map<FileId, u32> open_;
};

// What limits the files of a directory of the host.
struct FileLimits {
    u64 max_size;                  // the process's own (RLIMIT_FSIZE)
    std::shared_ptr<Quota> quota;  // none: as much as there is room for
    bool random_devices = false;   // not where random bytes are to come from a seed
};

}  // namespace waxwing::wasi
