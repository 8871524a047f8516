// Numeric literals: their shape, and their values, exactly rounded.
#pragma once

#include <optional>
#include <string_view>

#include "core/int.hpp"
#include "text/lexer.hpp"

namespace waxwing::text {

// nat, integer or floating; reserved if `text` is not a number.
TokenKind classify_number(std::string_view text);

// The functions below require a literal that classify_number let pass, and
// return nothing if its value is out of range.

// uN, from a literal without a sign. Requires 1 <= bits <= 64.
std::optional<u64> parse_unsigned(std::string_view literal, unsigned bits);

// iN: -2^(N-1) ... 2^N - 1, as N bits. Requires 8 <= bits <= 64.
std::optional<u64> parse_integer(std::string_view literal, unsigned bits);

// fN as its bits: rounded once, to nearest, ties to even.
std::optional<u32> parse_f32(std::string_view literal);
std::optional<u64> parse_f64(std::string_view literal);

}  // namespace waxwing::text
