/*
 * Single precision: 48,000 samples of sound go COUNT times through a chain of four recursive
 * filters of second order, and through one with 32 coefficients. A constant must come out
 * as it went in, the highest pitch as good as nothing.
 */
#include <math.h>

#include "bench.h"

enum { samples = 48000, stages = 4, taps = 32 };

struct biquad {
    float b0, b1, b2, a1, a2;
    float z1, z2;
};

/* A low-pass with its corner at a tenth of the rate; on a constant its gain is 1. */
static struct biquad low_pass(float q) {
    const float cosine = 0.80901699f, alpha = 0.58778525f / (2 * q);
    const float a0 = 1 + alpha;
    return (struct biquad){.b0 = (1 - cosine) / 2 / a0,
                           .b1 = (1 - cosine) / a0,
                           .b2 = (1 - cosine) / 2 / a0,
                           .a1 = -2 * cosine / a0,
                           .a2 = (1 - alpha) / a0};
}

static float run_biquad(struct biquad* f, float in) {
    const float out = f->b0 * in + f->z1;
    f->z1 = f->b1 * in - f->a1 * out + f->z2;
    f->z2 = f->b2 * in - f->a2 * out;
    return out;
}

static float input[samples], between[samples], output[samples];

static void filter(void) {
    struct biquad chain[stages];
    for (int i = 0; i < stages; ++i)
        chain[i] = low_pass(0.6f + 0.2f * (float)i);
    for (int i = 0; i < samples; ++i) {
        float value = input[i];
        for (int j = 0; j < stages; ++j)
            value = run_biquad(&chain[j], value);
        between[i] = value;
    }
    /* A triangle of weights whose sum is 1. */
    float weights[taps], sum = 0;
    for (int j = 0; j < taps; ++j)
        sum += weights[j] = (float)(j < taps / 2 ? j + 1 : taps - j);
    for (int j = 0; j < taps; ++j)
        weights[j] /= sum;
    for (int i = taps; i < samples; ++i) {
        float value = 0;
        for (int j = 0; j < taps; ++j)
            value += weights[j] * between[i - j];
        output[i] = value;
    }
}

/* The largest distance from `wanted` in the second half, when the filters have settled. */
static float deviation(float wanted) {
    float most = 0;
    for (int i = samples / 2; i < samples; ++i)
        most = fmaxf(most, fabsf(output[i] - wanted));
    return most;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 72);
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        const float level = 0.25f + 0.01f * (float)(i % 16);
        for (int j = 0; j < samples; ++j)
            input[j] = i % 2 == 0 || j % 2 == 0 ? level : -level;
        filter();
        right &= deviation(i % 2 == 0 ? level : 0) < 1e-4f;
    }
    return bench_end("filter", count, right);
}
