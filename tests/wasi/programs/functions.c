/* Every function of the interface itself, once where it works and once where it
 * does not, without a C library in between. The preopen "/" is descriptor 3. */
#include <wasi/api.h>

#include "check.h"

#define EQUALS(call, error) CHECK((errno = (call)) == (error))
#define WORKS(call) EQUALS(call, 0)

/* Not declared by every C library. */
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) __wasi_errno_t
proc_raise(int signal);

static __wasi_fd_t open_file(const char* path, __wasi_oflags_t oflags, __wasi_rights_t rights) {
    __wasi_fd_t fd = 99;
    WORKS(__wasi_path_open(3, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, oflags, rights, 0, 0, &fd));
    return fd;
}

static void arguments(void) {
    __wasi_size_t count = 99, size = 99;
    WORKS(__wasi_args_sizes_get(&count, &size));
    CHECK(count == 1 && size == sizeof "functions");
    uint8_t *pointers[1], bytes[16];
    WORKS(__wasi_args_get(pointers, bytes));
    CHECK(strcmp((char*)pointers[0], "functions") == 0);
    WORKS(__wasi_environ_sizes_get(&count, &size));
    CHECK(count == 1 && size == sizeof "A=1");
    WORKS(__wasi_environ_get(pointers, bytes));
    CHECK(strcmp((char*)pointers[0], "A=1") == 0);
}

static void clocks_and_chance(void) {
    __wasi_timestamp_t first, second;
    for (__wasi_clockid_t clock = 0; clock < 2; ++clock) {
        WORKS(__wasi_clock_res_get(clock, &first));
        CHECK(first > 0);
        WORKS(__wasi_clock_time_get(clock, 1, &first));
        WORKS(__wasi_clock_time_get(clock, 0, &second));
        CHECK(second >= first);
    }
    EQUALS(__wasi_clock_res_get((__wasi_clockid_t)9, &first), __WASI_ERRNO_INVAL);
    EQUALS(__wasi_clock_time_get((__wasi_clockid_t)9, 0, &first), __WASI_ERRNO_INVAL);
    uint8_t bytes[4];
    WORKS(__wasi_random_get(bytes, sizeof bytes));
    WORKS(__wasi_random_get(bytes, 0));
    WORKS(__wasi_sched_yield());
    EQUALS(proc_raise(0), __WASI_ERRNO_NOSYS);
}

