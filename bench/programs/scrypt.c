/*
 * A hash that needs memory: scrypt (RFC 7914) with 16 MiB, COUNT times. Most of it is
 * additions and rotations, and copying blocks of 1 KiB from unforeseeable places.
 */
#include "bench.h"
#include "sha256.h"

enum { n = 16384, r = 8, block_words = 32 * r, block_bytes = 4 * block_words };

/* HMAC-SHA-256 (RFC 2104) of text and then the four bytes of number. */
static void hmac(const char* key, const uint8_t* text, size_t size, uint32_t number,
                 uint8_t out[32]) {
    uint8_t pad[64] = {0};
    const uint8_t tail[4] = {number >> 24, number >> 16, number >> 8, number};
    memcpy(pad, key, strlen(key)); /* never longer than a block here */
    for (int i = 0; i < 64; ++i)
        pad[i] ^= 0x36;
    struct sha256 sha = sha256_begin;
    sha256_update(&sha, pad, sizeof pad);
    sha256_update(&sha, text, size);
    sha256_update(&sha, tail, sizeof tail);
    sha256_finish(&sha);
    uint8_t inner[32];
    sha256_digest(&sha, inner);
    for (int i = 0; i < 64; ++i)
        pad[i] ^= 0x36 ^ 0x5c;
    sha = sha256_begin;
    sha256_update(&sha, pad, sizeof pad);
    sha256_update(&sha, inner, sizeof inner);
    sha256_finish(&sha);
    sha256_digest(&sha, out);
}

/* PBKDF2 with one iteration. */
static void derive(const char* key, const uint8_t* salt, size_t salt_size, uint8_t* out,
                   size_t size) {
    for (size_t done = 0; done < size; done += 32)
        hmac(key, salt, salt_size, (uint32_t)(done / 32) + 1, out + done);
}

static uint32_t rotate_left(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void quarter(uint32_t* a, uint32_t* b, uint32_t* c, uint32_t* d) {
    *b ^= rotate_left(*a + *d, 7);
    *c ^= rotate_left(*b + *a, 9);
    *d ^= rotate_left(*c + *b, 13);
    *a ^= rotate_left(*d + *c, 18);
}

static void salsa20_8(uint32_t words[16]) {
    uint32_t x[16];
    memcpy(x, words, sizeof x);
    for (int i = 0; i < 4; ++i) {
        quarter(&x[0], &x[4], &x[8], &x[12]);
        quarter(&x[5], &x[9], &x[13], &x[1]);
        quarter(&x[10], &x[14], &x[2], &x[6]);
        quarter(&x[15], &x[3], &x[7], &x[11]);
        quarter(&x[0], &x[1], &x[2], &x[3]);
        quarter(&x[5], &x[6], &x[7], &x[4]);
        quarter(&x[10], &x[11], &x[8], &x[9]);
        quarter(&x[15], &x[12], &x[13], &x[14]);
    }
    for (int i = 0; i < 16; ++i)
        words[i] += x[i];
}

static void block_mix(uint32_t block[block_words]) {
    uint32_t x[16], mixed[block_words];
    memcpy(x, block + block_words - 16, sizeof x);
    for (int i = 0; i < 2 * r; ++i) {
        for (int j = 0; j < 16; ++j)
            x[j] ^= block[16 * i + j];
        salsa20_8(x);
        memcpy(mixed + 16 * (i / 2 + i % 2 * r), x, sizeof x);
    }
    memcpy(block, mixed, sizeof mixed);
}

static uint32_t table[n][block_words];

static void rom_mix(uint32_t block[block_words]) {
    for (int i = 0; i < n; ++i) {
        memcpy(table[i], block, block_bytes);
        block_mix(block);
    }
    for (int i = 0; i < n; ++i) {
        const uint32_t* other = table[block[block_words - 16] % n];
        for (int j = 0; j < block_words; ++j)
            block[j] ^= other[j];
        block_mix(block);
    }
}

int main(int argc, char** argv) {
    /* The third example of the RFC. */
    static const uint8_t wanted[64] = {
        0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81,
        0xfd, 0x38, 0xeb, 0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5,
        0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2, 0xd5, 0x43, 0x29, 0x55, 0x61, 0x3f, 0x0f,
        0xcf, 0x62, 0xd4, 0x97, 0x05, 0x24, 0x2a, 0x9a, 0xf9, 0xe6, 0x1e, 0x85, 0xdc,
        0x0d, 0x65, 0x1e, 0x40, 0xdf, 0xcf, 0x01, 0x7b, 0x45, 0x57, 0x58, 0x87};
    const char *password = "pleaseletmein", *salt = "SodiumChloride";
    const unsigned count = bench_count(argc, argv, 2);
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        uint32_t block[block_words]; /* little-endian, as WebAssembly is */
        uint8_t key[64];
        derive(password, (const uint8_t*)salt, strlen(salt), (uint8_t*)block, sizeof block);
        rom_mix(block);
        derive(password, (const uint8_t*)block, sizeof block, key, sizeof key);
        right &= memcmp(key, wanted, sizeof wanted) == 0;
    }
    return bench_end("scrypt", count, right);
}
