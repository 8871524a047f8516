// The functions of preview1, one family per file. The C++ signature says what
// the guest passes and gets: its parameters after `guest` are the guest's, its
// result is written through a last pointer of the guest's, checked beforehand.
#pragma once

#include <utility>

#include "wasi/context.hpp"
#include "wasi/guest.hpp"

namespace waxwing::wasi {

// The result of a function that does not return.
struct Never {};

// args.cpp
Expected<void> args_get(Context&, Guest&, GuestPtr<u32> argv, GuestPtr<char> buffer);
Expected<std::pair<Size, Size>> args_sizes_get(Context&, Guest&);

// environ.cpp
Expected<void> environ_get(Context&, Guest&, GuestPtr<u32> environ, GuestPtr<char> buffer);
Expected<std::pair<Size, Size>> environ_sizes_get(Context&, Guest&);

// clock.cpp
Expected<Timestamp> clock_res_get(Context&, Guest&, ClockId id);
Expected<Timestamp> clock_time_get(Context&, Guest&, ClockId id, Timestamp precision);

// random.cpp
Expected<void> random_get(Context&, Guest&, GuestBytes buffer);

// proc.cpp
Expected<Never> proc_exit(Context&, Guest&, u32 status);
Expected<void> proc_raise(Context&, Guest&, Signal signal);
Expected<void> sched_yield(Context&, Guest&);

// fd.cpp
Expected<void> fd_close(Context&, Guest&, Fd fd);
Expected<void> fd_renumber(Context&, Guest&, Fd from, Fd to);
Expected<Fdstat> fd_fdstat_get(Context&, Guest&, Fd fd);
Expected<void> fd_fdstat_set_flags(Context&, Guest&, Fd fd, Fdflags flags);
Expected<void> fd_fdstat_set_rights(Context&, Guest&, Fd fd, Rights base, Rights inheriting);
Expected<Prestat> fd_prestat_get(Context&, Guest&, Fd fd);
Expected<void> fd_prestat_dir_name(Context&, Guest&, Fd fd, GuestBytes name);
Expected<Size> fd_readdir(Context&, Guest&, Fd fd, GuestBytes buffer, Dircookie cookie);

// fd_file.cpp
Expected<Filestat> fd_filestat_get(Context&, Guest&, Fd fd);
Expected<void> fd_filestat_set_size(Context&, Guest&, Fd fd, Filesize size);
Expected<void> fd_filestat_set_times(Context&, Guest&, Fd fd, Timestamp atim, Timestamp mtim,
                                     Fstflags which);
Expected<void> fd_advise(Context&, Guest&, Fd fd, Filesize offset, Filesize length, Advice advice);
Expected<void> fd_allocate(Context&, Guest&, Fd fd, Filesize offset, Filesize length);
Expected<void> fd_datasync(Context&, Guest&, Fd fd);
Expected<void> fd_sync(Context&, Guest&, Fd fd);

// fd_io.cpp
Expected<Size> fd_read(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs);
Expected<Size> fd_write(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs);
Expected<Size> fd_pread(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs, Filesize offset);
Expected<Size> fd_pwrite(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs, Filesize offset);
Expected<Filesize> fd_seek(Context&, Guest&, Fd fd, Filedelta delta, Whence whence);
Expected<Filesize> fd_tell(Context&, Guest&, Fd fd);

// path_open.cpp
Expected<Fd> path_open(Context&, Guest&, Fd fd, Lookupflags lookup, GuestString path, Oflags oflags,
                       Rights base, Rights inheriting, Fdflags fdflags);

// path.cpp
Expected<void> path_create_directory(Context&, Guest&, Fd fd, GuestString path);
Expected<Filestat> path_filestat_get(Context&, Guest&, Fd fd, Lookupflags lookup, GuestString path);
Expected<void> path_filestat_set_times(Context&, Guest&, Fd fd, Lookupflags lookup,
                                       GuestString path, Timestamp atim, Timestamp mtim,
                                       Fstflags which);
Expected<void> path_link(Context&, Guest&, Fd old_fd, Lookupflags old_lookup, GuestString old_path,
                         Fd new_fd, GuestString new_path);
Expected<Size> path_readlink(Context&, Guest&, Fd fd, GuestString path, GuestBytes buffer);
Expected<void> path_remove_directory(Context&, Guest&, Fd fd, GuestString path);
Expected<void> path_rename(Context&, Guest&, Fd old_fd, GuestString old_path, Fd new_fd,
                           GuestString new_path);
Expected<void> path_symlink(Context&, Guest&, GuestString target, Fd fd, GuestString path);
Expected<void> path_unlink_file(Context&, Guest&, Fd fd, GuestString path);

// poll.cpp
Expected<Size> poll_oneoff(Context&, Guest&, GuestPtr<Subscription> in, GuestPtr<Event> out,
                           Size count);

// sock.cpp
Expected<Fd> sock_accept(Context&, Guest&, Fd fd, Fdflags flags);
Expected<std::pair<Size, Roflags>> sock_recv(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs,
                                             Riflags flags);
Expected<Size> sock_send(Context&, Guest&, Fd fd, GuestArray<Iovec> iovs, Siflags flags);
Expected<void> sock_shutdown(Context&, Guest&, Fd fd, Sdflags how);

}  // namespace waxwing::wasi
