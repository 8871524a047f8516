/*
 * Text to tree and back: a JSON document of some 60 kB is parsed into nodes, and
 * written again from them, COUNT times. The two texts must be the same.
 */
#include <string.h>

#include "bench.h"

enum kind { null_value, boolean, number, string, array, object };

struct node {
    enum kind kind;
    struct node* next;  /* in the array or object it is part of */
    struct node* first; /* of an array or object */
    const char* key;    /* of a member; in the source, not ended by 0 */
    const char* text;   /* of a string, likewise */
    size_t key_size, text_size;
    double value; /* of a number or boolean */
};

enum { most_text = 1 << 17, most_nodes = 1 << 14, most_depth = 64 };

static char source[most_text], written[most_text];
static struct node nodes[most_nodes];
static size_t node_count;

/* Writer. */

static char* out; /* in written or source */

static void put(const char* text, size_t size) {
    memcpy(out, text, size);
    out += size;
}

static void put_string(const char* text, size_t size) {
    *out++ = '"';
    put(text, size); /* escapes are kept as they were read */
    *out++ = '"';
}

static void put_whole(long value) {
    char digits[20];
    int size = 0;
    if (value < 0) *out++ = '-';
    unsigned long rest = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
    do
        digits[size++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (size > 0)
        *out++ = digits[--size];
}

/* Numbers of the document have at most two decimals. */
static void put_number(double value) {
    const long hundredths = (long)(value * 100 + (value < 0 ? -0.5 : 0.5));
    if (hundredths < 0) *out++ = '-';
    const long size = labs(hundredths);
    put_whole(size / 100);
    if (size % 100 == 0) return;
    *out++ = '.';
    *out++ = (char)('0' + size / 10 % 10);
    if (size % 10) *out++ = (char)('0' + size % 10);
}

static void write_node(const struct node* node) {
    switch (node->kind) {
    case null_value: put("null", 4); break;
    case boolean: node->value != 0 ? put("true", 4) : put("false", 5); break;
    case number: put_number(node->value); break;
    case string: put_string(node->text, node->text_size); break;
    case array:
    case object:
        *out++ = node->kind == array ? '[' : '{';
        for (const struct node* part = node->first; part; part = part->next) {
            if (part != node->first) *out++ = ',';
            if (part->key) {
                put_string(part->key, part->key_size);
                *out++ = ':';
            }
            write_node(part);
        }
        *out++ = node->kind == array ? ']' : '}';
    }
}

/* Parser. Each function begins at `in` and ends behind what it read; null is an error. */

static const char* in;

static void skip_space(void) {
    while (*in == ' ' || *in == '\n' || *in == '\t' || *in == '\r')
        ++in;
}

static int take(char c) {
    skip_space();
    if (*in != c) return 0;
    ++in;
    return 1;
}

static int take_word(const char* word) {
    const size_t size = strlen(word);
    if (strncmp(in, word, size) != 0) return 0;
    in += size;
    return 1;
}

static int parse_string(const char** text, size_t* size) {
    if (!take('"')) return 0;
    *text = in;
    for (; *in != '"'; ++in) {
        if (*in == '\\' && in[1]) ++in;
        if ((unsigned char)*in < ' ') return 0;
    }
    *size = (size_t)(in++ - *text);
    return 1;
}

static int parse_number(double* value) {
    const int negative = take('-');
    if (*in < '0' || *in > '9') return 0;
    double whole = 0, scale = 1;
    while (*in >= '0' && *in <= '9')
        whole = 10 * whole + (*in++ - '0');
    if (*in == '.')
        for (++in; *in >= '0' && *in <= '9'; scale *= 10)
            whole = 10 * whole + (*in++ - '0');
    *value = (negative ? -whole : whole) / scale;
    return 1;
}

static struct node* parse_value(int depth);

static int parse_parts(struct node* whole, char close, int depth) {
    struct node** end = &whole->first;
    if (take(close)) return 1;
    do {
        const char* key = NULL;
        size_t key_size = 0;
        if (close == '}' && (!parse_string(&key, &key_size) || !take(':'))) return 0;
        struct node* part = parse_value(depth + 1);
        if (!part) return 0;
        part->key = key;
        part->key_size = key_size;
        *end = part;
        end = &part->next;
    } while (take(','));
    return take(close);
}

static struct node* parse_value(int depth) {
    if (node_count == most_nodes || depth == most_depth) return NULL;
    struct node* node = &nodes[node_count++];
    memset(node, 0, sizeof *node);
    skip_space();
    switch (*in) {
    case '[':
        ++in;
        node->kind = array;
        return parse_parts(node, ']', depth) ? node : NULL;
    case '{':
        ++in;
        node->kind = object;
        return parse_parts(node, '}', depth) ? node : NULL;
    case '"': node->kind = string; return parse_string(&node->text, &node->text_size) ? node : NULL;
    case 'n': return take_word("null") ? node : NULL;
    case 't':
    case 'f':
        node->kind = boolean;
        node->value = *in == 't';
        return take_word(*in == 't' ? "true" : "false") ? node : NULL;
    default: node->kind = number; return parse_number(&node->value) ? node : NULL;
    }
}

/* The document: an array of records with every kind of value. */
static void make_source(void) {
    static const char* const names[] = {"robin", "wren", "waxwing", "a \\\"quoted\\\" tit"};
    uint32_t seed = 3;
    out = source;
    *out++ = '[';
    for (int i = 0; i < 500; ++i) {
        if (i > 0) *out++ = ',';
        const char* name = names[bench_random(&seed) % 4];
        put("{\"id\":", 6);
        put_whole(i);
        put(",\"name\":", 8);
        put_string(name, strlen(name));
        put(",\"seen\":[", 9);
        for (uint32_t j = bench_random(&seed) % 8; j > 0; --j) {
            put_number((double)(bench_random(&seed) % 200000) / 100 - 1000);
            if (j > 1) *out++ = ',';
        }
        put("],\"ringed\":", 11);
        put(i % 2 ? "true" : "null", 4);
        put(",\"place\":{\"north\":", 18);
        put_whole((long)(bench_random(&seed) % 90));
        put(",\"in\":{}}}", 10);
    }
    *out++ = ']';
    *out = '\0';
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 400);
    make_source();
    int right = 1;
    for (unsigned i = 0; i < count && right; ++i) {
        node_count = 0;
        in = source;
        const struct node* root = parse_value(0);
        right = root && *in == '\0';
        if (!right) break;
        out = written;
        write_node(root);
        *out = '\0';
        right = strcmp(source, written) == 0;
    }
    return bench_end("json", count, right);
}
