/*
 * Is it UTF-8? 64 KiB of text, mostly ASCII with some words of other scripts, are checked COUNT
 * times, once broken at a place known. Compiled twice: as utf8_simd it takes 16 bytes of ASCII
 * at once.
 */
#include <string.h>

#include "bench.h"

enum { size = 1 << 16 };

static uint8_t text[size];

/* The length of the valid sequence at `at`, or 0. As in table 3-7 of the Unicode standard. */
static int sequence(const uint8_t* at, const uint8_t* end) {
    const uint8_t first = at[0];
    if (first < 0x80) return 1;
    const int length = first >= 0xc2 && first <= 0xdf   ? 2
                       : first >= 0xe0 && first <= 0xef ? 3
                       : first >= 0xf0 && first <= 0xf4 ? 4
                                                        : 0;
    if (length == 0 || end - at < length) return 0;
    for (int i = 1; i < length; ++i)
        if ((at[i] & 0xc0) != 0x80) return 0;
    if (first == 0xe0 && at[1] < 0xa0) return 0; /* too long for what it means */
    if (first == 0xed && at[1] > 0x9f) return 0; /* a surrogate */
    if (first == 0xf0 && at[1] < 0x90) return 0;
    if (first == 0xf4 && at[1] > 0x8f) return 0; /* above U+10FFFF */
    return length;
}

#ifdef __wasm_simd128__
#include <wasm_simd128.h>

static const char name[] = "utf8_simd";

static const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) {
    while (end - at >= 16) {
        const uint32_t others = wasm_i8x16_bitmask(wasm_v128_load(at));
        if (others) return at + __builtin_ctz(others);
        at += 16;
    }
    return at;
}
#else
static const char name[] = "utf8";

static const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) {
    while (at < end && *at < 0x80)
        ++at;
    return at;
}
#endif

/* The offset of the first byte that is wrong; the size if there is none. */
static size_t valid_up_to(void) {
    const uint8_t *at = text, *end = text + size;
    while (at < end) {
        at = skip_ascii(at, end);
        if (at == end) break;
        const int length = sequence(at, end);
        if (length == 0) break;
        at += length;
    }
    return (size_t)(at - text);
}

static void make_text(void) {
    static const char* const words[] = {
        "Bombycilla garrulus", "Seidenschwanz", "jaseur bor\u00e9al",  "\u0441\u0432\u0438\u0440",
        "\u9ec4\u9023\u96c0",  "\U0001f426",    "a bird of the north", "with a crest"};
    uint32_t seed = 88;
    memset(text, '.', size);
    for (size_t at = 0;;) {
        const uint32_t kind = bench_random(&seed) % 24;
        const char* word = words[kind < 8 ? kind : kind % 2 * 6];
        if (at + strlen(word) + 1 > size) break;
        memcpy(text + at, word, strlen(word));
        at += strlen(word) + 1;
    }
}

int main(int argc, char** argv) {
    static const uint8_t wrong[] = {0xff, 0xc0, 0x80, 0xed, 0xf5};
    const unsigned count = bench_count(argc, argv, 1200);
    make_text();
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        right &= valid_up_to() == size;
        /* The first letter of a text in ASCII near the end. */
        size_t at = size - 1 - i % 64;
        while (text[at] >= 0x80 || text[at - 1] >= 0x80)
            --at;
        const uint8_t old = text[at];
        text[at] = wrong[i % 5];
        right &= valid_up_to() == at;
        text[at] = old;
    }
    return bench_end(name, count, right);
}
