/*
 * Double arithmetic with strided loads: C = A B for matrices of 160 x 160, COUNT
 * times. All numbers are small integers, so C x = A (B x) holds exactly.
 */
#include <string.h>

#include "bench.h"

enum { n = 160 };

static double a[n][n], b[n][n], c[n][n];

static void fill(double m[n][n], uint32_t* seed) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            m[i][j] = (double)(bench_random(seed) % 201) - 100;
}

__attribute__((noinline)) static void multiply(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int k = 0; k < n; ++k)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static void apply(double m[n][n], const double* x, double* y) {
    for (int i = 0; i < n; ++i) {
        y[i] = 0;
        for (int j = 0; j < n; ++j)
            y[i] += m[i][j] * x[j];
    }
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 30);
    uint32_t seed = 1;
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        fill(a, &seed);
        fill(b, &seed);
        multiply();
        double x[n], bx[n], abx[n], cx[n];
        for (int j = 0; j < n; ++j)
            x[j] = (double)(bench_random(&seed) % 11) - 5;
        apply(b, x, bx);
        apply(a, bx, abx);
        apply(c, x, cx);
        right &= memcmp(abx, cx, sizeof cx) == 0;
    }
    return bench_end("matmul", count, right);
}
