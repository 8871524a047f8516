/* The life of a file, as the C library sees it. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

static off_t size_of(const char* path) {
    struct stat status;
    CHECK(stat(path, &status) == 0);
    return status.st_size;
}

static void expect_content(const char* path, const char* text) {
    char buffer[256];
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 3);
    const ssize_t count = read(fd, buffer, sizeof buffer);
    CHECK(count == (ssize_t)strlen(text));
    CHECK(memcmp(buffer, text, strlen(text)) == 0);
    CHECK(read(fd, buffer, sizeof buffer) == 0);
    CHECK(close(fd) == 0);
    FAILS(close(fd), EBADF);
}

static void create_and_write(void) {
    int fd = open("/file", O_RDWR | O_CREAT | O_EXCL, 0666);
    CHECK(fd >= 3);
    CHECK(write(fd, "hello", 5) == 5);
    CHECK(lseek(fd, 0, SEEK_CUR) == 5);
    CHECK(lseek(fd, -2, SEEK_END) == 3);
    CHECK(write(fd, "p!", 2) == 2);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    char buffer[8] = {0};
    CHECK(read(fd, buffer, 4) == 4 && strcmp(buffer, "help") == 0);
    CHECK(lseek(fd, 0, SEEK_CUR) == 4);
    CHECK(close(fd) == 0);
    FAILS(open("/file", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
    FAILS(open("/none", O_RDONLY), ENOENT);
    FAILS(open("/file/below", O_RDONLY), ENOTDIR);
    expect_content("/file", "help!");
}

static void transfer_in_pieces(void) {
    const int fd = open("/file", O_RDWR | O_TRUNC);
    CHECK(fd >= 3 && size_of("/file") == 0);
    struct iovec out[3] = {{"one ", 4}, {"", 0}, {"two", 3}};
    CHECK(writev(fd, out, 3) == 7);
    CHECK(pwrite(fd, "TWO", 3, 4) == 3);
    CHECK(lseek(fd, 0, SEEK_CUR) == 7);
    char first[4], second[8];
    struct iovec in[2] = {{first, 4}, {second, 8}};
    CHECK(preadv(fd, in, 2, 0) == 7);
    CHECK(memcmp(first, "one ", 4) == 0 && memcmp(second, "TWO", 3) == 0);
    CHECK(pread(fd, first, 4, 5) == 2 && memcmp(first, "WO", 2) == 0);
    CHECK(pread(fd, first, 4, 100) == 0);
    CHECK(pwrite(fd, "!", 1, 9) == 1);
    CHECK(size_of("/file") == 10);
    CHECK(pread(fd, second, 8, 7) == 3 && memcmp(second, "\0\0!", 3) == 0);
    CHECK(close(fd) == 0);
}

static void append(void) {
    int fd = open("/file", O_WRONLY | O_TRUNC);
    CHECK(write(fd, "abc", 3) == 3);
    CHECK(close(fd) == 0);
    fd = open("/file", O_WRONLY | O_APPEND);
    CHECK(write(fd, "d", 1) == 1);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    CHECK(write(fd, "e", 1) == 1);
    CHECK(fcntl(fd, F_GETFL) & O_APPEND);
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    CHECK(write(fd, "A", 1) == 1);
    char byte;
    FAILS(read(fd, &byte, 1), EBADF);
    CHECK(close(fd) == 0);
    fd = open("/file", O_RDONLY);
    FAILS(write(fd, "x", 1), EBADF);
    CHECK(close(fd) == 0);
    expect_content("/file", "Abcde");
}

static void change_size(void) {
    const int fd = open("/file", O_RDWR);
    CHECK(ftruncate(fd, 2) == 0 && size_of("/file") == 2);
    CHECK(ftruncate(fd, 4) == 0 && size_of("/file") == 4);
    const int allocated = posix_fallocate(fd, 2, 6);
    CHECK(allocated == 0 || allocated == ENOTSUP);
    CHECK(size_of("/file") == (allocated == 0 ? 8 : 4));
    CHECK(posix_fallocate(fd, 0, 0) == EINVAL);
    CHECK(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
    CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
    CHECK(close(fd) == 0);
}

static void names(void) {
    struct stat one, two;
    CHECK(link("/file", "/second") == 0);
    FAILS(link("/file", "/second"), EEXIST);
    CHECK(stat("/file", &one) == 0 && stat("/second", &two) == 0);
    CHECK(one.st_ino == two.st_ino && one.st_dev == two.st_dev && one.st_nlink == 2);
    CHECK(S_ISREG(one.st_mode));
    CHECK(symlink("file", "/link") == 0);
    char text[16];
    CHECK(readlink("/link", text, sizeof text) == 4 && memcmp(text, "file", 4) == 0);
    CHECK(readlink("/link", text, 2) == 2);
    FAILS(readlink("/file", text, sizeof text), EINVAL);
    CHECK(lstat("/link", &one) == 0 && S_ISLNK(one.st_mode) && one.st_size == 4);
    CHECK(stat("/link", &one) == 0 && one.st_ino == two.st_ino);
    FAILS(open("/link", O_RDONLY | O_NOFOLLOW), ELOOP);
    FAILS(symlink("/etc/passwd", "/absolute"), EPERM);
    CHECK(symlink("../../etc/passwd", "/out") == 0);
    FAILS(open("/out", O_RDONLY), EPERM);
    CHECK(unlink("/out") == 0);
    CHECK(rename("/second", "/third") == 0);
    FAILS(stat("/second", &one), ENOENT);
    CHECK(rename("/third", "/link") == 0);
    CHECK(lstat("/link", &one) == 0 && S_ISREG(one.st_mode) && one.st_ino == two.st_ino);
    const int fd = open("/link", O_RDONLY);
    CHECK(unlink("/link") == 0 && unlink("/file") == 0);
    FAILS(unlink("/file"), ENOENT);
    CHECK(fstat(fd, &one) == 0 && one.st_nlink == 0 && "it stays while it is open");
    CHECK(close(fd) == 0);
}

static void times(void) {
    int fd = open("/timed", O_RDWR | O_CREAT, 0666);
    const struct timespec set[2] = {{1000, 1}, {2000, 999999999}};
    CHECK(futimens(fd, set) == 0);
    struct stat status;
    CHECK(fstat(fd, &status) == 0);
    CHECK(status.st_atim.tv_sec == 1000 && status.st_atim.tv_nsec == 1);
    CHECK(status.st_mtim.tv_sec == 2000 && status.st_mtim.tv_nsec == 999999999);
    CHECK(close(fd) == 0);
    const struct timespec others[2] = {{4000, 0}, {3000, 5}};
    CHECK(utimensat(AT_FDCWD, "/timed", others, 0) == 0);
    CHECK(stat("/timed", &status) == 0);
    CHECK(status.st_atim.tv_sec == 4000 && status.st_mtim.tv_sec == 3000);
    CHECK(unlink("/timed") == 0);
}

int main(void) {
    create_and_write();
    transfer_in_pieces();
    append();
    change_size();
    names();
    times();
    puts("files: ok");
    return 0;
}
