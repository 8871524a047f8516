#include "wasi/functions.hpp"

namespace waxwing::wasi {
namespace {

// What the directory must allow for these flags. Who may write to a file and set its
// size may truncate it as well: Go's os.Root does so in a directory that it opened
// without path_filestat_set_size.
Rights needed_to_open(Oflags oflags, Rights base, Rights handed_on) {
    Rights needed = Right::path_open;
    if (oflags.has(Oflag::creat)) needed = needed | Right::path_create_file;
    const bool resizes = base.has(Right::fd_write) && handed_on.has(Right::fd_filestat_set_size);
    if (oflags.has(Oflag::trunc) && !resizes) needed = needed | Right::path_filestat_set_size;
    return needed;
}

// How to open, by the rights asked for. Programs ask for many that they never use (Go's
// for fd_filestat_set_size of what they read), so that those of changing the size are a
// wish to write only where nothing else is wished for.
OpenRequest to_request(Lookupflags lookup, Oflags oflags, Rights base, Fdflags fdflags) {
    OpenRequest request;
    request.oflags = oflags;
    request.fdflags = fdflags;
    request.reads = base.has(Right::fd_read);
    request.resizes = base.has_any(rights::resizing);
    request.writes =
        base.has(Right::fd_write) || (request.resizes && !base.has_any(rights::reading));
    request.follow = lookup.has(Lookupflag::symlink_follow);
    return request;
}

// What the new descriptor can do at all.
DescriptorPtr to_descriptor(Opened opened, Fdflags fdflags) {
    const auto open = std::make_shared<Descriptor>();
    if (opened.dir) {
        open->base = rights::directory;
        open->inheriting = rights::all;
    } else {
        const bool is_regular = opened.file->type() == Filetype::regular_file;
        open->base = is_regular ? rights::regular_file : rights::device;
        if (!opened.can_resize) open->base = open->base - rights::resizing;
        open->flags = fdflags;
    }
    open->file = std::move(opened.file);
    open->dir = std::move(opened.dir);
    return open;
}

}  // namespace

// path_open(fd, lookup, path, oflags, base, inheriting, fdflags) -> fd
//   notcapable: more rights than `fd` hands on, or one that the flags need.
//   perm: a way out, to write in a read-only directory, a device that is not of memory.
//   nxio: a FIFO or socket.  loop: a link, not to be followed.  mfile: too many open.
// fd_read and fd_write say how to open, see to_request(); the new descriptor has the rights
// that were asked for, of those that its type, the file and the directory can give. Bits
// that name no right are ignored, for programs ask for all of them.
Expected<Fd> path_open(Context& wasi, Guest& guest, Fd fd, Lookupflags lookup, GuestString path,
                       Oflags oflags, Rights base, Rights inheriting, Fdflags fdflags) {
    const DescriptorPtr parent = TRY(wasi.fds.dir(fd, Right::path_open));
    if (!parent->base.has_all(needed_to_open(oflags, base, parent->inheriting)))
        return fail(Errno::notcapable);
    const std::string text = TRY(guest.path(path));
    // Zig's library, and Rust's once, asks for a directory's own rights twice, and then opens
    // files in it: what is handed on was not thought of. fd_fdstat_set_rights tells it.
    if (base == inheriting && base.has(Right::path_open)) inheriting = parent->inheriting;
    if (!parent->inheriting.has_all(base | inheriting)) return fail(Errno::notcapable);
    if (oflags.has(Oflag::creat) && oflags.has(Oflag::directory)) return fail(Errno::inval);
    OpenRequest request = to_request(lookup, oflags, base, fdflags);
    if (parent->read_only) {
        if (request.writes || oflags.has_any(Oflag::creat | Oflag::trunc)) return fail(Errno::perm);
        request.resizes = false;
        base = base - rights::resizing;
    }
    TRY(wasi.fds.check_room());

    DescriptorPtr open = to_descriptor(TRY(parent->dir->open(text, request)), fdflags);
    open->base = open->base & base;
    open->inheriting = open->inheriting & inheriting;
    open->read_only = parent->read_only;
    return wasi.fds.insert(std::move(open));
}

}  // namespace waxwing::wasi
