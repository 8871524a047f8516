/*
 * A mix of what small programs do, in the proportions that embedded benchmarks
 * use: walking and sorting a linked list, 16-bit matrix arithmetic, a state
 * machine over text, and a cyclic redundancy check over all of their results.
 * COUNT rounds with the same data must give the same checksum each, known here.
 */
#include <string.h>

#include "bench.h"

typedef uint16_t crc;

enum { checksum_of_a_round = 0x738c };

/* CRC-16, polynomial x^16 + x^15 + x^2 + 1, least significant bit first. */
static crc crc_byte(crc sum, uint8_t byte) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit)
        sum = sum & 1 ? sum >> 1 ^ 0xA001 : sum >> 1;
    return sum;
}

static crc crc_half(crc sum, uint16_t half) {
    return crc_byte(crc_byte(sum, (uint8_t)half), (uint8_t)(half >> 8));
}

/* The list: nodes from an arena, in an order that is not that of the addresses. */

enum { list_size = 120, searches = 60 };

struct link {
    struct link* next;
    int16_t value, rank;
};

static struct link arena[list_size];

static struct link* make_list(uint32_t seed) {
    struct link* head = NULL;
    for (int i = 0; i < list_size; ++i) {
        struct link* fresh = &arena[(i * 77) % list_size];
        fresh->value = (int16_t)(bench_random(&seed) % 1000);
        fresh->rank = (int16_t)i;
        fresh->next = head;
        head = fresh;
    }
    return head;
}

static struct link* find_value(struct link* at, int16_t value) {
    while (at && at->value != value)
        at = at->next;
    return at;
}

static struct link* reverse(struct link* head) {
    struct link* done = NULL;
    while (head) {
        struct link* next = head->next;
        head->next = done;
        done = head;
        head = next;
    }
    return done;
}

typedef int compare(const struct link*, const struct link*);

static int by_value(const struct link* a, const struct link* b) {
    return a->value != b->value ? a->value - b->value : a->rank - b->rank;
}
static int by_rank(const struct link* a, const struct link* b) { return a->rank - b->rank; }

static struct link* merge(struct link* a, struct link* b, compare* order) {
    struct link* head = NULL;
    struct link** end = &head;
    while (a && b) {
        struct link** smaller = order(a, b) <= 0 ? &a : &b;
        *end = *smaller;
        end = &(*smaller)->next;
        *smaller = *end;
    }
    *end = a ? a : b;
    return head;
}

/* Merges runs of one, two, four ... nodes until a single run is left. */
static struct link* sort(struct link* head, compare* order) {
    struct link* runs[16] = {0};
    while (head) {
        struct link* run = head;
        head = head->next;
        run->next = NULL;
        int i = 0;
        for (; runs[i]; ++i) {
            run = merge(runs[i], run, order);
            runs[i] = NULL;
        }
        runs[i] = run;
    }
    for (int i = 0; i < 16; ++i)
        if (runs[i]) head = merge(runs[i], head, order);
    return head;
}

static crc list_round(crc sum, uint32_t seed) {
    struct link* head = make_list(seed);
    for (int16_t i = 0; i < searches; ++i) {
        const struct link* found = find_value(head, (int16_t)(i * 16));
        sum = crc_half(sum, found ? (uint16_t)found->rank : 0xFFFF);
        if (i % 8 == 0) head = reverse(head);
    }
    head = sort(head, by_value);
    for (const struct link* at = head; at; at = at->next)
        sum = crc_half(sum, (uint16_t)at->value);
    head = sort(head, by_rank);
    for (const struct link* at = head; at; at = at->next)
        sum = crc_half(sum, (uint16_t)at->rank);
    return sum;
}

/* The matrices. */

enum { n = 16 };

static int16_t left[n][n], right[n][n];
static int32_t product[n][n];

static void fill_matrices(uint32_t seed) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            left[i][j] = (int16_t)bench_random(&seed);
            right[i][j] = (int16_t)(bench_random(&seed) & 0xFF);
        }
}

static void add_constant(int16_t by) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            left[i][j] = (int16_t)(left[i][j] + by);
}

