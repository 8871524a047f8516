#include "wasi/host_dir.hpp"

#include "wasi/proc_name.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// The result of a system call that answers 0 or -1. Made on names, it is not made
// again when a signal interrupts it: it may have done its work.
Expected<void> done(int result) {
    if (result != 0) return fail_with_errno();
    return {};
}

// What is at a place, a link not followed; none if nothing is.
Expected<std::optional<struct stat>> look_at(const Place& place) {
    auto status = stat_nofollow(place.directory, place.name.c_str());
    if (status) return *status;
    if (status.error().is(Errno::noent)) return std::nullopt;
    return std::unexpected(std::move(status).error());
}

// A new name that a slash follows cannot be: exist if something is there, else
// noent, for only a directory could be meant.
Expected<void> check_new(const Place& place) {
    if (place.is_dot()) return fail(Errno::exist);
    if (!place.must_be_dir) return {};
    return fail(TRY(look_at(place)) ? Errno::exist : Errno::noent);
}

// For rename(2), which follows no last component, with a slash or without: so
// that the kernel itself insists on a directory, in the moment of renaming.
std::string with_slash(const Place& place) {
    return place.must_be_dir ? place.name + '/' : place.name;
}

OpenHow to_host(const OpenRequest& request) {
    const auto& [oflags, fdflags, reads, writes, resizes, follow] = request;
    int flags = writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
    if (oflags.has(Oflag::creat)) flags |= O_CREAT;
    if (oflags.has(Oflag::directory)) flags |= O_DIRECTORY;
    if (oflags.has(Oflag::excl)) flags |= O_EXCL;
    if (oflags.has(Oflag::trunc)) flags |= O_TRUNC;
    if (fdflags.has(Fdflag::append)) flags |= O_APPEND;
    if (fdflags.has(Fdflag::dsync)) flags |= O_DSYNC;
    if (fdflags.has_any(Fdflag::sync | Fdflag::rsync)) flags |= O_SYNC;
    // So that a FIFO or a device, which are then refused, cannot hold us up.
    flags |= O_NONBLOCK;
    return {flags, oflags.has(Oflag::creat) ? mode_t{0666} : mode_t{0}, follow};
}

// On an O_PATH descriptor, where futimens does not work.
Expected<void> set_times_of(int fd, const FileTimes& times) {
    if (sys::utimensat(fd, "", to_host(times).data(), AT_EMPTY_PATH) == 0) return {};
    if (errno != EINVAL) return fail_with_errno();
    // Before Linux 5.8.
    return done(sys::utimensat(AT_FDCWD, ProcName(fd).text, to_host(times).data(), 0));
}

}  // namespace

Expected<OwnedFd> HostDir::open_path(std::string_view path) const {
    return open_beneath(resolver_, fd_.get(), path, {O_PATH, 0, true});
}

Expected<Opened> HostDir::open(std::string_view path, const OpenRequest& request) {
    OwnedFd fd = TRY(open_as_asked(path, request));
    const struct stat status = TRY(stat_fd(fd.get()));
    Opened opened;
    if (S_ISDIR(status.st_mode)) {
        if (request.oflags.has(Oflag::creat)) return fail(Errno::isdir);
        opened.dir = std::make_unique<HostDir>(std::move(fd), resolver_, Access::read, limits_);
    } else if (S_ISREG(status.st_mode)) {
        const bool appends = request.fdflags.has(Fdflag::append);
        // With a quota the file is open for writing, too, if it is to be truncated.
        const bool is_counted = limits_.quota && request.oflags.has(Oflag::trunc);
        const bool reopens = request.resizes && !request.writes && !is_counted;
        opened.can_resize = !reopens || TRY(may_write(fd.get()));
        opened.file = make_regular_file(std::move(fd), status, limits_, appends,
                                        reopens ? Resizing::reopened : Resizing::itself);
        if (limits_.quota && request.oflags.has(Oflag::trunc)) TRY(opened.file->set_size(0));
    } else if (may_open_device(status)) {
        opened.file = make_device(std::move(fd));
    } else {
        const bool device = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
        return fail(device ? Errno::perm : Errno::nxio);
    }
    return opened;
}

bool HostDir::may_open_device(const struct stat& status) const {
    switch (memory_device(status)) {
    case MemoryDevice::none: break;
    case MemoryDevice::constant: return true;
    case MemoryDevice::random: return limits_.random_devices;
    }
    return false;
}

