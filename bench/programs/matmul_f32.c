/*
 * C = A B for matrices of 128 x 128 floats, row by row, COUNT times. Compiled twice: with
 * vectors it is matmul_f32_simd.
 */
enum { n = 128 };
typedef float number;
#include "matmul.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>

static const char name[] = "matmul_f32_simd";

static void multiply(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; j += 16) {
            v128_t sums[4] = {0};
            for (int k = 0; k < n; ++k) {
                const v128_t factor = wasm_v128_load32_splat(&a[i][k]);
                for (int lane = 0; lane < 4; ++lane)
                    sums[lane] = wasm_f32x4_add(
                        sums[lane], wasm_f32x4_mul(factor, wasm_v128_load(&b[k][j + 4 * lane])));
            }
            for (int lane = 0; lane < 4; ++lane)
                wasm_v128_store(&c[i][j + 4 * lane], sums[lane]);
        }
}
#else
static const char name[] = "matmul_f32";

static void multiply(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; j += 4) {
            float sums[4] = {0};
            for (int k = 0; k < n; ++k) {
                const float factor = a[i][k];
                for (int lane = 0; lane < 4; ++lane)
                    sums[lane] += factor * b[k][j + lane];
            }
            memcpy(&c[i][j], sums, sizeof sums);
        }
}
#endif

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 120);
    uint32_t seed = 1;
    int right = 1;
    for (unsigned i = 0; i < count; ++i)
        right &= multiply_and_check(10, &seed);
    return bench_end(name, count, right);
}
