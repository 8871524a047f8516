/* Directories, as the C library sees them. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { count = 300 };

static void make(void) {
    CHECK(mkdir("/d", 0777) == 0);
    FAILS(mkdir("/d", 0777), EEXIST);
    FAILS(mkdir("/none/d", 0777), ENOENT);
    CHECK(mkdir("/d/inner", 0777) == 0);
    FAILS(rmdir("/d"), ENOTEMPTY);
    FAILS(unlink("/d/inner"), EISDIR);
    FAILS(open("/d", O_WRONLY), EISDIR);
    struct stat status;
    CHECK(stat("/d/inner", &status) == 0 && S_ISDIR(status.st_mode));
    for (int i = 0; i < count; ++i) {
        char name[32];
        snprintf(name, sizeof name, "/d/%d", i);
        const int fd = open(name, O_WRONLY | O_CREAT, 0666);
        CHECK(fd >= 3 && close(fd) == 0);
    }
}

static void list(void) {
    DIR* dir = opendir("/d");
    CHECK(dir != NULL);
    int seen = 0, dots = 0, directories = 0;
    long middle = 0;
    char after_middle[64] = "";
    for (struct dirent* entry; (entry = readdir(dir));) {
        dots += entry->d_name[0] == '.';
        directories += entry->d_type == DT_DIR;
        struct stat status;
        if (entry->d_name[0] != '.') {
            CHECK(fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0);
            CHECK(status.st_ino == entry->d_ino);
        }
        if (++seen == count / 2) {
            middle = telldir(dir);
            entry = readdir(dir);
            strcpy(after_middle, entry->d_name);
            ++seen;
        }
    }
    CHECK(seen == count + 3 && dots == 2 && directories == 3);
    seekdir(dir, middle);
    CHECK(strcmp(readdir(dir)->d_name, after_middle) == 0);
    rewinddir(dir);
    seen = 0;
    while (readdir(dir))
        ++seen;
    CHECK(seen == count + 3);
    CHECK(closedir(dir) == 0);
    CHECK(opendir("/d/0") == NULL && errno == ENOTDIR);

    struct dirent** all = NULL;
    CHECK(scandir("/d", &all, NULL, alphasort) == count + 3);
    CHECK(strcmp(all[0]->d_name, ".") == 0 && strcmp(all[2]->d_name, "0") == 0);
    for (int i = 0; i < count + 3; ++i)
        free(all[i]);
    free(all);
}

static void relative(void) {
    const int d = open("/d", O_RDONLY | O_DIRECTORY);
    CHECK(d >= 3);
    const int fd = openat(d, "inner/new", O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 3 && close(fd) == 0);
    FAILS(openat(d, "../d/inner/new", O_RDONLY), EPERM);
    CHECK(openat(d, "inner/../0", O_RDONLY) >= 3);
    CHECK(mkdirat(d, "made", 0777) == 0);
    CHECK(renameat(d, "inner/new", d, "made/new") == 0);
    CHECK(symlinkat("made", d, "to_made") == 0);
    CHECK(faccessat(d, "to_made/new", R_OK, 0) == 0);
    CHECK(linkat(d, "made/new", d, "linked", 0) == 0);
    CHECK(unlinkat(d, "linked", 0) == 0);
    CHECK(unlinkat(d, "to_made", 0) == 0);
    FAILS(unlinkat(d, "made", AT_REMOVEDIR), ENOTEMPTY);
    CHECK(unlinkat(d, "made/new", 0) == 0);
    CHECK(unlinkat(d, "made", AT_REMOVEDIR) == 0);
    CHECK(fsync(d) == 0);
    CHECK(close(d) == 0);
}

static void move_and_remove(void) {
    CHECK(rename("/d", "/e") == 0);
    CHECK(mkdir("/empty", 0777) == 0);
    FAILS(rename("/empty", "/e"), ENOTEMPTY);
    FAILS(rename("/e", "/e/inner/e"), EINVAL);
    CHECK(rename("/e", "/empty") == 0);
    CHECK(chdir("/empty") == 0);
    for (int i = 0; i < count; ++i) {
        char name[32];
        snprintf(name, sizeof name, "%d", i);
        CHECK(unlink(name) == 0);
    }
    CHECK(rmdir("inner") == 0);
    CHECK(rmdir("/empty") == 0);
    FAILS(rmdir("/empty"), ENOENT);
}

int main(void) {
    make();
    list();
    relative();
    move_and_remove();
    puts("directories: ok");
    return 0;
}
