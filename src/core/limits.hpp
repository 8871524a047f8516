// Implementation limits: what a module may at most ask for. The specification
// ("Implementation Limitations") allows them; these are at or above the ones
// common to the engines of web browsers.
#pragma once

#include "core/int.hpp"

namespace waxwing::limits {

inline constexpr u32 module_size = 1u << 30;  // in bytes
inline constexpr u32 types = 1'000'000;       // and recursion groups
inline constexpr u32 functions = 1'000'000;   // imported ones included
inline constexpr u32 imports = 1'000'000;
inline constexpr u32 exports = 1'000'000;
inline constexpr u32 globals = 1'000'000;
inline constexpr u32 tags = 1'000'000;
inline constexpr u32 tables = 100'000;
inline constexpr u32 memories = 100'000;
inline constexpr u32 elem_segments = 1'000'000;
inline constexpr u32 data_segments = 1'000'000;
inline constexpr u32 custom_sections = 1'000'000;

inline constexpr u32 function_params = 1'000;
inline constexpr u32 function_results = 1'000;
inline constexpr u32 function_locals = 50'000;  // without parameters
inline constexpr u32 struct_fields = 10'000;
// Of one function at a time; a single operand for an instruction may go beyond.
inline constexpr u32 operands = 65'536;

}  // namespace waxwing::limits
