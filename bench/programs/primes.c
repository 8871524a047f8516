/*
 * 64-bit multiplication and remainder: which of COUNT odd numbers above 2^31 are prime, by the
 * test of Miller and Rabin; and the parts of products of two primes, by Pollard's method.
 * Trial division and multiplication check both.
 */
#include "bench.h"

/* All factors are below 2^32, so products fit. */
static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
    uint64_t result = 1;
    for (base %= modulus; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result = result * base % modulus;
        base = base * base % modulus;
    }
    return result;
}

/* Right for odd n from 9 to 4759123141, which 2, 7 and 61 suffice for. */
static int is_prime(uint64_t n) {
    static const unsigned witnesses[] = {2, 7, 61};
    uint64_t odd = n - 1;
    int twos = 0;
    for (; odd % 2 == 0; odd /= 2)
        ++twos;
    for (int i = 0; i < 3; ++i) {
        uint64_t x = power(witnesses[i], odd, n);
        if (x == 1) continue;
        int left = twos;
        while (left > 0 && x != n - 1) {
            x = x * x % n;
            --left;
        }
        if (left == 0) return 0;
    }
    return 1;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b > 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A divisor of n, which is composite and odd, other than 1 and n. */
static uint64_t divisor(uint64_t n) {
    for (uint64_t c = 1;; ++c) {
        uint64_t slow = 2, fast = 2, d = 1;
        while (d == 1) {
            slow = (slow * slow + c) % n;
            fast = (fast * fast + c) % n;
            fast = (fast * fast + c) % n;
            d = common_divisor(slow > fast ? slow - fast : fast - slow, n);
        }
        if (d != n) return d;
    }
}

static int is_prime_by_division(uint64_t n) {
    for (uint64_t d = 3; d * d <= n; d += 2)
        if (n % d == 0) return 0;
    return n % 2 != 0;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 250000);
    int right = 1;
    uint64_t previous = 46337; /* a prime */
    for (unsigned i = 0; i < count; ++i) {
        const uint64_t n = ((uint64_t)1 << 31) + 2 * i + 1;
        const int prime = is_prime(n);
        if (i % 100 == 0) right &= prime == is_prime_by_division(n);
        if (i % 16 != 0) continue;
        while (!is_prime_by_division(previous -= 2)) {
        }
        const uint64_t product = previous * 46337, d = divisor(product);
        right &= d == previous || d == 46337;
        if (previous < 20000) previous = 46337;
    }
    return bench_end("primes", count, right);
}
