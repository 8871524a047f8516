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
    // `fd` may be opened with O_PATH; entries are then read through another.
    HostDir(OwnedFd fd, Resolver resolver) : fd_(std::move(fd)), resolver_(resolver) {}

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
    Expected<OwnedFd> open_for_reading() const;

    OwnedFd fd_;
    Resolver resolver_;
    std::optional<DirReader> reader_;
};

}  // namespace waxwing::wasi
