/* Double arithmetic with strided loads: C = A B for matrices of 160 x 160, COUNT times. */
enum { n = 160 };
typedef double number;
#include "matmul.h"

__attribute__((noinline)) static void multiply(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int k = 0; k < n; ++k)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 30);
    uint32_t seed = 1;
    int right = 1;
    for (unsigned i = 0; i < count; ++i)
        right &= multiply_and_check(100, &seed);
    return bench_end("matmul", count, right);
}
