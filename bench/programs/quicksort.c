/* Indirect calls: half a million records sorted COUNT times, by three comparators in turn. */
#include "bench.h"

enum { size = 500000 };

struct record {
    uint32_t key, number;
};

typedef int compare(const struct record*, const struct record*);

static struct record records[size];

static int ascending(const struct record* a, const struct record* b) {
    return (a->key > b->key) - (a->key < b->key);
}
static int descending(const struct record* a, const struct record* b) { return ascending(b, a); }
static int by_number(const struct record* a, const struct record* b) {
    return (a->number > b->number) - (a->number < b->number);
}

static void swap(struct record* a, struct record* b) {
    const struct record old = *a;
    *a = *b;
    *b = old;
}

static void insertion_sort(struct record* first, struct record* end, compare* order) {
    for (struct record* at = first + 1; at < end; ++at) {
        const struct record held = *at;
        struct record* hole = at;
        for (; hole > first && order(hole - 1, &held) > 0; --hole)
            *hole = hole[-1];
        *hole = held;
    }
}

/* Recurses into the smaller part only, so the depth is logarithmic. */
static void quicksort(struct record* first, struct record* end, compare* order) {
    while (end - first > 12) {
        struct record* middle = first + (end - first) / 2;
        if (order(middle, first) < 0) swap(middle, first);
        if (order(end - 1, first) < 0) swap(end - 1, first);
        if (order(end - 1, middle) < 0) swap(end - 1, middle);
        const struct record pivot = *middle;
        struct record *low = first, *high = end - 1;
        while (low <= high) {
            while (order(low, &pivot) < 0)
                ++low;
            while (order(high, &pivot) > 0)
                --high;
            if (low <= high) swap(low++, high--);
        }
        if (high + 1 - first < end - low) {
            quicksort(first, high + 1, order);
            first = low;
        } else {
            quicksort(low, end, order);
            end = high + 1;
        }
    }
    insertion_sort(first, end, order);
}

static int sorted(compare* order) {
    for (int i = 1; i < size; ++i)
        if (order(&records[i - 1], &records[i]) > 0) return 0;
    return 1;
}

/* Independent of the order: a record lost or doubled would show. */
static uint64_t fingerprint(void) {
    uint64_t sum = 0;
    for (int i = 0; i < size; ++i)
        sum += ((uint64_t)records[i].key << 32 | records[i].number) * 0x9E3779B97F4A7C15u;
    return sum;
}

int main(int argc, char** argv) {
    static compare* const orders[] = {ascending, descending, by_number};
    const unsigned count = bench_count(argc, argv, 4);
    uint32_t seed = 7;
    for (int i = 0; i < size; ++i) {
        records[i].key = bench_random(&seed) % 100000;
        records[i].number = bench_random(&seed);
    }
    const uint64_t before = fingerprint();
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        compare* order = orders[i % 3];
        quicksort(records, records + size, order);
        right &= sorted(order) && fingerprint() == before;
    }
    return bench_end("quicksort", count, right);
}
