/*
 * A picture of 512 x 512 bytes is blurred COUNT times by weights 1 2 1 in both directions.
 * Compiled twice: with vectors it is blur_simd. A few pixels are computed again one by one.
 */
#include "bench.h"

enum { size = 512 };

static uint8_t picture[size][size], blurred[size][size];
static uint16_t sums[size][size]; /* of three rows */

#ifdef __wasm_simd128__
#include <wasm_simd128.h>

static const char name[] = "blur_simd";

static void blur(void) {
    for (int y = 1; y < size - 1; ++y)
        for (int x = 0; x < size; x += 8) {
            const v128_t above = wasm_u16x8_load8x8(&picture[y - 1][x]);
            const v128_t here = wasm_u16x8_load8x8(&picture[y][x]);
            const v128_t below = wasm_u16x8_load8x8(&picture[y + 1][x]);
            wasm_v128_store(&sums[y][x],
                            wasm_i16x8_add(wasm_i16x8_add(above, below), wasm_i16x8_shl(here, 1)));
        }
    const v128_t half = wasm_i16x8_splat(8);
    for (int y = 1; y < size - 1; ++y)
        for (int x = 1; x < size - 1; x += 8) {
            /* The last of a row lie beyond its end, and are written again by the next. */
            const v128_t left = wasm_v128_load(&sums[y][x - 1]);
            const v128_t here = wasm_v128_load(&sums[y][x]);
            const v128_t right = wasm_v128_load(&sums[y][x + 1]);
            const v128_t sum = wasm_i16x8_add(wasm_i16x8_add(left, right), wasm_i16x8_shl(here, 1));
            const v128_t pixels = wasm_u16x8_shr(wasm_i16x8_add(sum, half), 4);
            wasm_v128_store64_lane(&blurred[y][x], wasm_u8x16_narrow_i16x8(pixels, pixels), 0);
        }
}
#else
static const char name[] = "blur";

static void blur(void) {
    for (int y = 1; y < size - 1; ++y)
        for (int x = 0; x < size; ++x)
            sums[y][x] = picture[y - 1][x] + picture[y + 1][x] + 2 * picture[y][x];
    for (int y = 1; y < size - 1; ++y)
        for (int x = 1; x < size - 1; ++x)
            blurred[y][x] = (sums[y][x - 1] + sums[y][x + 1] + 2 * sums[y][x] + 8) >> 4;
}
#endif

static uint8_t pixel(int x, int y) {
    static const int weights[3] = {1, 2, 1};
    int sum = 8;
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j)
            sum += weights[i] * weights[j] * picture[y + i - 1][x + j - 1];
    return (uint8_t)(sum / 16);
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 200);
    uint32_t seed = 77;
    int right = 1;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x)
            picture[y][x] = (uint8_t)bench_random(&seed);
    for (unsigned i = 0; i < count; ++i) {
        blur();
        for (int j = 0; j < 20; ++j) {
            const int x = 1 + (int)(bench_random(&seed) % (size - 2)),
                      y = 1 + (int)(bench_random(&seed) % (size - 2));
            right &= blurred[y][x] == pixel(x, y);
        }
        picture[i * 7 % size][i * 13 % size] ^= 0xff;
    }
    return bench_end(name, count, right);
}
