/*
 * report [-n COUNT] [-o FILE] PATH...
 *
 * Counts lines, words and distinct words of text files, and prints a table of
 * them and the COUNT most frequent words. A PATH that is a directory stands for
 * all the files in it. With -o the report goes to FILE. The environment variable
 * REPORT_TITLE gives it a title.
 *
 * A program like many others: nothing in it knows that it is run by an
 * interpreter, in a sandbox that shows it only the directories it was given.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { longest_word = 64, longest_path = 512 };

/* A set of words with counts: open addressing, the capacity a power of two. */
struct entry {
    char* word; /* owned; null in an empty slot */
    unsigned count;
};

struct words {
    struct entry* slots;
    size_t capacity;
    size_t size;
};

struct file_count {
    char* name; /* owned */
    unsigned long lines, words, distinct, bytes;
};

struct report {
    struct file_count* files;
    size_t file_count;
    struct words words; /* of all files together */
};

static void fail(const char* what) {
    fprintf(stderr, "report: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void* checked(void* memory) {
    if (!memory) fail("memory");
    return memory;
}

static size_t hash(const char* word) {
    size_t h = 2166136261u;
    for (; *word; ++word)
        h = (h ^ (unsigned char)*word) * 16777619u;
    return h;
}

static struct entry* find(const struct words* set, const char* word) {
    size_t at = hash(word) & (set->capacity - 1);
    while (set->slots[at].word && strcmp(set->slots[at].word, word) != 0)
        at = (at + 1) & (set->capacity - 1);
    return &set->slots[at];
}

static void grow(struct words* set) {
    const struct words old = *set;
    set->capacity = old.capacity ? 2 * old.capacity : 64;
    set->slots = checked(calloc(set->capacity, sizeof *set->slots));
    for (size_t i = 0; i < old.capacity; ++i)
        if (old.slots[i].word) *find(set, old.slots[i].word) = old.slots[i];
    free(old.slots);
}

static void add(struct words* set, const char* word, unsigned count) {
    if (2 * set->size >= set->capacity) grow(set);
    struct entry* entry = find(set, word);
    if (!entry->word) {
        entry->word = checked(strdup(word));
        ++set->size;
    }
    entry->count += count;
}

static void clear(struct words* set) {
    for (size_t i = 0; i < set->capacity; ++i)
        free(set->slots[i].word);
    free(set->slots);
    *set = (struct words){0};
}

/* Letters, and apostrophes between them, make a word; case is ignored. */
static void count_text(FILE* in, struct file_count* count, struct words* words) {
    char word[longest_word];
    size_t length = 0;
    for (int c = fgetc(in);; c = fgetc(in)) {
        if (c != EOF) ++count->bytes;
        if (c == '\n') ++count->lines;
        if (c != EOF && (isalpha(c) || (c == '\'' && length > 0))) {
            if (length + 1 < sizeof word) word[length++] = (char)tolower(c);
            continue;
        }
        while (length > 0 && word[length - 1] == '\'')
            --length;
        if (length > 0) {
            word[length] = '\0';
            add(words, word, 1);
            ++count->words;
        }
        length = 0;
        if (c == EOF) return;
    }
}

static void count_file(struct report* report, const char* path) {
    FILE* in = fopen(path, "r");
    if (!in) fail(path);
    struct file_count count = {.name = checked(strdup(path))};
    struct words words = {0};
    count_text(in, &count, &words);
    if (ferror(in)) fail(path);
    fclose(in);

    count.distinct = words.size;
    for (size_t i = 0; i < words.capacity; ++i)
        if (words.slots[i].word) add(&report->words, words.slots[i].word, words.slots[i].count);
    clear(&words);

    const size_t size = (report->file_count + 1) * sizeof *report->files;
    report->files = checked(realloc(report->files, size));
    report->files[report->file_count++] = count;
}

static void count_path(struct report* report, const char* path) {
    struct stat status;
    if (stat(path, &status) != 0) fail(path);
    if (!S_ISDIR(status.st_mode)) {
        count_file(report, path);
        return;
    }
    DIR* directory = opendir(path);
    if (!directory) fail(path);
    for (struct dirent* entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        char inner[longest_path];
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner) {
            errno = ENAMETOOLONG;
            fail(path);
        }
        if (stat(inner, &status) == 0 && S_ISREG(status.st_mode)) count_file(report, inner);
    }
    closedir(directory);
}

