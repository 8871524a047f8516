/*
 * 64-bit rotations and exclusive or on 25 words: SHA3-256 (FIPS 202) of a million 'a',
 * COUNT times.
 */
#include <string.h>

#include "bench.h"

enum { rate = 136 }; /* bytes a permutation, for a digest of 32 */

static uint64_t rotate(uint64_t x, unsigned by) { return by ? x << by | x >> (64 - by) : x; }

static uint64_t round_constants[24];
static unsigned offsets[25]; /* of step rho */
static unsigned sources[25]; /* of step pi: where word i comes from */

/* The tables as the standard defines them. */
static void make_tables(void) {
    unsigned lfsr = 1;
    for (int round = 0; round < 24; ++round)
        for (int j = 0; j < 7; ++j) {
            if (lfsr & 1) round_constants[round] |= (uint64_t)1 << ((1 << j) - 1);
            lfsr = lfsr << 1 ^ (lfsr >> 7) * 0x171;
        }
    for (unsigned t = 0, x = 1, y = 0; t < 24; ++t) {
        offsets[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        const unsigned old = x;
        x = y;
        y = (2 * old + 3 * y) % 5;
    }
    for (unsigned x = 0; x < 5; ++x)
        for (unsigned y = 0; y < 5; ++y)
            sources[x + 5 * y] = (x + 3 * y) % 5 + 5 * x;
}

static void permute(uint64_t a[25]) {
    for (int round = 0; round < 24; ++round) {
        uint64_t column[5], b[25];
        for (int x = 0; x < 5; ++x)
            column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int x = 0; x < 5; ++x) {
            const uint64_t d = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5)
                a[x + y] ^= d;
        }
        for (int i = 0; i < 25; ++i)
            b[i] = rotate(a[sources[i]], offsets[sources[i]]);
        for (int y = 0; y < 25; y += 5)
            for (int x = 0; x < 5; ++x)
                a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
        a[0] ^= round_constants[round];
    }
}

static void absorb(uint64_t a[25], const uint8_t* block) {
    for (int i = 0; i < rate / 8; ++i) {
        uint64_t word = 0;
        for (int j = 7; j >= 0; --j)
            word = word << 8 | block[8 * i + j];
        a[i] ^= word;
    }
    permute(a);
}

int main(int argc, char** argv) {
    /* The digest 5c8875ae474a3634 ba4fd55ec85bffd6 61f32aca75c6d699 d0cdcb6c115891c1. */
    static const uint64_t digest[4] = {0x34364a47ae75885c, 0xd6ff5bc85ed54fba, 0x99d6c675ca2af361,
                                       0xc19158116ccbcdd0};
    const unsigned count = bench_count(argc, argv, 8);
    static uint8_t block[rate];
    int right = 1;
    make_tables();
    for (unsigned i = 0; i < count; ++i) {
        uint64_t a[25] = {0};
        memset(block, 'a', rate);
        for (int j = 0; j < 1000000 / rate; ++j)
            absorb(a, block);
        memset(block + 1000000 % rate, 0, rate - 1000000 % rate);
        block[1000000 % rate] = 0x06;
        block[rate - 1] |= 0x80;
        absorb(a, block);
        right &= memcmp(a, digest, sizeof digest) == 0;
    }
    return bench_end("keccak", count, right);
}
