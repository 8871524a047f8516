// Values as they are written on a command line and printed as results.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "waxwing/value.hpp"

namespace waxwing::cli {

// A value of type `type` from its text. Numbers as in the text format: integers signed
// or unsigned, in decimal or 0x hexadecimal; floats also as 1e-3, 0x1.8p1, inf, nan and
// nan:0x..., rounded to the nearest; a v128 as 0x and 32 hexadecimal digits, highest byte
// first; references as null, an externref also as a number. The type may be put before
// it: "i64:5". None if it is not one, or out of range.
std::optional<Value> parse_value(ValType type, std::string_view text);

enum class ResultStyle { plain, typed, json };

// plain, typed: one line each, "3" or "i32:3". json: one array,
// [{"type":"i32","value":3}]; what a JSON number cannot carry is a string: i64,
// infinities, NaN, vectors and references.
std::string format_results(std::span<const Value> results, ResultStyle style);

}  // namespace waxwing::cli
