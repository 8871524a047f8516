#undef WAXWING_SIMD_PORTABLE
#define WAXWING_SIMD_PORTABLE
#define VECTOR_OPS portable_vector_ops
#include "vector_ops.inc"