static void multiply(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            int32_t sum = 0;
            for (int k = 0; k < n; ++k)
                sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
}

/* Only some bits of each factor: shifts and masks between the multiplications. */
static void multiply_bits(void) {
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            uint32_t sum = 0;
            for (int k = 0; k < n; ++k) {
                const uint32_t p = (uint32_t)(left[i][k] * right[k][j]);
                sum += (p >> 2 & 0xF) * (p >> 5 & 0x7F);
            }
            product[i][j] = (int32_t)sum;
        }
}

/* Sums runs of rising elements; a run ends, and counts, when it grows too large. */
static crc sum_matrix(crc sum, int32_t clip) {
    int32_t total = 0, previous = 0;
    int16_t result = 0;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            const int32_t now = product[i][j];
            total = (int32_t)((uint32_t)total + (uint32_t)now);
            if (total > clip) {
                result = (int16_t)(result + 10);
                total = 0;
            } else {
                result = (int16_t)(result + (now > previous));
            }
            previous = now;
        }
    return crc_half(sum, (uint16_t)result);
}

static crc matrix_round(crc sum, uint32_t seed) {
    fill_matrices(seed);
    add_constant((int16_t)seed);
    multiply();
    sum = sum_matrix(sum, 1 << 20);
    multiply_bits();
    sum = sum_matrix(sum, 1 << 12);
    add_constant((int16_t)-seed);
    for (int i = 0; i < n; ++i)
        sum = crc_half(sum, (uint16_t)left[i][n - 1 - i]);
    return sum;
}

/* The state machine: which words of a text are whole numbers, decimals, powers of ten? */

enum state {
    start,
    sign,
    whole,
    point,
    decimal,
    exponent,
    exponent_sign,
    power,
    wrong,
    state_count
};

static enum state next_state(enum state now, char c) {
    const int digit = c >= '0' && c <= '9';
    switch (now) {
    case start: return digit ? whole : c == '+' || c == '-' ? sign : c == '.' ? point : wrong;
    case sign: return digit ? whole : c == '.' ? point : wrong;
    case whole: return digit ? whole : c == '.' ? decimal : c == 'e' ? exponent : wrong;
    case point: return digit ? decimal : wrong;
    case decimal: return digit ? decimal : c == 'e' ? exponent : wrong;
    case exponent: return digit ? power : c == '+' || c == '-' ? exponent_sign : wrong;
    case exponent_sign: return digit ? power : wrong;
    case power: return digit ? power : wrong;
    default: return wrong;
    }
}

static const char sample[] =
    "5012 1234 -874 +122 35.54400 .1234500 -110.700 +0.64400 5.500e+3 -.123e-2 -87e+832 +0.6e-12 "
    "T0.3e-1F -T.T++Tq 1T3.4e4z 34.0e-T^ 77 8.5 1e9 . - + 12e 3.e 4.e1 -0 00 0.0.0 9-9";

static crc text_round(crc sum, uint32_t seed) {
    static char text[sizeof sample];
    uint16_t ended[state_count] = {0}, seen[state_count] = {0};
    memcpy(text, sample, sizeof sample);
    for (size_t i = seed % 7; i < sizeof sample - 1; i += 11)
        if (text[i] != ' ') text[i] ^= (char)(seed & 3);

    enum state now = start;
    for (const char* at = text; *at; ++at) {
        if (*at == ' ') {
            ++ended[now];
            now = start;
            continue;
        }
        now = next_state(now, *at);
        ++seen[now];
    }
    ++ended[now];
    for (int i = 0; i < state_count; ++i)
        sum = crc_half(crc_half(sum, ended[i]), seen[i]);
    return sum;
}

static crc whole_round(void) {
    crc sum = 0;
    for (uint32_t seed = 1; seed <= 4; ++seed) {
        sum = list_round(sum, seed);
        sum = matrix_round(sum, seed * 0x1357);
        sum = text_round(sum, seed);
    }
    return sum;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 1200);
    int same = 1;
    for (unsigned i = 0; i < count; ++i)
        same &= whole_round() == checksum_of_a_round;
    if (!same) printf("checksum 0x%04x\n", whole_round());
    return bench_end("coremark_like", count, same);
}
