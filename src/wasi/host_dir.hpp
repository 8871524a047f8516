// A directory of the host and what a guest may do beneath it. Every path is
// resolved by resolve.hpp; the mutating calls are made on a directory and one
// component that is not followed.
#pragma once

#include <optional>
#include <string_view>

#include "wasi/dir_reader.hpp"
#include "wasi/host_file.hpp"
#include "wasi/resolve.hpp"

namespace waxwing::wasi {

class HostDir final : public Dir {
public:
    // How `fd` was opened: by O_PATH, so that entries are read through another, or
    // for reading, so that a guest's directory costs the host one descriptor.
    enum class Access : u8 { path, read };
    HostDir(OwnedFd fd, Resolver resolver, Access access, const FileLimits& limits)
        : fd_(std::move(fd)), resolver_(resolver), access_(access), limits_(limits) {}

    Expected<Opened> open(std::string_view path, const OpenRequest& request) override;
    Expected<Filestat> stat() override;
    Expected<Filestat> stat(std::string_view path, bool follow) override;
    Expected<void> set_times(const FileTimes& times) override;
    Expected<void> set_times(std::string_view path, bool follow, const FileTimes& times) override;
    Expected<void> create_directory(std::string_view path) override;
    Expected<void> remove_directory(std::string_view path) override;
    Expected<void> unlink_file(std::string_view path) override;
    Expected<std::string> read_link(std::string_view path) override;
    Expected<void> symlink(const std::string& target, std::string_view path) override;
    Expected<void> sync(bool data_only) override;
    Expected<std::optional<DirEntry>> entry_after(Dircookie cookie) override;
    const void* storage() const override;
    Expected<void> link(std::string_view old_path, Dir& to, std::string_view new_path) override;
    Expected<void> rename(std::string_view old_path, Dir& to, std::string_view new_path) override;

private:
    Expected<Place> locate(std::string_view path) const {
        return wasi::locate(resolver_, fd_.get(), path);
    }
    // What `path` leads to, links followed, only to name it.
    Expected<OwnedFd> open_path(std::string_view path) const;
    Expected<OwnedFd> open_as_asked(std::string_view path, const OpenRequest& request) const;
    bool may_open_device(const struct stat& status) const;
    // With a quota: opens, and counts the name if there was none.
    Expected<OwnedFd> open_counted(std::string_view path, OpenHow how) const;
    // Room for a new name. dquot; exist, which comes first: programs ask for
    // directories to be made that are there.
    Expected<void> check_room(const Place& place, u64 bytes = 0) const;
    void count_entry() const;
    // With a quota: what is about to go, if it is there.
    Expected<std::optional<struct stat>> doomed(const Place& place) const;
    void count_removed(const std::optional<struct stat>& gone) const;

    // A descriptor to read from, good as long as this is.
    Expected<int> readable();

    OwnedFd fd_;
    Resolver resolver_;
    Access access_;
    FileLimits limits_;
    OwnedFd other_;  // for reading, once that was needed and fd_ cannot
    std::optional<DirReader> reader_;
};

}  // namespace waxwing::wasi
