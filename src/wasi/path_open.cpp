#include <fcntl.h>

#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

Rights needed_to_open(Oflags oflags) {
    Rights needed = Right::path_open;
    if (oflags.has(Oflag::creat)) needed = needed | Right::path_create_file;
    if (oflags.has(Oflag::trunc)) needed = needed | Right::path_filestat_set_size;
    return needed;
}

// The access mode follows from the rights asked for.
int host_flags(Oflags oflags, Rights base, Fdflags fdflags) {
    const bool writes = base.has_any(rights::writing);
    const bool reads = base.has_any(rights::reading);
    int flags = writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
    if (oflags.has(Oflag::creat)) flags |= O_CREAT;
    if (oflags.has(Oflag::directory)) flags |= O_DIRECTORY;
    if (oflags.has(Oflag::excl)) flags |= O_EXCL;
    if (oflags.has(Oflag::trunc)) flags |= O_TRUNC;
    if (fdflags.has(Fdflag::append)) flags |= O_APPEND;
    if (fdflags.has(Fdflag::dsync)) flags |= O_DSYNC;
    if (fdflags.has_any(Fdflag::sync | Fdflag::rsync)) flags |= O_SYNC;
    // So that a FIFO or a device, which are then refused, cannot hold us up.
    return flags | O_NONBLOCK;
}

Expected<Descriptor> to_descriptor(OwnedFd fd, const HostDir& parent, Fdflags fdflags) {
    const struct stat status = TRY(stat_fd(fd.get()));
    Descriptor open;
    if (S_ISDIR(status.st_mode)) {
        open.dir = std::make_unique<HostDir>(std::move(fd), parent.resolver());
        open.base = rights::directory;
        open.inheriting = rights::all;
    } else if (S_ISREG(status.st_mode)) {
        open.file = make_regular_file(std::move(fd));
        open.base = rights::regular_file;
        open.flags = fdflags;
    } else {
        const bool device = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
        return fail(device ? Errno::perm : Errno::nxio);
    }
    return open;
}

}  // namespace

// path_open(fd, lookup, path, oflags, base, inheriting, fdflags) -> fd
//   notcapable: more rights than `fd` hands on, or one that the flags need.
//   perm: a way out, a read-only directory, a device.  nxio: a FIFO or socket.
//   loop: a link, not to be followed.  mfile: too many open.
// The new descriptor has the rights asked for that its type can have. Bits that
// name no right are ignored, for programs ask for all of them.
Expected<Fd> path_open(Context& wasi, Guest& guest, Fd fd, Lookupflags lookup, GuestString path,
                       Oflags oflags, Rights base, Rights inheriting, Fdflags fdflags) {
    const DescriptorPtr parent = TRY(wasi.fds.dir(fd, needed_to_open(oflags)));
    const std::string text = TRY(guest.path(path));
    if (!parent->inheriting.has_all(base | inheriting)) return fail(Errno::notcapable);
    if (oflags.has(Oflag::creat) && oflags.has(Oflag::directory)) return fail(Errno::inval);
    if (parent->read_only &&
        (base.has_any(rights::writing) || oflags.has_any(Oflag::creat | Oflag::trunc)))
        return fail(Errno::perm);
    TRY(wasi.fds.check_room());

    OpenHow how;
    how.flags = host_flags(oflags, base, fdflags);
    how.mode = oflags.has(Oflag::creat) ? 0666 : 0;
    how.follow = lookup.has(Lookupflag::symlink_follow);
    OwnedFd host = TRY(parent->dir->open(text, how));

    Descriptor open = TRY(to_descriptor(std::move(host), *parent->dir, fdflags));
    open.base = open.base & base;
    open.inheriting = open.inheriting & inheriting;
    open.read_only = parent->read_only;
    return wasi.fds.insert(std::move(open));
}

}  // namespace waxwing::wasi
