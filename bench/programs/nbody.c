/*
 * Dependent double arithmetic with square roots and divisions: a star and four
 * planets in a plane-ish system of our own, COUNT leapfrog steps. Momentum and
 * energy must stay what they were; leapfrog keeps the energy within bounds for ever.
 */
#include <math.h>

#include "bench.h"

enum { bodies = 5 };

struct body {
    double position[3], velocity[3], mass;
};

static struct body system_[bodies] = {
    {{0, 0, 0}, {0, 0, 0}, 1},
    {{1, 0, 0}, {0, 1, 0.02}, 1e-3},
    {{0, 2, 0.1}, {-0.70710678, 0, 0}, 5e-4},
    {{-4, 0, -0.2}, {0, -0.5, 0.01}, 2e-4},
    {{0, -8, 0}, {0.35355339, 0, 0.01}, 4e-5},
};

static double distance(const struct body* a, const struct body* b) {
    double sum = 0;
    for (int axis = 0; axis < 3; ++axis) {
        const double d = a->position[axis] - b->position[axis];
        sum += d * d;
    }
    return sqrt(sum);
}

static double energy(void) {
    double sum = 0;
    for (int i = 0; i < bodies; ++i) {
        const struct body* a = &system_[i];
        for (int axis = 0; axis < 3; ++axis)
            sum += 0.5 * a->mass * a->velocity[axis] * a->velocity[axis];
        for (int j = 0; j < i; ++j)
            sum -= a->mass * system_[j].mass / distance(a, &system_[j]);
    }
    return sum;
}

static double momentum(int axis) {
    double sum = 0;
    for (int i = 0; i < bodies; ++i)
        sum += system_[i].mass * system_[i].velocity[axis];
    return sum;
}

static void drift(double time) {
    for (int i = 0; i < bodies; ++i)
        for (int axis = 0; axis < 3; ++axis)
            system_[i].position[axis] += time * system_[i].velocity[axis];
}

static void kick(double time) {
    for (int i = 0; i < bodies; ++i)
        for (int j = 0; j < i; ++j) {
            struct body *a = &system_[i], *b = &system_[j];
            const double r = distance(a, b);
            const double pull = time / (r * r * r);
            for (int axis = 0; axis < 3; ++axis) {
                const double d = (b->position[axis] - a->position[axis]) * pull;
                a->velocity[axis] += d * b->mass;
                b->velocity[axis] -= d * a->mass;
            }
        }
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 1000000);
    const double step = 1e-3;
    double before[3];
    for (int axis = 0; axis < 3; ++axis)
        before[axis] = momentum(axis);
    const double energy_before = energy();

    for (unsigned i = 0; i < count; ++i) {
        drift(step / 2);
        kick(step);
        drift(step / 2);
    }

    int right = fabs(energy() / energy_before - 1) < 1e-6;
    for (int axis = 0; axis < 3; ++axis)
        right &= fabs(momentum(axis) - before[axis]) < 1e-12;
    /* Something must have moved: the inner planet is still near its orbit, elsewhere on it. */
    right &= fabs(distance(&system_[0], &system_[1]) - 1) < 0.05;
    right &= count < 100 || system_[1].position[0] != 1;
    return bench_end("nbody", count, right);
}
