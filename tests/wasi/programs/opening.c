/* What the C library asks for when it opens: in a directory that the program opened, in /ro, which
 * is read-only and has the file in.txt and the directory sub with f, and in /dev. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static int open_folder(const char* path, int flags) {
    const int folder = open(path, flags | O_DIRECTORY);
    CHECK(folder >= 3);
    return folder;
}

/* By way of a directory: makes, appends to, truncates, reads, renames and removes a file. */
static void work_in(int folder) {
    char buffer[16] = {0};
    int fd = openat(folder, "made", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    CHECK(fd >= 3 && write(fd, "abc", 3) == 3 && close(fd) == 0);
    fd = openat(folder, "made", O_WRONLY | O_APPEND);
    CHECK(fd >= 3 && write(fd, "d", 1) == 1 && close(fd) == 0);
    fd = openat(folder, "made", O_RDONLY);
    CHECK(fd >= 3 && read(fd, buffer, sizeof buffer) == 4 && strcmp(buffer, "abcd") == 0);
    FAILS(write(fd, "x", 1), EBADF);
    CHECK(ftruncate(fd, 0) == -1 && close(fd) == 0);
    fd = openat(folder, "made", O_RDWR | O_TRUNC);
    CHECK(fd >= 3 && lseek(fd, 0, SEEK_END) == 0 && ftruncate(fd, 5) == 0);
    CHECK(lseek(fd, 0, SEEK_END) == 5 && close(fd) == 0);
    CHECK(renameat(folder, "made", folder, "moved") == 0);
    CHECK(unlinkat(folder, "moved", 0) == 0);
}

static int entries_of(const char* path) {
    DIR* const stream = opendir(path);
    CHECK(stream != NULL);
    int count = 0;
    while (readdir(stream) != NULL)
        ++count;
    CHECK(closedir(stream) == 0);
    return count;
}

static void read_what_is_read_only(void) {
    char buffer[16] = {0};
    FILE* const file = fopen("/ro/in.txt", "r");
    CHECK(file != NULL && fgets(buffer, sizeof buffer, file) != NULL);
    CHECK(strcmp(buffer, "inside") == 0 && fclose(file) == 0);
    CHECK(entries_of("/ro") == 4);
    const int folder = open_folder("/ro/sub", O_RDONLY);
    const int fd = openat(folder, "f", O_RDONLY);
    CHECK(fd >= 3 && read(fd, buffer, sizeof buffer) == 8);
    CHECK(memcmp(buffer, "f in sub", 8) == 0 && close(fd) == 0 && close(folder) == 0);
    for (const char* const* mode = (const char*[]){"w", "a", "r+", "w+", NULL}; *mode; ++mode) {
        errno = 0;
        CHECK(fopen("/ro/in.txt", *mode) == NULL && errno == EPERM);
    }
    FAILS(open("/ro/in.txt", O_RDONLY | O_TRUNC), EPERM);
    FAILS(truncate("/ro/in.txt", 0), EPERM);
    FAILS(open("/ro/new", O_RDONLY | O_CREAT, 0666), EPERM);
}

static void use_devices(void) {
    char buffer[4] = "???";
    const int null = open("/dev/null", O_RDWR | O_CREAT | O_TRUNC, 0666);
    CHECK(null >= 3 && read(null, buffer, 4) == 0 && write(null, "abc", 3) == 3);
    CHECK(!isatty(null));
    struct stat status;
    CHECK(fstat(null, &status) == 0 && S_ISCHR(status.st_mode));
    FILE* const zero = fopen("/dev/zero", "r");
    CHECK(zero != NULL && fread(buffer, 1, 4, zero) == 4 && memcmp(buffer, "\0\0\0\0", 4) == 0);
    FILE* const full = fopen("/dev/full", "w");
    CHECK(full != NULL && fputs("abc", full) >= 0 && fflush(full) == EOF && errno == ENOSPC);
}

int main(void) {
    CHECK(mkdir("/folder", 0777) == 0);
    const int folder = open_folder("/folder", O_RDONLY), search = open_folder("/folder", O_SEARCH);
    work_in(folder);
    work_in(search);
    CHECK(close(folder) == 0 && close(search) == 0);
    CHECK(rmdir("/folder") == 0);
    read_what_is_read_only();
    if (getenv("DEVICES") != NULL) use_devices();
    puts("opening: ok");
    return 0;
}
