/* Byte stores in nested loops: the primes below 2 million, COUNT times. */
#include <string.h>

#include "bench.h"

enum { limit = 2000000, primes_below_limit = 148933 };

static uint8_t composite[limit];

static unsigned sieve(void) {
    memset(composite, 0, sizeof composite);
    for (unsigned i = 2; i * i < limit; ++i) {
        if (composite[i]) continue;
        for (unsigned j = i * i; j < limit; j += i)
            composite[j] = 1;
    }
    unsigned primes = 0;
    for (unsigned i = 2; i < limit; ++i)
        primes += !composite[i];
    return primes;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 30);
    int right = 1;
    for (unsigned i = 0; i < count; ++i)
        right &= sieve() == primes_below_limit;
    return bench_end("sieve", count, right);
}
