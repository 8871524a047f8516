#include "wasi/dir_reader.hpp"

#include <dirent.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "wasi/host_file.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

constexpr usize buffer_size = 16 << 10;

// linux_dirent64; the name follows, with a terminator.
struct Record {
    u64 ino;
    s64 next;
    u16 length;
    u8 type;
};
constexpr usize name_offset = 19;

Record record_at(const std::byte* from) {
    Record record;
    std::memcpy(&record.ino, from, 8);
    std::memcpy(&record.next, from + 8, 8);
    std::memcpy(&record.length, from + 16, 2);
    std::memcpy(&record.type, from + 18, 1);
    return record;
}

}  // namespace

// Makes at_ the entry after `cookie`; false if there is none.
Expected<bool> DirReader::move_to(Dircookie cookie) {
    const bool rewind = cookie == 0;  // always sees the directory as it is now
    if (rewind || cookie != cookie_) {
        if (cookie > static_cast<u64>(std::numeric_limits<s64>::max())) return false;
        // Beyond the end: a file system may take such a position for another.
        if (ended_ && cookie > highest_) return false;
        usize at = 0;
        if (!rewind)
            while (at < filled_) {
                const Record record = record_at(&buffer_[at]);
                at += record.length;
                if (static_cast<u64>(record.next) == cookie) break;
                if (at >= filled_) at = filled_ + 1;  // not here
            }
        if (rewind || filled_ == 0 || at > filled_) {
            if (sys::lseek(fd_, static_cast<off_t>(cookie), SEEK_SET) < 0) {
                // No position that this file system has ever told.
                if (errno == EINVAL && cookie > highest_) return false;
                return fail_with_errno();
            }
            at = filled_ = 0;
        }
        at_ = at;
        cookie_ = cookie;
    }
    if (at_ < filled_) return true;

    buffer_.resize(buffer_size);
    const long count = sys::getdents64(fd_, buffer_.data(), buffer_.size());
    at_ = filled_ = 0;
    if (count < 0) return fail_with_errno();
    filled_ = static_cast<usize>(count);
    ended_ = ended_ || count == 0;
    return count > 0;
}

Expected<DirEntry> DirReader::decode() {
    const Record record = record_at(&buffer_[at_]);
    DirEntry entry;
    entry.next = static_cast<Dircookie>(record.next);
    entry.ino = record.ino;
    entry.type = to_filetype(DTTOIF(record.type));
    entry.name = reinterpret_cast<const char*>(&buffer_[at_ + name_offset]);
    if (entry.name == "..") {
        // Of a preopened directory it is none of the guest's business.
        struct stat status;
        if (sys::fstat(fd_, &status) != 0) return fail_with_errno();
        entry.ino = status.st_ino;
    }
    if (record.type == DT_UNKNOWN) {
        struct stat status;
        if (sys::fstatat(fd_, entry.name.data(), &status, AT_SYMLINK_NOFOLLOW) == 0)
            entry.type = to_filetype(status.st_mode);
        else if (errno != ENOENT)  // it has gone meanwhile
            return fail_with_errno();
    }
    at_ += record.length;
    cookie_ = entry.next;
    highest_ = std::max(highest_, cookie_);
    return entry;
}

Expected<std::optional<DirEntry>> DirReader::entry_after(Dircookie cookie) {
    const bool more = TRY(move_to(cookie));
    if (!more) return std::optional<DirEntry>();
    return std::optional<DirEntry>(TRY(decode()));
}

}  // namespace waxwing::wasi
