/*
 * What every benchmark program shares: `PROGRAM [COUNT]` does its work COUNT times
 * (or at that size), checks its own result, prints one line and exits with 0 if
 * the result was right. The default COUNT takes an interpreter about a second.
 */
#ifndef WAXWING_BENCH_H
#define WAXWING_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline unsigned bench_count(int argc, char** argv, unsigned otherwise) {
    const unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : otherwise;
    if (count == 0 || count > 0xFFFFFFFFu) {
        fprintf(stderr, "usage: %s [COUNT]\n", argv[0]);
        exit(2);
    }
    return (unsigned)count;
}

static inline int bench_end(const char* name, unsigned count, int right) {
    printf("%s %u: %s\n", name, count, right ? "ok" : "WRONG RESULT");
    return right ? 0 : 1;
}

/* The same numbers on every machine: xorshift, 32 bits. The state is never 0. */
static inline uint32_t bench_random(uint32_t* state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
