/*
 * Sets of states: regular expressions are translated for a machine that follows all
 * alternatives at once, and looked for in 64 KiB of text, COUNT times. Simple searches
 * written by hand say how many lines must match.
 */
#include <string.h>

#include "bench.h"

enum { most_code = 128, text_size = 1 << 16 };

enum op { byte, any, set, split, jump, match };

struct instr {
    enum op op;
    int x, y; /* split, jump: where to; byte: x; set: from x to y */
};

static struct instr code[most_code];
static int code_size;

static int emit(enum op op, int x, int y) {
    if (code_size == most_code) exit(1);
    code[code_size] = (struct instr){op, x, y};
    return code_size++;
}

/* Makes room for one instruction at `at`, behind which everything moves. */
static void insert(int at) {
    emit(match, 0, 0);
    memmove(code + at + 1, code + at, (size_t)(code_size - at - 1) * sizeof *code);
    for (int i = at + 1; i < code_size; ++i)
        if (code[i].op == split || code[i].op == jump) {
            code[i].x += code[i].x >= at;
            code[i].y += code[i].y >= at;
        }
}

/*
 * alternatives ::= sequence ('|' sequence)*
 * sequence     ::= (atom ('*' | '+' | '?')?)*
 * atom         ::= '(' alternatives ')' | '[' byte '-' byte ']' | '.' | byte
 */
static const char* pattern;

static void alternatives(void);

static void atom(void) {
    const char c = *pattern++;
    if (c == '(') {
        alternatives();
        ++pattern;
    } else if (c == '[') {
        emit(set, pattern[0], pattern[2]);
        pattern += 4;
    } else if (c == '.') {
        emit(any, 0, 0);
    } else {
        emit(byte, c, 0);
    }
}

static void sequence(void) {
    while (*pattern && *pattern != '|' && *pattern != ')') {
        const int start = code_size;
        atom();
        if (*pattern == '*' || *pattern == '?') {
            insert(start);
            if (*pattern == '*') emit(jump, start, 0);
            code[start] = (struct instr){split, start + 1, code_size};
            ++pattern;
        } else if (*pattern == '+') {
            emit(split, start, code_size + 1);
            ++pattern;
        }
    }
}

static void alternatives(void) {
    const int start = code_size;
    sequence();
    if (*pattern != '|') return;
    ++pattern;
    insert(start);
    const int leave = emit(jump, 0, 0);
    code[start] = (struct instr){split, start + 1, code_size};
    alternatives();
    code[leave].x = code_size;
}

struct states {
    int size;
    int list[most_code];
};

static unsigned generation, seen[most_code];

/* Adds a state and all that it reaches without reading. */
static void add(struct states* states, int state) {
    if (seen[state] == generation) return;
    seen[state] = generation;
    switch (code[state].op) {
    case jump: add(states, code[state].x); break;
    case split:
        add(states, code[state].x);
        add(states, code[state].y);
        break;
    default: states->list[states->size++] = state;
    }
}

/* Whether the pattern occurs anywhere in the line. */
static int occurs(const char* at, const char* end) {
    static struct states both[2];
    struct states *now = &both[0], *next = &both[1];
    now->size = 0;
    ++generation;
    for (;; ++at) {
        add(now, 0);
        next->size = 0;
        ++generation;
        for (int i = 0; i < now->size; ++i) {
            const int state = now->list[i];
            const struct instr* instr = &code[state];
            if (instr->op == match) return 1;
            if (at == end) continue;
            if (instr->op == any || (instr->op == byte && *at == instr->x) ||
                (instr->op == set && *at >= instr->x && *at <= instr->y))
                add(next, state + 1);
        }
        if (at == end) return 0;
        struct states* const old = now;
        now = next;
        next = old;
    }
}

static char text[text_size];

static unsigned count_lines(const char* expression) {
    pattern = expression;
    code_size = 0;
    alternatives();
    emit(match, 0, 0);
    memset(seen, 0, sizeof seen);
    generation = 0;
    unsigned lines = 0;
    for (const char *line = text, *end; line < text + text_size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + text_size - line));
        lines += (unsigned)occurs(line, end);
    }
    return lines;
}

/* The same by hand. */

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int has_name(const char* line, const char* end) {
    for (; end - line >= 5; ++line)
        if (memcmp(line, "robin", 5) == 0 || (end - line >= 7 && memcmp(line, "waxwing", 7) == 0))
            return 1;
    return 0;
}

/* [0-9]+:[0-9][0-9] */
static int has_time(const char* line, const char* end) {
    for (const char* at = line + 1; at + 2 < end; ++at)
        if (*at == ':' && is_digit(at[-1]) && is_digit(at[1]) && is_digit(at[2])) return 1;
    return 0;
}

/* (a|e)(.*)x.?y */
static int has_pair(const char* line, const char* end) {
    while (line < end && *line != 'a' && *line != 'e')
        ++line;
    for (++line; line + 1 < end; ++line)
        if (*line == 'x' && (line[1] == 'y' || (line + 2 < end && line[2] == 'y'))) return 1;
    return 0;
}

static unsigned count_by_hand(int (*has)(const char*, const char*)) {
    unsigned lines = 0;
    for (const char *line = text, *end; line < text + text_size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + text_size - line));
        lines += (unsigned)has(line, end);
    }
    return lines;
}

static void make_text(void) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz  0123456789::xyxya";
    uint32_t seed = 31;
    for (int at = 0; at < text_size; ++at)
        text[at] =
            bench_random(&seed) % 60 ? letters[bench_random(&seed) % (sizeof letters - 1)] : '\n';
    static const char* const words[] = {"robin", "waxwing", "17:25", "wax", "2:00"};
    for (int at = 0; at + 8 < text_size; at += 40 + (int)(bench_random(&seed) % 300)) {
        const char* word = words[bench_random(&seed) % 5];
        memcpy(text + at, word, strlen(word));
    }
    text[text_size - 1] = '\n';
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 20);
    make_text();
    const unsigned names = count_by_hand(has_name), times = count_by_hand(has_time),
                   pairs = count_by_hand(has_pair);
    int right = names > 50 && times > 50 && pairs > 50;
    for (unsigned i = 0; i < count; ++i)
        right &= count_lines("robin|waxwing") == names &&
                 count_lines("[0-9]+:[0-9][0-9]") == times && count_lines("(a|e)(.*)x.?y") == pairs;
    return bench_end("regex", count, right);
}
