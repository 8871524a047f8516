/* Arguments, environment, streams, clocks, waiting, random bytes, the way out.
 * Expects: process one "two words" "", A=1, EMPTY=, "line\n" on standard input. */
#include <poll.h>
#include <sched.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

extern char** environ;

static void clocks(void) {
    struct timespec resolution, first, second, real;
    CHECK(clock_getres(CLOCK_MONOTONIC, &resolution) == 0);
    CHECK(resolution.tv_sec > 0 || resolution.tv_nsec > 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &first) == 0);
    CHECK(clock_gettime(CLOCK_REALTIME, &real) == 0 && real.tv_sec > 900000000);
    const struct timespec nap = {0, 3000000};
    CHECK(nanosleep(&nap, NULL) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &second) == 0);
    const long long slept =
        (second.tv_sec - first.tv_sec) * 1000000000LL + second.tv_nsec - first.tv_nsec;
    CHECK(slept >= 3000000);
    struct timespec until = second;
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
    CHECK(time(NULL) > 900000000);
}

static void wait_for_streams(void) {
    struct pollfd streams[2] = {{0, POLLIN, 0}, {1, POLLOUT, 0}};
    CHECK(poll(streams, 2, 1000) == 2);
    CHECK((streams[0].revents & POLLIN) && (streams[1].revents & POLLOUT));
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(0, &readable);
    struct timeval timeout = {1, 0};
    CHECK(select(1, &readable, NULL, NULL, &timeout) == 1 && FD_ISSET(0, &readable));
    CHECK(poll(NULL, 0, 1) == 0);
    struct pollfd closed = {77, POLLIN, 0};
    CHECK(poll(&closed, 1, 0) != 1 || (closed.revents & POLLNVAL));
}

int main(int argc, char** argv) {
    CHECK(argc == 4);
    CHECK(strcmp(argv[1], "one") == 0 && strcmp(argv[2], "two words") == 0 && !argv[3][0]);
    CHECK(argv[4] == NULL);
    CHECK(strcmp(getenv("A"), "1") == 0 && getenv("EMPTY")[0] == '\0' && !getenv("PATH"));
    CHECK(environ[0] && environ[1] && !environ[2]);

    clocks();
    wait_for_streams();
    char line[32];
    CHECK(fgets(line, sizeof line, stdin) && strcmp(line, "line\n") == 0);
    CHECK(!fgets(line, sizeof line, stdin) && feof(stdin));
    CHECK(!isatty(0) && !isatty(1));
    FAILS(lseek(1, 0, SEEK_CUR), ESPIPE);

    unsigned char bytes[64] = {0};
    CHECK(getentropy(bytes, sizeof bytes) == 0);
    int zeros = 0;
    for (int i = 0; i < 64; ++i)
        zeros += bytes[i] == 0;
    CHECK(zeros < 16);
    CHECK(sched_yield() == 0);

    fputs("to stderr\n", stderr);
    printf("%s: %s\n", argv[0], "ok");
    exit(7);
}
