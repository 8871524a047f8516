/*
 * A switch in a loop: an interpreter for a small stack machine, interpreted. Its
 * program finds the number below COUNT with the longest Collatz sequence; the
 * same search in C says what must come out.
 */
#include "bench.h"

// clang-format off
enum op {
    push, load, store, dup, drop, add, sub, mul, shift_right, bit_and, bit_xor, less, equal,
    jump, jump_if, jump_unless, call, back, halt,
};
// clang-format on

struct instr {
    enum op op;
    int64_t operand;
};

enum variable { limit, number, length, value, best, best_length, variable_count };

/* Places in the program; a wrong one overlaps its neighbours, which compilers warn of. */
enum { next = 4, step = 12, odd = 29, compare = 32, advance = 40, end = 45, triple = 46 };

// clang-format off
static const struct instr program[] = {
    {push, 1}, {store, number}, {push, 0}, {store, best_length},

    [next] = {load, number}, {load, limit}, {less, 0}, {jump_unless, end},
    {push, 1}, {store, length}, {load, number}, {store, value},

    [step] = {load, value}, {push, 1}, {equal, 0}, {jump_if, compare},
    {load, length}, {push, 1}, {add, 0}, {store, length},
    {load, value}, {push, 1}, {bit_and, 0}, {jump_if, odd},
    {load, value}, {push, 1}, {shift_right, 0}, {store, value}, {jump, step},

    [odd] = {call, triple}, {store, value}, {jump, step},

    [compare] = {load, best_length}, {load, length}, {less, 0}, {jump_unless, advance},
    {load, length}, {store, best_length}, {load, number}, {store, best},

    [advance] = {load, number}, {push, 1}, {add, 0}, {store, number}, {jump, next},

    [end] = {halt, 0},

    /* -> 3 value + 1 */
    [triple] = {load, value}, {dup, 0}, {dup, 0}, {add, 0}, {add, 0}, {push, 1}, {add, 0},
    {back, 0},
};
// clang-format on

/* The top of the stack is *top. False if the program overruns a stack. */
static int run(const struct instr* code, int64_t* variables) {
    int64_t stack[32], *top = stack;
    const struct instr* returns[8];
    int depth = 0;
    for (const struct instr* at = code;; ++at) {
        if (top > stack + 30 || top < stack) return 0;
        switch (at->op) {
        case push: *++top = at->operand; break;
        case load: *++top = variables[at->operand]; break;
        case store: variables[at->operand] = *top--; break;
        case dup:
            top[1] = *top;
            ++top;
            break;
        case drop: --top; break;
        case add:
            --top;
            *top += top[1];
            break;
        case sub:
            --top;
            *top -= top[1];
            break;
        case mul:
            --top;
            *top *= top[1];
            break;
        case shift_right:
            --top;
            *top >>= top[1] & 63;
            break;
        case bit_and:
            --top;
            *top &= top[1];
            break;
        case bit_xor:
            --top;
            *top ^= top[1];
            break;
        case less:
            --top;
            *top = *top < top[1];
            break;
        case equal:
            --top;
            *top = *top == top[1];
            break;
        case jump: at = code + at->operand - 1; break;
        case jump_if:
            if (*top--) at = code + at->operand - 1;
            break;
        case jump_unless:
            if (!*top--) at = code + at->operand - 1;
            break;
        case call:
            if (depth == 8) return 0;
            returns[depth++] = at;
            at = code + at->operand - 1;
            break;
        case back:
            if (depth == 0) return 0;
            at = returns[--depth];
            break;
        case halt: return top == stack;
        }
    }
}

static int64_t longest_below(int64_t bound) {
    int64_t found = 0, steps_found = 0;
    for (int64_t n = 1; n < bound; ++n) {
        int64_t steps = 1;
        for (int64_t v = n; v != 1; v = v & 1 ? 3 * v + 1 : v >> 1)
            ++steps;
        if (steps > steps_found) {
            steps_found = steps;
            found = n;
        }
    }
    return found;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 35000);
    int64_t variables[variable_count] = {[limit] = count};
    const int ran = run(program, variables);
    return bench_end("vm", count, ran && variables[best] == longest_below(count));
}
