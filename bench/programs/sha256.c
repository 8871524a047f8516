/* Rotations, shifts and additions: SHA-256 (FIPS 180-4) of a million 'a', COUNT times. */
#include "sha256.h"
#include "bench.h"

int main(int argc, char** argv) {
    /* The standard's own example. */
    static const uint32_t digest[8] = {0xcdc76e5c, 0x9914fb92, 0x81a1c7e2, 0x84d73e67,
                                       0xf1809a48, 0xa497200e, 0x046d39cc, 0xc7112cd0};
    const unsigned count = bench_count(argc, argv, 10);
    uint8_t text[1000];
    memset(text, 'a', sizeof text);
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        struct sha256 sha = sha256_begin;
        for (int j = 0; j < 1000; ++j)
            sha256_update(&sha, text, sizeof text);
        sha256_finish(&sha);
        right &= memcmp(sha.state, digest, sizeof digest) == 0;
    }
    return bench_end("sha256", count, right);
}
