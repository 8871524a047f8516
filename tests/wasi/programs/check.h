/* What the guest programs share: a check that says where it failed and ends the program. */
#ifndef WAXWING_CHECK_H
#define WAXWING_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                         \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            fprintf(stderr, "%s:%d: %s (errno %d: %s)\n", __FILE__, __LINE__, #condition, errno, \
                    strerror(errno));                                                            \
            exit(1);                                                                             \
        }                                                                                        \
    } while (0)

/* A call that is to fail, with this error. */
#define FAILS(call, error)       \
    do {                         \
        errno = 0;               \
        CHECK((call) == -1);     \
        CHECK(errno == (error)); \
    } while (0)

#endif
