// Errors of the text format. A place is a line and a column, both counted from
// one; they are computed when an error is made and at no other time.
#pragma once

#include <string>
#include <string_view>

#include "core/int.hpp"
#include "waxwing/error.hpp"

namespace waxwing::text {

enum class TextFault : u8 {
#define MALFORMED(ident, text) ident,
#define INVALID(ident, text) ident,
#include "text/errors.def"
};

struct Place {
    usize line = 1;
    usize column = 1;  // in bytes
};
Place place_of(std::string_view source, usize offset);

// "unknown label $l (at line 3, column 14)", Error::byte_offset() = offset.
[[gnu::cold]] Error text_error(TextFault fault, std::string_view detail, std::string_view source,
                               usize offset);

}  // namespace waxwing::text
