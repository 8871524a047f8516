// Which rights a descriptor can have, by what it stands for.
#pragma once

#include "wasi/abi.hpp"

namespace waxwing::wasi::rights {

inline constexpr Rights all = Rights::from_bits(Rights::defined);

inline constexpr Rights regular_file =
    Right::fd_datasync | Right::fd_read | Right::fd_seek | Right::fd_fdstat_set_flags |
    Right::fd_sync | Right::fd_tell | Right::fd_write | Right::fd_advise | Right::fd_allocate |
    Right::fd_filestat_get | Right::fd_filestat_set_size | Right::fd_filestat_set_times |
    Right::poll_fd_readwrite;

// Of memory, such as /dev/null. It can seek, so that isatty() does not take it for
// a terminal; it has no size.
inline constexpr Rights device = regular_file - (Right::fd_allocate | Right::fd_filestat_set_size);

// No seeking: isatty() of the C library takes a character device that cannot
// seek for a terminal.
inline constexpr Rights stream = Right::fd_datasync | Right::fd_read | Right::fd_fdstat_set_flags |
                                 Right::fd_sync | Right::fd_write | Right::fd_filestat_get |
                                 Right::poll_fd_readwrite;

inline constexpr Rights connection = Right::fd_read | Right::fd_write | Right::sock_shutdown |
                                     Right::fd_fdstat_set_flags | Right::fd_filestat_get |
                                     Right::poll_fd_readwrite;
inline constexpr Rights listener = Right::sock_accept | Right::fd_fdstat_set_flags |
                                   Right::fd_filestat_get | Right::poll_fd_readwrite;

inline constexpr Rights directory =
    Right::fd_fdstat_set_flags | Right::fd_sync | Right::path_create_directory |
    Right::path_create_file | Right::path_link_source | Right::path_link_target | Right::path_open |
    Right::fd_readdir | Right::path_readlink | Right::path_rename_source |
    Right::path_rename_target | Right::path_filestat_get | Right::path_filestat_set_size |
    Right::path_filestat_set_times | Right::fd_filestat_get | Right::fd_filestat_set_times |
    Right::path_symlink | Right::path_remove_directory | Right::path_unlink_file;

// Of files that can be written, whether or not they are open for that.
inline constexpr Rights resizing = Right::fd_allocate | Right::fd_filestat_set_size;
inline constexpr Rights writing = Right::fd_write | resizing;
inline constexpr Rights reading = Right::fd_read | Right::fd_readdir;

}  // namespace waxwing::wasi::rights
