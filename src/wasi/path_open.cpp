#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

Rights needed_to_open(Oflags oflags) {
    Rights needed = Right::path_open;
    if (oflags.has(Oflag::creat)) needed = needed | Right::path_create_file;
    if (oflags.has(Oflag::trunc)) needed = needed | Right::path_filestat_set_size;
    return needed;
}

// What the new descriptor can do at all.
DescriptorPtr to_descriptor(Opened opened, Fdflags fdflags) {
    const auto open = std::make_shared<Descriptor>();
    if (opened.dir) {
        open->base = rights::directory;
        open->inheriting = rights::all;
    } else {
        open->base = rights::regular_file;
        open->flags = fdflags;
    }
    open->file = std::move(opened.file);
    open->dir = std::move(opened.dir);
    return open;
}

}  // namespace

// path_open(fd, lookup, path, oflags, base, inheriting, fdflags) -> fd
//   notcapable: more rights than `fd` hands on, or one that the flags need.
//   perm: a way out, a read-only directory, a device.  nxio: a FIFO or socket.
//   loop: a link, not to be followed.  mfile: too many open.
// The access mode follows from the rights asked for; the new descriptor has those
// of them that its type can have. Bits that
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

    OpenRequest request;
    request.oflags = oflags;
    request.fdflags = fdflags;
    request.reads = base.has_any(rights::reading);
    request.writes = base.has_any(rights::writing);
    request.follow = lookup.has(Lookupflag::symlink_follow);
    DescriptorPtr open = to_descriptor(TRY(parent->dir->open(text, request)), fdflags);
    open->base = open->base & base;
    open->inheriting = open->inheriting & inheriting;
    open->read_only = parent->read_only;
    return wasi.fds.insert(std::move(open));
}

}  // namespace waxwing::wasi
