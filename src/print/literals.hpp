// Strings, identifiers and floating-point numbers as the text format writes them.
#pragma once

#include <string_view>

#include "print/output.hpp"
#include "waxwing/value.hpp"

namespace waxwing::print {

// A string literal. What is not printable ASCII is escaped byte by byte.
void put_bytes(Output& out, std::string_view bytes);
// The same behind a space; what is long, in literals on lines of their own.
void put_long_bytes(Output& out, std::string_view bytes, usize depth);
// The same of UTF-8, where only control characters are escaped.
void put_name(Output& out, std::string_view name);
// $name, or $"name" if it has characters that identifiers do not have. Requires
// a name that is UTF-8 and not empty.
void put_identifier(Output& out, std::string_view name);

// The shortest decimal number that is read back as the same; NaNs with their payload.
void put_f32(Output& out, u32 bits);
void put_f64(Output& out, u64 bits);
// i32x4 and four hexadecimal lanes.
void put_v128(Output& out, const V128& value);

}  // namespace waxwing::print
