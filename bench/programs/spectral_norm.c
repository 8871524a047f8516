/*
 * Double divisions and sums: the spectral norm of the infinite matrix
 * A[i][j] = 1 / ((i + j)(i + j + 1) / 2 + i + 1), of its first COUNT rows and columns,
 * by ten steps of the power method on A^T A.
 */
#include <math.h>

#include "bench.h"

static double entry(unsigned i, unsigned j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }

/* out = A in, or A^T in */
static void multiply(unsigned n, const double* in, double* out, int transposed) {
    for (unsigned i = 0; i < n; ++i) {
        double sum = 0;
        for (unsigned j = 0; j < n; ++j)
            sum += in[j] * (transposed ? entry(j, i) : entry(i, j));
        out[i] = sum;
    }
}

static double dot(unsigned n, const double* a, const double* b) {
    double sum = 0;
    for (unsigned i = 0; i < n; ++i)
        sum += a[i] * b[i];
    return sum;
}

int main(int argc, char** argv) {
    const unsigned n = bench_count(argc, argv, 2000);
    double* u = malloc(3 * n * sizeof *u);
    if (!u) return 1;
    double *v = u + n, *au = v + n;
    for (unsigned i = 0; i < n; ++i)
        v[i] = 1;
    for (int step = 0; step < 10; ++step) {
        double* const old = u;
        u = v;
        v = old;
        multiply(n, u, au, 0);
        multiply(n, au, v, 1);
    }
    const double norm = sqrt(dot(n, u, v) / dot(n, u, u));
    /* Of the whole matrix; the part's is a little smaller. */
    const double limit = 1.2742241528;
    const int right = norm < limit && norm > limit * (1 - 1.0 / n);
    free(u < v ? u : v);
    return bench_end("spectral_norm", n, right);
}
