#include "wasi/host_dir.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

namespace waxwing::wasi {
namespace {

// The result of a system call that answers 0 or -1.
Expected<void> done(int result) {
    if (result != 0) return fail_with_errno();
    return {};
}

// What makes a name that a slash follows, but that a new file is to have, wrong:
// exist for a directory, notdir for anything else, noent if there is nothing.
Errno why_not_new(const Place& place) {
    const auto status = stat_nofollow(place.directory, place.name.c_str());
    if (!status) return status.error().code() ? *status.error().code() : Errno::io;
    return S_ISDIR(status->st_mode) ? Errno::exist : Errno::notdir;
}

// On an O_PATH descriptor, where futimens does not work.
Expected<void> set_times_of(int fd, const FileTimes& times) {
    if (::utimensat(fd, "", times.values, AT_EMPTY_PATH) == 0) return {};
    if (errno != EINVAL) return fail_with_errno();
    char self[32];  // before Linux 5.8; the text is ours, no guest sees it
    std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return done(::utimensat(AT_FDCWD, self, times.values, 0));
}

}  // namespace

Expected<OwnedFd> HostDir::open(std::string_view path, const OpenHow& how) const {
    return open_beneath(resolver_, fd_.get(), path, how);
}

Expected<OwnedFd> HostDir::open_for_reading() const {
    OwnedFd fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail_with_errno();
    return fd;
}

Expected<Filestat> HostDir::stat() const { return to_filestat(TRY(stat_fd(fd_.get()))); }

Expected<Filestat> HostDir::stat(std::string_view path, bool follow) const {
    if (follow || path.ends_with('/')) {
        const OwnedFd fd = TRY(open(path, {O_PATH, 0, true}));
        return to_filestat(TRY(stat_fd(fd.get())));
    }
    const Place place = TRY(locate(path));
    return to_filestat(TRY(stat_nofollow(place.directory, place.name.c_str())));
}

Expected<void> HostDir::set_times(const FileTimes& times) const {
    return done(::utimensat(fd_.get(), ".", times.values, 0));
}

Expected<void> HostDir::set_times(std::string_view path, bool follow,
                                  const FileTimes& times) const {
    if (follow || path.ends_with('/')) {
        const OwnedFd fd = TRY(open(path, {O_PATH, 0, true}));
        return set_times_of(fd.get(), times);
    }
    const Place place = TRY(locate(path));
    return done(
        ::utimensat(place.directory, place.name.c_str(), times.values, AT_SYMLINK_NOFOLLOW));
}

Expected<void> HostDir::create_directory(std::string_view path) const {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::exist);
    return done(::mkdirat(place.directory, place.name.c_str(), 0777));
}

Expected<void> HostDir::remove_directory(std::string_view path) const {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::inval);
    auto result = done(::unlinkat(place.directory, place.name.c_str(), AT_REMOVEDIR));
    if (!result && result.error().is(Errno::exist)) return fail(Errno::notempty);
    return result;
}

Expected<void> HostDir::unlink_file(std::string_view path) const {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::isdir);
    if (place.must_be_dir) {
        const struct stat status = TRY(stat_nofollow(place.directory, place.name.c_str()));
        return fail(S_ISDIR(status.st_mode) ? Errno::isdir : Errno::notdir);
    }
    return done(::unlinkat(place.directory, place.name.c_str(), 0));
}

Expected<std::string> HostDir::read_link(std::string_view path) const {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::inval);
    if (place.must_be_dir) {
        const Errno why = why_not_new(place);
        return fail(why == Errno::exist ? Errno::inval : why);
    }
    return wasi::read_link(place.directory, place.name.c_str());
}

Expected<void> HostDir::symlink(const std::string& target, std::string_view path) const {
    // An absolute link would lead the host's own programs elsewhere than the guest.
    if (target.empty()) return fail(Errno::noent);
    if (target.front() == '/') return fail(Errno::perm);
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::exist);
    if (place.must_be_dir) return fail(why_not_new(place));
    return done(::symlinkat(target.c_str(), place.directory, place.name.c_str()));
}

Expected<void> HostDir::sync(bool data_only) const {
    const OwnedFd fd = TRY(open_for_reading());
    return done(data_only ? ::fdatasync(fd.get()) : ::fsync(fd.get()));
}

Expected<std::optional<HostEntry>> HostDir::entry_after(Dircookie cookie) {
    if (!reader_) reader_.emplace(TRY(open_for_reading()));
    return reader_->entry_after(cookie);
}

Expected<void> HostDir::link(const HostDir& from, std::string_view old_path, const HostDir& to,
                             std::string_view new_path) {
    const Place source = TRY(from.locate(old_path));
    const Place target = TRY(to.locate(new_path));
    if (source.is_dot()) return fail(Errno::perm);
    if (source.must_be_dir) {
        const struct stat status = TRY(stat_nofollow(source.directory, source.name.c_str()));
        return fail(S_ISDIR(status.st_mode) ? Errno::perm : Errno::notdir);
    }
    if (target.is_dot()) return fail(Errno::exist);
    if (target.must_be_dir) return fail(why_not_new(target));
    return done(
        ::linkat(source.directory, source.name.c_str(), target.directory, target.name.c_str(), 0));
}

Expected<void> HostDir::rename(const HostDir& from, std::string_view old_path, const HostDir& to,
                               std::string_view new_path) {
    const Place source = TRY(from.locate(old_path));
    const Place target = TRY(to.locate(new_path));
    if (source.is_dot() || target.is_dot()) return fail(Errno::busy);
    if (source.must_be_dir || target.must_be_dir) {
        const struct stat status = TRY(stat_nofollow(source.directory, source.name.c_str()));
        if (!S_ISDIR(status.st_mode)) return fail(Errno::notdir);
    }
    auto result = done(
        ::renameat(source.directory, source.name.c_str(), target.directory, target.name.c_str()));
    if (!result && result.error().is(Errno::exist)) return fail(Errno::notempty);
    return result;
}

}  // namespace waxwing::wasi
