/*
 * Compression: 256 KiB of text are packed COUNT times, as bytes and references to what came
 * before, found through a hash of three bytes and chains; and unpacked again, to the same.
 *
 * Packed: groups of a byte of eight flags and the eight things it tells of, from the lowest bit
 * on. Clear: a byte as it is. Set: three bytes, distance - 1 in two (low, high), length - 4.
 */
#include <string.h>

#include "bench.h"

enum {
    text_size = 1 << 18,
    shortest = 4,
    longest = shortest + 255,
    farthest = 1 << 16,
    hash_bits = 13,
    most_tries = 16,
};

static uint8_t text[text_size], packed[text_size + text_size / 8 + 1], unpacked[text_size];
static int32_t latest[1 << hash_bits], earlier[text_size]; /* places of one hash; -1: none */

static uint32_t hash_at(const uint8_t* at) {
    const uint32_t three = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
    return three * 0x9E3779B1u >> (32 - hash_bits);
}

static void remember(int32_t at) {
    if (at + 2 >= text_size) return;
    const uint32_t hash = hash_at(text + at);
    earlier[at] = latest[hash];
    latest[hash] = at;
}

/* The longest match of what stands at `at` with something earlier; its length, and where. */
static int longest_match(int32_t at, int32_t* where) {
    int best = 0, tries = most_tries;
    if (at + shortest > text_size) return 0;
    const int most = text_size - at < longest ? text_size - at : longest;
    for (int32_t from = latest[hash_at(text + at)];
         from >= 0 && at - from <= farthest && tries-- > 0; from = earlier[from]) {
        int length = 0;
        while (length < most && text[from + length] == text[at + length])
            ++length;
        if (length > best) {
            best = length;
            *where = from;
            if (best == most) break;
        }
    }
    return best;
}

static size_t pack(void) {
    uint8_t *out = packed, *flags = packed;
    int used = 8;
    memset(latest, 0xff, sizeof latest);
    for (int32_t at = 0; at < text_size;) {
        if (used == 8) {
            flags = out++;
            *flags = 0;
            used = 0;
        }
        int32_t from = 0;
        int length = longest_match(at, &from);
        if (length >= shortest) {
            const int32_t distance = at - from - 1;
            *flags |= (uint8_t)(1 << used);
            *out++ = (uint8_t)distance;
            *out++ = (uint8_t)(distance >> 8);
            *out++ = (uint8_t)(length - shortest);
        } else {
            length = 1;
            *out++ = text[at];
        }
        ++used;
        for (; length > 0; --length)
            remember(at++);
    }
    return (size_t)(out - packed);
}

static size_t unpack(size_t size) {
    const uint8_t *in = packed, *end = packed + size;
    uint8_t* out = unpacked;
    while (in < end) {
        int flags = *in++;
        for (int i = 0; i < 8 && in < end; ++i, flags >>= 1) {
            if (!(flags & 1)) {
                *out++ = *in++;
                continue;
            }
            const uint8_t* from = out - 1 - (in[0] | in[1] << 8);
            for (int length = shortest + in[2]; length > 0; --length)
                *out++ = *from++;
            in += 3;
        }
    }
    return (size_t)(out - unpacked);
}

/* Sentences of words that are the more frequent the shorter they are. */
static void make_text(void) {
    static const char* const words[] = {"a",        "of",       "the",       "and",
                                        "bird",     "winter",   "rowan",     "berry",
                                        "northern", "waxwings", "irruption", "wandering"};
    uint32_t seed = 23;
    for (size_t at = 0; at < text_size;) {
        const uint32_t range = 1 + bench_random(&seed) % 12;
        const char* word = words[bench_random(&seed) % range];
        while (*word && at < text_size)
            text[at++] = (uint8_t)*word++;
        if (at < text_size) text[at++] = bench_random(&seed) % 9 ? ' ' : '\n';
        if (at < text_size && bench_random(&seed) % 16 == 0)
            text[at++] = '0' + bench_random(&seed) % 10;
    }
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 16);
    int right = 1;
    make_text();
    for (unsigned i = 0; i < count; ++i) {
        const size_t size = pack();
        right &= size < text_size / 2 && unpack(size) == text_size &&
                 memcmp(text, unpacked, text_size) == 0;
        text[i % text_size] ^= 1;
    }
    return bench_end("lz", count, right);
}
