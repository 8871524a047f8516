/*
 * Loads that wait for loads: a ring of 16 thousand nodes in a random order is walked round
 * COUNT times, and a binary search tree with the same nodes is searched for each of them.
 * They fit a second-level cache: beyond, it would be memory that is measured.
 */
#include "bench.h"

enum { size = 1 << 14 };

struct node {
    struct node *next, *left, *right;
    uint32_t key;
};

static struct node nodes[size];

static void link_ring(uint32_t* seed) {
    static uint32_t order[size];
    for (uint32_t i = 0; i < size; ++i)
        order[i] = i;
    for (uint32_t i = size - 1; i > 0; --i) {
        const uint32_t j = bench_random(seed) % (i + 1), old = order[i];
        order[i] = order[j];
        order[j] = old;
    }
    for (uint32_t i = 0; i < size; ++i)
        nodes[order[i]].next = &nodes[order[(i + 1) % size]];
}

/* In the order of the ring, which is random, so that the tree is not deep. */
static struct node* plant(struct node* first) {
    for (struct node* node = first->next; node != first; node = node->next) {
        struct node** at = &first;
        while (*at)
            at = node->key < (*at)->key ? &(*at)->left : &(*at)->right;
        *at = node;
    }
    return first;
}

static const struct node* find(const struct node* tree, uint32_t key) {
    while (tree && tree->key != key)
        tree = key < tree->key ? tree->left : tree->right;
    return tree;
}

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 80);
    uint32_t seed = 5;
    for (uint32_t i = 0; i < size; ++i)
        nodes[i].key = 3 * i;
    link_ring(&seed);
    struct node* tree = plant(nodes);
    int right = 1;
    for (unsigned i = 0; i < count; ++i) {
        for (int round = 0; round < 40; ++round) {
            uint64_t sum = 0;
            const struct node* node = nodes;
            do {
                sum += node->key;
                node = node->next;
            } while (node != nodes);
            right &= sum == (uint64_t)3 * size * (size - 1) / 2;
        }
        uint32_t found = 0;
        for (uint32_t key = i; key < 3 * size; key += 3)
            found += find(tree, key) != NULL;
        right &= found == (i % 3 ? 0 : size - i / 3);
    }
    return bench_end("chase", count, right);
}
