#include "wasi/preview1.hpp"

#include "wasi/fuel.hpp"

namespace waxwing::wasi {
namespace {

constexpr Function functions[] = {
    bind<args_get>("args_get", fuel::at_hand),
    bind<args_sizes_get>("args_sizes_get", fuel::at_hand),
    bind<environ_get>("environ_get", fuel::at_hand),
    bind<environ_sizes_get>("environ_sizes_get", fuel::at_hand),
    bind<clock_res_get>("clock_res_get", fuel::at_hand),
    bind<clock_time_get>("clock_time_get", fuel::at_hand),
    bind<fd_advise>("fd_advise", fuel::system_call),
    bind<fd_allocate>("fd_allocate", fuel::system_call),
    bind<fd_close>("fd_close", fuel::system_call),
    bind<fd_datasync>("fd_datasync", fuel::system_call),
    bind<fd_fdstat_get>("fd_fdstat_get", fuel::at_hand),
    bind<fd_fdstat_set_flags>("fd_fdstat_set_flags", fuel::system_call),
    bind<fd_fdstat_set_rights>("fd_fdstat_set_rights", fuel::at_hand),
    bind<fd_filestat_get>("fd_filestat_get", fuel::system_call),
    bind<fd_filestat_set_size>("fd_filestat_set_size", fuel::system_call),
    bind<fd_filestat_set_times>("fd_filestat_set_times", fuel::system_call),
    bind<fd_pread>("fd_pread", fuel::system_call),
    bind<fd_prestat_get>("fd_prestat_get", fuel::at_hand),
    bind<fd_prestat_dir_name>("fd_prestat_dir_name", fuel::at_hand),
    bind<fd_pwrite>("fd_pwrite", fuel::system_call),
    bind<fd_read>("fd_read", fuel::system_call),
    bind<fd_readdir>("fd_readdir", fuel::system_call),
    bind<fd_renumber>("fd_renumber", fuel::at_hand),
    bind<fd_seek>("fd_seek", fuel::system_call),
    bind<fd_sync>("fd_sync", fuel::system_call),
    bind<fd_tell>("fd_tell", fuel::system_call),
    bind<fd_write>("fd_write", fuel::system_call),
    bind<path_create_directory>("path_create_directory", fuel::path),
    bind<path_filestat_get>("path_filestat_get", fuel::path),
    bind<path_filestat_set_times>("path_filestat_set_times", fuel::path),
    bind<path_link>("path_link", fuel::path),
    bind<path_open>("path_open", fuel::path),
    bind<path_readlink>("path_readlink", fuel::path),
    bind<path_remove_directory>("path_remove_directory", fuel::path),
    bind<path_rename>("path_rename", fuel::path),
    bind<path_symlink>("path_symlink", fuel::path),
    bind<path_unlink_file>("path_unlink_file", fuel::path),
    bind<poll_oneoff>("poll_oneoff", fuel::system_call),
    bind<proc_exit>("proc_exit", fuel::at_hand),
    bind<proc_raise>("proc_raise", fuel::at_hand),
    bind<sched_yield>("sched_yield", fuel::system_call),
    bind<random_get>("random_get", fuel::system_call),
    bind<sock_accept>("sock_accept", fuel::path),
    bind<sock_recv>("sock_recv", fuel::system_call),
    bind<sock_send>("sock_send", fuel::system_call),
    bind<sock_shutdown>("sock_shutdown", fuel::system_call),
};
static_assert(std::size(functions) == 46);

}  // namespace

std::span<const Function> preview1() { return functions; }

}  // namespace waxwing::wasi