static int by_name(const void* a, const void* b) {
    return strcmp(((const struct file_count*)a)->name, ((const struct file_count*)b)->name);
}

/* The most frequent first; among equals, in the order of the alphabet. */
static int by_count(const void* a, const void* b) {
    const struct entry *left = a, *right = b;
    if (left->count != right->count) return left->count < right->count ? 1 : -1;
    return strcmp(left->word, right->word);
}

static void print_files(const struct report* report, FILE* out) {
    fprintf(out, "%-28s %7s %7s %9s %7s\n", "file", "lines", "words", "distinct", "bytes");
    struct file_count total = {.distinct = report->words.size};
    for (size_t i = 0; i < report->file_count; ++i) {
        const struct file_count* file = &report->files[i];
        fprintf(out, "%-28s %7lu %7lu %9lu %7lu\n", file->name, file->lines, file->words,
                file->distinct, file->bytes);
        total.lines += file->lines;
        total.words += file->words;
        total.bytes += file->bytes;
    }
    fprintf(out, "%-28s %7lu %7lu %9lu %7lu\n", "total", total.lines, total.words, total.distinct,
            total.bytes);
}

/* A bar for each word, the longest 40 characters. Reorders the set: it ends here. */
static void print_words(struct words* words, size_t count, FILE* out) {
    size_t used = 0;
    for (size_t i = 0; i < words->capacity; ++i)
        if (words->slots[i].word) {
            const struct entry entry = words->slots[i];
            words->slots[i].word = NULL;
            words->slots[used++] = entry;
        }
    if (used == 0) return;
    qsort(words->slots, used, sizeof *words->slots, by_count);

    fprintf(out, "\n%-28s %7s %7s\n", "word", "count", "share");
    double total = 0;
    for (size_t i = 0; i < used; ++i)
        total += words->slots[i].count;
    const unsigned most = words->slots[0].count;
    for (size_t i = 0; i < used && i < count; ++i) {
        const struct entry* entry = &words->slots[i];
        fprintf(out, "%-28s %7u %6.2f%%  ", entry->word, entry->count,
                100.0 * entry->count / total);
        for (unsigned bar = 0; bar < (40 * entry->count + most - 1) / most; ++bar)
            fputc('#', out);
        fputc('\n', out);
    }
}

int main(int argc, char** argv) {
    size_t most_frequent = 10;
    const char* output = NULL;
    for (int option; (option = getopt(argc, argv, "n:o:")) != -1;) {
        if (option == 'n') most_frequent = strtoul(optarg, NULL, 10);
        if (option == 'o') output = optarg;
        if (option == '?') optind = argc;
    }
    if (optind >= argc) {
        fputs("usage: report [-n COUNT] [-o FILE] PATH...\n", stderr);
        return 2;
    }

    struct report report = {0};
    for (int i = optind; i < argc; ++i)
        count_path(&report, argv[i]);
    if (report.file_count > 1)
        qsort(report.files, report.file_count, sizeof *report.files, by_name);

    FILE* out = output ? fopen(output, "w") : stdout;
    if (!out) fail(output);
    const char* title = getenv("REPORT_TITLE");
    if (title) fprintf(out, "%s\n\n", title);
    print_files(&report, out);
    print_words(&report.words, most_frequent, out);
    if (ferror(out) || fclose(out) != 0) fail(output ? output : "output");
    return 0;
}
