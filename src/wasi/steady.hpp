// What makes a guest deterministic: files and directories that show nothing of
// where they are kept.
//
// 1. Devices and inodes are numbered in the order in which the guest meets them.
//    A number is forgotten with its file, whose inode the host may use again.
// 2. Times are that of the beginning of year 2000 but where the guest has set them.
//    Directories have no size, and one link.
// 3. Directories are listed by name.
// 4. Streams of the host transfer all that they are asked for, or up to the end,
//    and are always ready: how fast the other side is cannot be seen.
#pragma once

#include <map>

#include "wasi/clock.hpp"
#include "wasi/dir.hpp"

namespace waxwing::wasi {

inline constexpr Timestamp year_2000 = 946'684'800'000'000'000;

// What one guest has met.
class Identities {
public:
    explicit Identities(Clocks& clocks) : clocks_(clocks) {}

    using FileId = std::pair<u64, u64>;  // device and inode, the host's
    static FileId id_of(const Filestat& status) { return {status.dev, status.ino}; }

    // Files that have no number yet, beyond max_files: nomem.
    Expected<u64> number_of(FileId file);
    Expected<Filestat> shown(Filestat status);
    // With `now` as the guest's clock has it.
    Expected<FileTimes> by_clock(FileTimes times) const;
    Expected<void> set_times(FileId file, const FileTimes& times);

    Expected<void> opened(FileId file);
    void closed(FileId file);
    // The last name is gone.
    void removed(const Filestat& status);

    // Memory for the listings of all open directories. nomem.
    Expected<void> take(u64 bytes);
    void give_back(u64 bytes) { listing_bytes_ -= bytes; }

private:
    static constexpr usize max_files = 1 << 20;
    static constexpr u64 max_listing_bytes = 128 << 20;

    struct Met {
        u64 number = 0;
        u32 open = 0;  // descriptors
        bool is_removed = false;
        Timestamp access = year_2000, modification = year_2000;
    };
    Expected<Met*> find(FileId file);

    Clocks& clocks_;
    std::map<FileId, Met> files_;
    std::map<u64, u64> devices_;
    u64 next_ = 1;
    u64 listing_bytes_ = 0;
};

// Require: `identities` outlives them.
Expected<std::unique_ptr<Dir>> make_steady(std::unique_ptr<Dir> dir, Identities& identities);
Expected<std::unique_ptr<File>> make_steady(std::unique_ptr<File> file, Identities& identities);

}  // namespace waxwing::wasi
