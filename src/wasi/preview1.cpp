#include "wasi/preview1.hpp"

namespace waxwing::wasi {
namespace {

constexpr Function functions[] = {
    bind<args_get>("args_get"),
    bind<args_sizes_get>("args_sizes_get"),
    bind<environ_get>("environ_get"),
    bind<environ_sizes_get>("environ_sizes_get"),
    bind<clock_res_get>("clock_res_get"),
    bind<clock_time_get>("clock_time_get"),
    bind<fd_advise>("fd_advise"),
    bind<fd_allocate>("fd_allocate"),
    bind<fd_close>("fd_close"),
    bind<fd_datasync>("fd_datasync"),
    bind<fd_fdstat_get>("fd_fdstat_get"),
    bind<fd_fdstat_set_flags>("fd_fdstat_set_flags"),
    bind<fd_fdstat_set_rights>("fd_fdstat_set_rights"),
    bind<fd_filestat_get>("fd_filestat_get"),
    bind<fd_filestat_set_size>("fd_filestat_set_size"),
    bind<fd_filestat_set_times>("fd_filestat_set_times"),
    bind<fd_pread>("fd_pread"),
    bind<fd_prestat_get>("fd_prestat_get"),
    bind<fd_prestat_dir_name>("fd_prestat_dir_name"),
    bind<fd_pwrite>("fd_pwrite"),
    bind<fd_read>("fd_read"),
    bind<fd_readdir>("fd_readdir"),
    bind<fd_renumber>("fd_renumber"),
    bind<fd_seek>("fd_seek"),
    bind<fd_sync>("fd_sync"),
    bind<fd_tell>("fd_tell"),
    bind<fd_write>("fd_write"),
    bind<path_create_directory>("path_create_directory"),
    bind<path_filestat_get>("path_filestat_get"),
    bind<path_filestat_set_times>("path_filestat_set_times"),
    bind<path_link>("path_link"),
    bind<path_open>("path_open"),
    bind<path_readlink>("path_readlink"),
    bind<path_remove_directory>("path_remove_directory"),
    bind<path_rename>("path_rename"),
    bind<path_symlink>("path_symlink"),
    bind<path_unlink_file>("path_unlink_file"),
    bind<poll_oneoff>("poll_oneoff"),
    bind<proc_exit>("proc_exit"),
    bind<proc_raise>("proc_raise"),
    bind<sched_yield>("sched_yield"),
    bind<random_get>("random_get"),
    bind<sock_accept>("sock_accept"),
    bind<sock_recv>("sock_recv"),
    bind<sock_send>("sock_send"),
    bind<sock_shutdown>("sock_shutdown"),
};
static_assert(std::size(functions) == 46);

}  // namespace

std::span<const Function> preview1() { return functions; }

}  // namespace waxwing::wasi
