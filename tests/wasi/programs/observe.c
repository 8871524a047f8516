/* Prints all that may differ from run to run. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void print_status(const char* path) {
    struct stat status;
    CHECK(lstat(path, &status) == 0);
    printf("%s: %llu:%llu %u links, %lld bytes, %lld.%09ld\n", path,
           (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
           (unsigned)status.st_nlink, (long long)status.st_size, (long long)status.st_mtim.tv_sec,
           status.st_mtim.tv_nsec);
}

int main(void) {
    for (int round = 0; round < 3; ++round) {
        struct timespec now;
        CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
        printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
        const struct timespec nap = {0, 1000000};
        CHECK(nanosleep(&nap, NULL) == 0);
        unsigned char bytes[8];
        CHECK(getentropy(bytes, sizeof bytes) == 0);
        for (int i = 0; i < 8; ++i)
            printf("%02x", bytes[i]);
        DIR* dir = opendir("/");
        CHECK(dir != NULL);
        for (struct dirent* entry; (entry = readdir(dir));)
            printf(" %s:%llu", entry->d_name, (unsigned long long)entry->d_ino);
        putchar('\n');
        closedir(dir);
        const int fd = open("/made", O_WRONLY | O_CREAT, 0666);
        CHECK(fd >= 3 && write(fd, "text", 4) == 4 && close(fd) == 0);
        print_status("/");
        print_status("/in.txt");
        print_status("/made");
        CHECK(rename("/made", "/in.txt") == 0);
        print_status("/in.txt");
    }
    return 0;
}