static void a_file(void) {
    const __wasi_rights_t all = ~(__wasi_rights_t)0 >> 34;
    const __wasi_fd_t fd = open_file("f", __WASI_OFLAGS_CREAT, all);
    CHECK(fd == 4);
    const __wasi_ciovec_t out = {(const uint8_t*)"0123456789", 10};
    uint8_t buffer[16];
    const __wasi_iovec_t in = {buffer, 4};
    __wasi_size_t moved = 99;
    __wasi_filesize_t at = 99;
    WORKS(__wasi_fd_write(fd, &out, 1, &moved));
    CHECK(moved == 10);
    WORKS(__wasi_fd_pwrite(fd, &out, 1, 5, &moved));
    WORKS(__wasi_fd_tell(fd, &at));
    CHECK(at == 10);
    WORKS(__wasi_fd_seek(fd, -4, __WASI_WHENCE_END, &at));
    CHECK(at == 11);
    WORKS(__wasi_fd_read(fd, &in, 1, &moved));
    CHECK(moved == 4 && memcmp(buffer, "6789", 4) == 0);
    WORKS(__wasi_fd_pread(fd, &in, 1, 1, &moved));
    CHECK(moved == 4 && memcmp(buffer, "1234", 4) == 0);
    EQUALS(__wasi_fd_read(99, &in, 1, &moved), __WASI_ERRNO_BADF);
    EQUALS(__wasi_fd_write(99, &out, 1, &moved), __WASI_ERRNO_BADF);
    EQUALS(__wasi_fd_pread(3, &in, 1, 0, &moved), __WASI_ERRNO_ISDIR);
    EQUALS(__wasi_fd_pwrite(3, &out, 1, 0, &moved), __WASI_ERRNO_BADF);
    EQUALS(__wasi_fd_seek(fd, 0, 3, &at), __WASI_ERRNO_INVAL);
    EQUALS(__wasi_fd_tell(3, &at), __WASI_ERRNO_BADF);

    WORKS(__wasi_fd_advise(fd, 0, 4, __WASI_ADVICE_WILLNEED));
    EQUALS(__wasi_fd_advise(fd, 0, 4, 6), __WASI_ERRNO_INVAL);
    const __wasi_errno_t allocated = __wasi_fd_allocate(fd, 0, 20);
    CHECK(allocated == 0 || allocated == __WASI_ERRNO_NOTSUP);
    EQUALS(__wasi_fd_allocate(fd, 0, 0), __WASI_ERRNO_INVAL);
    WORKS(__wasi_fd_datasync(fd));
    WORKS(__wasi_fd_sync(fd));
    WORKS(__wasi_fd_filestat_set_size(fd, 3));
    EQUALS(__wasi_fd_filestat_set_size(fd, (uint64_t)1 << 63), __WASI_ERRNO_INVAL);
    WORKS(__wasi_fd_filestat_set_times(fd, 5, 6, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    EQUALS(__wasi_fd_filestat_set_times(fd, 5, 6, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW),
           __WASI_ERRNO_INVAL);
    __wasi_filestat_t status;
    WORKS(__wasi_fd_filestat_get(fd, &status));
    CHECK(status.size == 3 && status.atim == 5 && status.mtim == 6 && status.nlink == 1);
    CHECK(status.filetype == __WASI_FILETYPE_REGULAR_FILE);

    __wasi_fdstat_t stat;
    WORKS(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND));
    EQUALS(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_SYNC), __WASI_ERRNO_INVAL);
    WORKS(__wasi_fd_fdstat_set_rights(fd, __WASI_RIGHTS_FD_READ, 0));
    EQUALS(__wasi_fd_fdstat_set_rights(fd, __WASI_RIGHTS_FD_WRITE, 0), __WASI_ERRNO_NOTCAPABLE);
    WORKS(__wasi_fd_fdstat_get(fd, &stat));
    CHECK(stat.fs_flags == __WASI_FDFLAGS_APPEND);
    CHECK(stat.fs_rights_base == __WASI_RIGHTS_FD_READ && stat.fs_rights_inheriting == 0);

    const __wasi_fd_t other = open_file("f", 0, __WASI_RIGHTS_FD_READ);
    CHECK(other == 5);
    WORKS(__wasi_fd_renumber(other, fd));
    EQUALS(__wasi_fd_renumber(other, fd), __WASI_ERRNO_BADF);
    EQUALS(__wasi_fd_renumber(fd, 77), __WASI_ERRNO_BADF);
    WORKS(__wasi_fd_close(fd));
    EQUALS(__wasi_fd_close(fd), __WASI_ERRNO_BADF);
}