// Who neither reads nor writes opens what may not be read by writing, to look at it.
Expected<OwnedFd> HostDir::open_as_asked(std::string_view path, const OpenRequest& request) const {
    OpenHow how = to_host(request);
    const auto open = [&] {
        return limits_.quota ? open_counted(path, how)
                             : open_beneath(resolver_, fd_.get(), path, how);
    };
    auto fd = open();
    if (fd || request.reads || request.writes || !fd.error().is(Errno::acces)) return fd;
    how.flags |= O_WRONLY;
    return open();
}

// Truncating is left to who counts what that gives back.
Expected<OwnedFd> HostDir::open_counted(std::string_view path, OpenHow how) const {
    if (how.flags & O_TRUNC) {
        how.flags &= ~O_TRUNC;
        if ((how.flags & O_ACCMODE) == O_RDONLY) how.flags |= O_RDWR;
    }
    const bool creates = (how.flags & O_CREAT) && !path.ends_with('/');  // which cannot be
    if (!creates) return open_beneath(resolver_, fd_.get(), path, how);
    const bool has_room = limits_.quota->check_entry().has_value();
    if (!(how.flags & O_EXCL)) {
        auto existing =
            open_beneath(resolver_, fd_.get(), path, {how.flags & ~O_CREAT, mode_t{0}, how.follow});
        if (existing || !existing.error().is(Errno::noent)) return existing;
    } else if (!has_room) {
        TRY(check_room(TRY(locate(path))));
    }
    if (!has_room) return fail(Errno::dquot);
    OwnedFd fd = TRY(open_beneath(resolver_, fd_.get(), path, how));
    count_entry();
    return fd;
}

Expected<void> HostDir::check_room(const Place& place, u64 bytes) const {
    if (!limits_.quota) return {};
    if (limits_.quota->check_entry() && limits_.quota->check_bytes(bytes)) return {};
    return fail(TRY(look_at(place)) ? Errno::exist : Errno::dquot);
}

void HostDir::count_entry() const {
    if (limits_.quota) limits_.quota->added_entry();
}

Expected<std::optional<struct stat>> HostDir::doomed(const Place& place) const {
    if (!limits_.quota) return std::nullopt;
    auto found = look_at(place);
    // What is wrong with the name itself is for the call to say, in its order.
    if (!found && (found.error().is(Errno::nametoolong) || found.error().is(Errno::acces)))
        return std::nullopt;
    return found;
}

void HostDir::count_removed(const std::optional<struct stat>& gone) const {
    if (!gone) return;
    limits_.quota->removed_entry();
    if (S_ISDIR(gone->st_mode) || gone->st_nlink != 1) return;
    // An open file goes when it is closed.
    if (limits_.quota->is_open({gone->st_dev, gone->st_ino})) return;
    limits_.quota->resized(static_cast<u64>(gone->st_size), 0);
}

Expected<int> HostDir::readable() {
    if (access_ == Access::read) return fd_.get();
    if (!other_) other_.reset(sys::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
    if (!other_) return fail_with_errno();
    return other_.get();
}

Expected<Filestat> HostDir::stat() { return to_filestat(TRY(stat_fd(fd_.get()))); }

Expected<Filestat> HostDir::stat(std::string_view path, bool follow) {
    if (follow || path.ends_with('/')) {
        const OwnedFd fd = TRY(open_path(path));
        return to_filestat(TRY(stat_fd(fd.get())));
    }
    const Place place = TRY(locate(path));
    return to_filestat(TRY(stat_nofollow(place.directory, place.name.c_str())));
}

Expected<void> HostDir::set_times(const FileTimes& times) {
    return done(sys::utimensat(fd_.get(), ".", to_host(times).data(), 0));
}

Expected<void> HostDir::set_times(std::string_view path, bool follow, const FileTimes& times) {
    if (times.none()) {  // the kernel then does not even look whether the path is there
        TRY(stat(path, follow));
        return {};
    }
    if (follow || path.ends_with('/')) {
        const OwnedFd fd = TRY(open_path(path));
        return set_times_of(fd.get(), times);
    }
    const Place place = TRY(locate(path));
    return done(sys::utimensat(place.directory, place.name.c_str(), to_host(times).data(),
                               AT_SYMLINK_NOFOLLOW));
}

Expected<void> HostDir::create_directory(std::string_view path) {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::exist);
    TRY(check_room(place));
    TRY(done(sys::mkdirat(place.directory, place.name.c_str(), 0777)));
    count_entry();
    return {};
}

