#include <algorithm>
#include <limits>

#include "wasi/fuel.hpp"
#include "wasi/functions.hpp"

namespace waxwing::wasi {

// fd_close(fd)
//   badf: not open.
// What the host lent, such as its standard output, stays open there.
Expected<void> fd_close(Context& wasi, Guest&, Fd fd) { return wasi.fds.close(fd); }

// fd_renumber(from, to)
//   badf: one of them is not open.
Expected<void> fd_renumber(Context& wasi, Guest&, Fd from, Fd to) {
    return wasi.fds.renumber(from, to);
}

// fd_fdstat_get(fd) -> type, flags, rights
//   badf: not open.
Expected<Fdstat> fd_fdstat_get(Context& wasi, Guest&, Fd fd) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    Fdstat stat;
    stat.filetype = open->type();
    stat.flags = open->flags;
    stat.rights_base = open->base;
    stat.rights_inheriting = open->inheriting;
    return stat;
}

// fd_fdstat_set_flags(fd, flags)
//   inval: how the file synchronizes cannot change after it was opened.
// nonblock is the guest's own: the host's descriptor, which others may share,
// does not have it.
Expected<void> fd_fdstat_set_flags(Context& wasi, Guest&, Fd fd, Fdflags flags) {
    constexpr Fdflags fixed = Fdflag::dsync | Fdflag::rsync | Fdflag::sync;
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->base.has(Right::fd_fdstat_set_flags)) return fail(Errno::notcapable);
    if ((flags & fixed) != (open->flags & fixed)) return fail(Errno::inval);
    if (open->file) {
        TRY(open->file->set_flags(flags));
        open->flags = flags;
    }
    return {};
}

// fd_fdstat_set_rights(fd, base, inheriting)
//   notcapable: a right that is not there already; then nothing changes.
Expected<void> fd_fdstat_set_rights(Context& wasi, Guest&, Fd fd, Rights base, Rights inheriting) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->base.has_all(base) || !open->inheriting.has_all(inheriting))
        return fail(Errno::notcapable);
    open->base = base;
    open->inheriting = inheriting;
    return {};
}

// fd_prestat_get(fd) -> the length of its name
//   badf: not a preopened directory; the C library stops looking there.
Expected<Prestat> fd_prestat_get(Context& wasi, Guest&, Fd fd) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->preopen) return fail(Errno::badf);
    Prestat stat;
    stat.name_len = static_cast<u32>(open->preopen->size());
    return stat;
}

// fd_prestat_dir_name(fd, name)
//   badf: not a preopened directory.  nametoolong: it does not fit.
// No NUL; a longer buffer is left as it is beyond the name.
Expected<void> fd_prestat_dir_name(Context& wasi, Guest& guest, Fd fd, GuestBytes name) {
    const DescriptorPtr open = TRY(wasi.fds.get(fd));
    if (!open->preopen) return fail(Errno::badf);
    const std::string& text = *open->preopen;
    const auto buffer = TRY(guest.bytes(name));
    if (buffer.size() < text.size()) return fail(Errno::nametoolong);
    std::memcpy(buffer.data(), text.data(), text.size());
    return {};
}

// fd_readdir(fd, buffer, cookie) -> bytes used
//   badf: not open.  notdir: not a directory.
// Fills the buffer, and cuts the last entry anywhere. Less than all of it used
// means the end of the directory. "." and ".." are entries too.
Expected<Size> fd_readdir(Context& wasi, Guest& guest, Fd fd, GuestBytes buffer, Dircookie cookie) {
    const DescriptorPtr open = TRY(wasi.fds.dir(fd, Right::fd_readdir));
    const auto bytes = TRY(guest.bytes(buffer));
    auto rest = bytes;
    const auto put = [&rest](const void* from, usize size) {
        const usize count = std::min(size, rest.size());
        if (count != 0) std::memcpy(rest.data(), from, count);
        rest = rest.subspan(count);
    };
    while (!rest.empty()) {
        if (guest.should_stop()) return std::unexpected(guest.interrupted());
        const auto entry = TRY(open->dir->entry_after(cookie));
        if (!entry) break;
        guest.consume_fuel(fuel::per_entry + entry->name.size() / fuel::bytes_per_unit);
        Dirent header;
        header.next = entry->next;
        header.ino = entry->ino;
        header.name_len = static_cast<u32>(entry->name.size());
        header.type = entry->type;
        put(&header, sizeof header);
        put(entry->name.data(), entry->name.size());
        cookie = entry->next;
    }
    return static_cast<Size>(bytes.size() - rest.size());
}

}  // namespace waxwing::wasi
