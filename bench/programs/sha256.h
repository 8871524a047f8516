/* SHA-256 (FIPS 180-4). */
#ifndef WAXWING_SHA256_H
#define WAXWING_SHA256_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct sha256 {
    uint32_t state[8];
    uint8_t block[64];
    size_t filled;   /* bytes of block */
    uint64_t length; /* bytes in all */
};

/* Begin with a copy of this, update, finish; then `state` is the digest, as eight words. */
static const struct sha256 sha256_begin = {
    .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
              0x5be0cd19},
};

static uint32_t rotate(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void compress(struct sha256* sha) {
    uint32_t w[64];
    for (int i = 0; i < 16; ++i) {
        const uint8_t* at = sha->block + 4 * i;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 64; ++i) {
        const uint32_t low = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        const uint32_t high = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    uint32_t v[8];
    memcpy(v, sha->state, sizeof v);
    for (int i = 0; i < 64; ++i) {
        const uint32_t e = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        const uint32_t first = v[7] + e + choice + round_constant[i] + w[i];
        const uint32_t a = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += first;
        v[0] = first + a + majority;
    }
    for (int i = 0; i < 8; ++i)
        sha->state[i] += v[i];
}

static void sha256_update(struct sha256* sha, const uint8_t* bytes, size_t size) {
    sha->length += size;
    while (size > 0) {
        const size_t room = sizeof sha->block - sha->filled;
        const size_t part = size < room ? size : room;
        memcpy(sha->block + sha->filled, bytes, part);
        sha->filled += part;
        bytes += part;
        size -= part;
        if (sha->filled == sizeof sha->block) {
            compress(sha);
            sha->filled = 0;
        }
    }
}

static void sha256_finish(struct sha256* sha) {
    const uint64_t bits = 8 * sha->length;
    const uint8_t one = 0x80, zero = 0;
    sha256_update(sha, &one, 1);
    while (sha->filled != 56)
        sha256_update(sha, &zero, 1);
    uint8_t length[8];
    for (int i = 0; i < 8; ++i)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_update(sha, length, sizeof length);
}

static inline void sha256_digest(const struct sha256* sha, uint8_t out[32]) {
    for (int i = 0; i < 32; ++i)
        out[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

#endif