Expected<void> HostDir::remove_directory(std::string_view path) {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::inval);
    const auto gone = TRY(doomed(place));
    auto result = done(sys::unlinkat(place.directory, place.name.c_str(), AT_REMOVEDIR));
    if (result) count_removed(gone);
    if (!result && result.error().is(Errno::exist)) return fail(Errno::notempty);
    return result;
}

Expected<void> HostDir::unlink_file(std::string_view path) {
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::isdir);
    if (place.must_be_dir) {
        const struct stat status = TRY(stat_nofollow(place.directory, place.name.c_str()));
        return fail(S_ISDIR(status.st_mode) ? Errno::isdir : Errno::notdir);
    }
    const auto gone = TRY(doomed(place));
    TRY(done(sys::unlinkat(place.directory, place.name.c_str(), 0)));
    count_removed(gone);
    return {};
}

Expected<std::string> HostDir::read_link(std::string_view path) {
    if (path.ends_with('/')) {  // followed, and a directory, or it is an error already
        TRY(open_path(path));
        return fail(Errno::inval);
    }
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::inval);
    return wasi::read_link(place.directory, place.name.c_str());
}

Expected<void> HostDir::symlink(const std::string& target, std::string_view path) {
    // An absolute link would lead the host's own programs elsewhere than the guest.
    if (target.empty()) return fail(Errno::noent);
    if (target.front() == '/') return fail(Errno::perm);
    const Place place = TRY(locate(path));
    TRY(check_new(place));
    TRY(check_room(place, target.size()));
    TRY(done(sys::symlinkat(target.c_str(), place.directory, place.name.c_str())));
    count_entry();
    if (limits_.quota) limits_.quota->resized(0, target.size());
    return {};
}

Expected<void> HostDir::sync(bool data_only) {
    const int fd = TRY(readable());
    return done(data_only ? sys::fdatasync(fd) : sys::fsync(fd));
}

Expected<std::optional<DirEntry>> HostDir::entry_after(Dircookie cookie) {
    if (!reader_) reader_.emplace(TRY(readable()));
    return reader_->entry_after(cookie);
}

const void* HostDir::storage() const {
    // What one quota counts does not move to where another does, or none.
    static constexpr char the_host = 0;
    return limits_.quota ? static_cast<const void*>(limits_.quota.get()) : &the_host;
}

Expected<void> HostDir::link(std::string_view old_path, Dir& to, std::string_view new_path) {
    if (old_path.ends_with('/')) TRY(open_path(old_path));  // followed, and a directory
    const Place source = TRY(locate(old_path));
    auto found = static_cast<HostDir&>(to).locate(new_path);
    // As linkat(2), which looks for what is to be linked first.
    if (!found || found->must_be_dir) TRY(stat_nofollow(source.directory, source.name.c_str()));
    const Place target = TRY(std::move(found));
    TRY(check_new(target));
    if (source.must_be_dir) return fail(TRY(look_at(target)) ? Errno::exist : Errno::perm);
    if (auto room = check_room(target); !room) {
        TRY(stat_nofollow(source.directory, source.name.c_str()));
        return room;
    }
    TRY(done(
        sys::linkat(source.directory, source.name.c_str(), target.directory, target.name.c_str())));
    count_entry();
    return {};
}

Expected<void> HostDir::rename(std::string_view old_path, Dir& to, std::string_view new_path) {
    const Place source = TRY(locate(old_path));
    const Place target = TRY(static_cast<HostDir&>(to).locate(new_path));
    if (source.is_dot() || target.is_dot()) return fail(Errno::busy);
    auto gone = TRY(doomed(target));
    if (gone) {  // nothing happens if both are names of one file
        const auto moved = TRY(doomed(source));
        if (moved && moved->st_dev == gone->st_dev && moved->st_ino == gone->st_ino) gone.reset();
    }
    auto result = done(sys::renameat(source.directory, with_slash(source).c_str(), target.directory,
                                     with_slash(target).c_str()));
    if (result) count_removed(gone);
    if (!result && result.error().is(Errno::exist)) return fail(Errno::notempty);
    return result;
}

}  // namespace waxwing::wasi
