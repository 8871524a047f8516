/*
 * Strings, hashing and small allocations: COUNT times ten thousand words are made,
 * some often and most seldom, and counted in a chained hash table that grows.
 * The maker keeps its own count by number, so both must agree.
 */
#include <string.h>

#include "bench.h"

enum { vocabulary = 5000, words_a_round = 10000, longest = 16 };

struct node {
    struct node* next;
    uint32_t hash, count;
    char word[];
};

static struct node** buckets;
static size_t bucket_count, node_count;

static uint32_t hash_of(const char* word) {
    uint32_t h = 5381;
    for (; *word; ++word)
        h = 33 * h ^ (unsigned char)*word;
    return h;
}

static void rehash(size_t to) {
    struct node** fresh = calloc(to, sizeof *fresh);
    if (!fresh) exit(1);
    for (size_t i = 0; i < bucket_count; ++i)
        for (struct node *node = buckets[i], *next; node; node = next) {
            next = node->next;
            node->next = fresh[node->hash & (to - 1)];
            fresh[node->hash & (to - 1)] = node;
        }
    free(buckets);
    buckets = fresh;
    bucket_count = to;
}

static struct node* look_up(const char* word, uint32_t hash) {
    struct node* node = buckets[hash & (bucket_count - 1)];
    while (node && (node->hash != hash || strcmp(node->word, word) != 0))
        node = node->next;
    return node;
}

static void count_word(const char* word) {
    const uint32_t hash = hash_of(word);
    struct node* node = look_up(word, hash);
    if (!node) {
        if (++node_count > bucket_count) rehash(2 * bucket_count);
        node = malloc(sizeof *node + strlen(word) + 1);
        if (!node) exit(1);
        strcpy(node->word, word);
        node->hash = hash;
        node->count = 0;
        node->next = buckets[hash & (bucket_count - 1)];
        buckets[hash & (bucket_count - 1)] = node;
    }
    ++node->count;
}

/* A different pronounceable word for each number below 10 million. */
static void make_word(uint32_t number, char* word) {
    static const char consonants[] = "bdfgklmnrs", vowels[] = "aeiou";
    number += 100; /* at least three syllables of consonant and vowel */
    while (number > 0) {
        *word++ = consonants[number % 10];
        *word++ = vowels[number % 5];
        number /= 10;
    }
    *word = '\0';
}

int main(int argc, char** argv) {
    static uint32_t made[vocabulary];
    const unsigned count = bench_count(argc, argv, 300);
    uint32_t seed = 42;
    char word[longest];
    rehash(16);
    for (unsigned i = 0; i < count; ++i)
        for (int j = 0; j < words_a_round; ++j) {
            const uint32_t range = 1 + bench_random(&seed) % vocabulary;
            const uint32_t number = bench_random(&seed) % range;
            ++made[number];
            make_word(number, word);
            count_word(word);
        }

    int right = 1;
    size_t distinct = 0;
    for (uint32_t i = 0; i < vocabulary; ++i) {
        make_word(i, word);
        const struct node* node = look_up(word, hash_of(word));
        distinct += node != NULL;
        right &= (node ? node->count : 0) == made[i];
    }
    right &= distinct == node_count;
    return bench_end("words", count, right);
}
