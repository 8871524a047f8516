/* Calls and nothing else: the COUNT-th Fibonacci number by the definition. */
#include "bench.h"

#ifdef __wasm__
__attribute__((export_name("fib")))
#endif
__attribute__((noinline)) uint32_t fib(uint32_t n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char** argv) {
    const unsigned n = bench_count(argc, argv, 38);
    uint32_t now = 0, next = 1;
    for (unsigned i = 0; i < n; ++i) {
        const uint32_t sum = now + next;
        now = next;
        next = sum;
    }
    return bench_end("fib", n, fib(n) == now);
}
