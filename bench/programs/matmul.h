/*
 * What the matrix multiplications share. Defined before: `number`, a floating type; `n`; and
 * afterwards multiply(), C = A B. All numbers are small integers, so C x = A (B x) holds exactly.
 */
#ifndef WAXWING_MATMUL_H
#define WAXWING_MATMUL_H

#include <string.h>

#include "bench.h"

static number a[n][n], b[n][n], c[n][n];

static void multiply(void);

static void fill(number m[n][n], uint32_t range, uint32_t* seed) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            m[i][j] = (number)(bench_random(seed) % (2 * range + 1)) - (number)range;
}

static void apply(number m[n][n], const number* x, number* y) {
    for (int i = 0; i < n; ++i) {
        y[i] = 0;
        for (int j = 0; j < n; ++j)
            y[i] += m[i][j] * x[j];
    }
}

/* Multiplies two matrices of numbers up to `range`; whether the result is right. */
static int multiply_and_check(uint32_t range, uint32_t* seed) {
    number x[n], bx[n], abx[n], cx[n];
    fill(a, range, seed);
    fill(b, range, seed);
    multiply();
    for (int j = 0; j < n; ++j)
        x[j] = (number)(bench_random(seed) % 3) - 1;
    apply(b, x, bx);
    apply(a, bx, abx);
    apply(c, x, cx);
    return memcmp(abx, cx, sizeof cx) == 0;
}

#endif
