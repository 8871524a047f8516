// What is wrong with a module, by number: makes the Error that callers see.
#pragma once

#include <string>

#include "core/int.hpp"
#include "waxwing/error.hpp"
#include "waxwing/features.hpp"

namespace waxwing {

enum class Fault : u8 {
#define MALFORMED(ident, text) ident,
#define INVALID(ident, text) ident,
#define UNLINKABLE(ident, text) ident,
#include "core/errors.def"
};

// The official words.
const char* to_string(Fault fault);

// Error texts read: official words, detail, place.
//   "unknown local 7 (at 0x3f, func 2)"
// `detail` is appended after a space unless it starts with punctuation.
[[gnu::cold]] Error make_error(Fault fault, std::string detail, u64 offset);
// Of what is in no module.
[[gnu::cold]] Error make_error(Fault fault, std::string detail);
[[gnu::cold]] Error make_error(Fault fault, std::string detail, u64 offset, u32 func);
// The same of what only a feature that is switched off would allow.
[[gnu::cold]] Error make_error(Fault fault, std::string detail, Feature feature, u64 offset);
[[gnu::cold]] Error unsupported(Feature feature, std::string what, u64 offset);
// An implementation limit: "too many types (limit 1000000)".
[[gnu::cold]] Error limit_error(std::string message, u64 offset);

}  // namespace waxwing
