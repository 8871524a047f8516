/* Loads, stores and branches: 200,000 integers sorted COUNT times, by heap, by merging and
 * by partition, with comparisons in place. All three must agree. */
#include <string.h>

#include "bench.h"

enum { size = 200000 };

typedef uint32_t value;

static void sink(value* heap, size_t at, size_t end) {
    const value held = heap[at];
    for (size_t child; (child = 2 * at + 1) < end; at = child) {
        if (child + 1 < end && heap[child] < heap[child + 1]) ++child;
        if (heap[child] <= held) break;
        heap[at] = heap[child];
    }
    heap[at] = held;
}

static void heap_sort(value* values, size_t n) {
    for (size_t i = n / 2; i-- > 0;)
        sink(values, i, n);
    for (size_t end = n; --end > 0;) {
        const value largest = values[0];
        values[0] = values[end];
        values[end] = largest;
        sink(values, 0, end);
    }
}

/* From the bottom up; the result lies in `values`. */
static void merge_sort(value* values, size_t n) {
    static value other[size];
    value *from = values, *to = other;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * width) {
            const size_t middle = begin + width < n ? begin + width : n;
            const size_t end = middle + width < n ? middle + width : n;
            size_t a = begin, b = middle;
            for (size_t out = begin; out < end; ++out)
                to[out] = a < middle && (b >= end || from[a] <= from[b]) ? from[a++] : from[b++];
        }
        value* const old = from;
        from = to;
        to = old;
    }
    if (from != values) memcpy(values, from, n * sizeof *values);
}

/* Recurses into the smaller part only, so the depth is logarithmic. */
static void quick_sort(value* first, value* end) {
    while (end - first > 1) {
        const value pivot = first[(end - first) / 2];
        value *low = first, *high = end - 1;
        while (low <= high) {
            while (*low < pivot)
                ++low;
            while (*high > pivot)
                --high;
            if (low <= high) {
                const value old = *low;
                *low++ = *high;
                *high-- = old;
            }
        }
        if (high + 1 - first < end - low) {
            quick_sort(first, high + 1);
            first = low;
        } else {
            quick_sort(low, end);
            end = high + 1;
        }
    }
}

int main(int argc, char** argv) {
    static value by_heap[size], by_merging[size], by_partition[size];
    const unsigned count = bench_count(argc, argv, 4);
    uint32_t seed = 17;
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        uint64_t sum = 0;
        for (int j = 0; j < size; ++j)
            sum += by_heap[j] = bench_random(&seed) >> i % 4 * 5;
        memcpy(by_merging, by_heap, sizeof by_heap);
        memcpy(by_partition, by_heap, sizeof by_heap);
        heap_sort(by_heap, size);
        merge_sort(by_merging, size);
        quick_sort(by_partition, by_partition + size);
        for (int j = 0; j < size; ++j)
            sum -= by_heap[j];
        for (int j = 1; j < size; ++j)
            right &= by_heap[j - 1] <= by_heap[j];
        right &= sum == 0 && memcmp(by_heap, by_merging, sizeof by_heap) == 0 &&
                 memcmp(by_heap, by_partition, sizeof by_heap) == 0;
    }
    return bench_end("sort", count, right);
}
