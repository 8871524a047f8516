/*
 * Double multiplications in short loops of unknown length: the Mandelbrot set on a grid of
 * COUNT x COUNT points. The set's symmetry and its area, 1.5066, say whether it is right.
 */
#include <math.h>

#include "bench.h"

enum { most_steps = 100 };

static int escapes_after(double re, double im) {
    double x = 0, y = 0;
    int steps = 0;
    for (; steps < most_steps; ++steps) {
        const double xx = x * x, yy = y * y;
        if (xx + yy > 4) break;
        y = 2 * x * y + im;
        x = xx - yy + re;
    }
    return steps;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 1400);
    /* The square from -2 - 1.5i to 1 + 1.5i, in the middle of each cell. */
    const double cell = 3.0 / count;
    unsigned above = 0, below = 0;
    for (unsigned row = 0; row < count; ++row) {
        const double im = (row + 0.5 - count / 2.0) * cell;
        unsigned inside = 0;
        for (unsigned column = 0; column < count; ++column)
            inside += escapes_after((column + 0.5) * cell - 2, im) == most_steps;
        if (2 * row + 1 < count) above += inside;
        if (2 * row + 1 > count) below += inside;
    }
    const double area = (above + below) * cell * cell;
    return bench_end("mandelbrot", count, above == below && fabs(area - 1.5066) < 0.04 + 3 * cell);
}
