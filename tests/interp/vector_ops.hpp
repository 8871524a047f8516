// Every vector instruction's pure function behind one signature, once as the
// interpreter has it and once as it has it where there is no SSE4.1.
#pragma once

#include <cstdint>
#include <span>

namespace waxwing::test {

enum class VectorResult : std::uint8_t { bits, f32, f64 };  // f32, f64: two NaNs may differ

struct VectorOp {
    const char* name;
    VectorResult result;
    // Argument i is read from in + 16 * i; what is left of `out` is not written.
    void (*eval)(const std::uint8_t* in, std::uint8_t* out);
};
inline constexpr int max_vector_args = 3;

// In the same order.
std::span<const VectorOp> native_vector_ops();
std::span<const VectorOp> portable_vector_ops();

}  // namespace waxwing::test
