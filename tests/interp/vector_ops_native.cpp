#define VECTOR_OPS native_vector_ops
#include "vector_ops.inc"
