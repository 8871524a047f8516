/*
 * malloc and free: binary trees are built, counted and freed again, many small ones while one
 * large one of depth COUNT lives on. trees_gc.wat is the same with collected structures.
 */
#include "bench.h"

struct tree {
    struct tree *left, *right;
};

static struct tree* grow(unsigned depth) {
    struct tree* tree = malloc(sizeof *tree);
    if (!tree) exit(1);
    tree->left = depth > 0 ? grow(depth - 1) : NULL;
    tree->right = depth > 0 ? grow(depth - 1) : NULL;
    return tree;
}

static unsigned size(const struct tree* tree) {
    return tree ? 1 + size(tree->left) + size(tree->right) : 0;
}

static void fell(struct tree* tree) {
    if (!tree) return;
    fell(tree->left);
    fell(tree->right);
    free(tree);
}

int main(int argc, char** argv) {
    const unsigned depth = bench_count(argc, argv, 18);
    if (depth > 24) return 2;
    struct tree* lasting = grow(depth);
    int right = 1;
    for (unsigned d = 4; d <= depth; d += 2)
        for (unsigned i = 1u << (depth - d); i > 0; --i) {
            struct tree* tree = grow(d);
            right &= size(tree) == (2u << d) - 1;
            fell(tree);
        }
    right &= size(lasting) == (2u << depth) - 1;
    fell(lasting);
    return bench_end("trees", depth, right);
}