static void paths(void) {
    __wasi_prestat_t prestat;
    uint8_t name[8];
    WORKS(__wasi_fd_prestat_get(3, &prestat));
    CHECK(prestat.tag == __WASI_PREOPENTYPE_DIR && prestat.u.dir.pr_name_len == 1);
    WORKS(__wasi_fd_prestat_dir_name(3, name, 1));
    CHECK(name[0] == '/');
    EQUALS(__wasi_fd_prestat_dir_name(3, name, 0), __WASI_ERRNO_NAMETOOLONG);
    EQUALS(__wasi_fd_prestat_get(4, &prestat), __WASI_ERRNO_BADF);

    __wasi_filestat_t status;
    __wasi_fd_t fd;
    WORKS(__wasi_path_create_directory(3, "d"));
    EQUALS(__wasi_path_create_directory(3, "../d"), __WASI_ERRNO_PERM);
    WORKS(__wasi_path_filestat_get(3, 0, "d", &status));
    CHECK(status.filetype == __WASI_FILETYPE_DIRECTORY);
    EQUALS(__wasi_path_filestat_get(3, 2, "d", &status), __WASI_ERRNO_INVAL);
    WORKS(__wasi_path_filestat_set_times(3, 0, "f", 0, 8, __WASI_FSTFLAGS_MTIM));
    WORKS(__wasi_path_filestat_set_times(3, 0, "f", 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
    WORKS(__wasi_path_filestat_get(3, 0, "f", &status));
    CHECK(status.mtim > 900000000000000000);
    EQUALS(__wasi_path_filestat_set_times(3, 0, "none", 0, 8, 0), __WASI_ERRNO_NOENT);
    WORKS(__wasi_path_link(3, 0, "f", 3, "d/g"));
    EQUALS(__wasi_path_link(3, 0, "f", 3, "d/g"), __WASI_ERRNO_EXIST);
    WORKS(__wasi_path_symlink("d", 3, "l"));
    EQUALS(__wasi_path_symlink("/d", 3, "m"), __WASI_ERRNO_PERM);
    __wasi_size_t length;
    WORKS(__wasi_path_readlink(3, "l", name, sizeof name, &length));
    CHECK(length == 1 && name[0] == 'd');
    EQUALS(__wasi_path_readlink(3, "f", name, sizeof name, &length), __WASI_ERRNO_INVAL);
    WORKS(__wasi_path_rename(3, "l/g", 3, "h"));
    EQUALS(__wasi_path_rename(3, "l/g", 3, "h"), __WASI_ERRNO_NOENT);
    EQUALS(__wasi_path_open(3, 0, "l", 0, 0, 0, 0, &fd), __WASI_ERRNO_LOOP);
    EQUALS(__wasi_path_open(3, 0, "/", 0, 0, 0, 0, &fd), __WASI_ERRNO_PERM);
    EQUALS(__wasi_path_remove_directory(3, "l"), __WASI_ERRNO_NOTDIR);
    EQUALS(__wasi_path_unlink_file(3, "d"), __WASI_ERRNO_ISDIR);

    uint8_t entries[512];
    WORKS(__wasi_fd_readdir(3, entries, sizeof entries, __WASI_DIRCOOKIE_START, &length));
    int count = 0;
    for (__wasi_size_t offset = 0; offset < length; ++count) {
        __wasi_dirent_t entry;
        memcpy(&entry, entries + offset, sizeof entry);
        offset += sizeof entry + entry.d_namlen;
    }
    CHECK(count == 6 && ". .. d f h l");
    EQUALS(__wasi_fd_readdir(1, entries, sizeof entries, 0, &length), __WASI_ERRNO_NOTDIR);
    for (const char* const* each = (const char* const[]){"f", "h", "l", NULL}; *each; ++each)
        WORKS(__wasi_path_unlink_file(3, *each));
    WORKS(__wasi_path_remove_directory(3, "d"));
}

static void waiting(void) {
    __wasi_subscription_t subscriptions[2] = {
        {.userdata = 1,
         .u = {.tag = __WASI_EVENTTYPE_CLOCK, .u.clock = {.id = 1, .timeout = 1000000}}},
        {.userdata = 2,
         .u = {.tag = __WASI_EVENTTYPE_FD_WRITE, .u.fd_write = {.file_descriptor = 1}}}};
    __wasi_event_t events[2];
    __wasi_size_t count = 99;
    WORKS(__wasi_poll_oneoff(subscriptions, events, 1, &count));
    CHECK(count == 1 && events[0].userdata == 1 && events[0].type == __WASI_EVENTTYPE_CLOCK);
    WORKS(__wasi_poll_oneoff(subscriptions, events, 2, &count));
    CHECK(count >= 1 && events[count - 1].userdata == 2 && events[count - 1].error == 0);
    EQUALS(__wasi_poll_oneoff(subscriptions, events, 0, &count), __WASI_ERRNO_INVAL);
}

static void sockets(void) {
    const __wasi_ciovec_t out = {(const uint8_t*)"x", 1};
    uint8_t byte;
    const __wasi_iovec_t in = {&byte, 1};
    __wasi_size_t moved;
    __wasi_roflags_t flags;
    __wasi_fd_t fd;
    EQUALS(__wasi_sock_accept(1, 0, &fd), __WASI_ERRNO_NOTSOCK);
    EQUALS(__wasi_sock_recv(0, &in, 1, 0, &moved, &flags), __WASI_ERRNO_NOTSOCK);
    EQUALS(__wasi_sock_send(1, &out, 1, 0, &moved), __WASI_ERRNO_NOTSOCK);
    EQUALS(__wasi_sock_shutdown(1, __WASI_SDFLAGS_WR), __WASI_ERRNO_NOTSOCK);
    EQUALS(__wasi_sock_accept(99, 0, &fd), __WASI_ERRNO_BADF);
    EQUALS(__wasi_sock_shutdown(99, __WASI_SDFLAGS_RD), __WASI_ERRNO_BADF);
}

int main(void) {
    arguments();
    clocks_and_chance();
    a_file();
    paths();
    waiting();
    sockets();
    puts("functions: ok");
    fflush(stdout);
    __wasi_proc_exit(0);
}
