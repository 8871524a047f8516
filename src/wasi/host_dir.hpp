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

class HostDir {
public:
    // `fd` may be opened with O_PATH; entries are then read through another.
    HostDir(OwnedFd fd, Resolver resolver) : fd_(std::move(fd)), resolver_(resolver) {}

    Resolver resolver() const { return resolver_; }

    Expected<OwnedFd> open(std::string_view path, const OpenHow& how) const;
    Expected<Filestat> stat() const;
    Expected<Filestat> stat(std::string_view path, bool follow) const;
    Expected<void> set_times(const FileTimes& times) const;
    Expected<void> set_times(std::string_view path, bool follow, const FileTimes& times) const;
    Expected<void> create_directory(std::string_view path) const;
    Expected<void> remove_directory(std::string_view path) const;
    Expected<void> unlink_file(std::string_view path) const;
    Expected<std::string> read_link(std::string_view path) const;
    Expected<void> symlink(const std::string& target, std::string_view path) const;
    Expected<void> sync(bool data_only) const;

    // The entry that follows a cookie; none at the end.
    Expected<std::optional<HostEntry>> entry_after(Dircookie cookie);

    static Expected<void> link(const HostDir& from, std::string_view old_path, const HostDir& to,
                               std::string_view new_path);
    static Expected<void> rename(const HostDir& from, std::string_view old_path, const HostDir& to,
                                 std::string_view new_path);

private:
    Expected<Place> locate(std::string_view path) const {
        return wasi::locate(resolver_, fd_.get(), path);
    }
    Expected<OwnedFd> open_for_reading() const;

    OwnedFd fd_;
    Resolver resolver_;
    std::optional<DirReader> reader_;
};

}  // namespace waxwing::wasi
