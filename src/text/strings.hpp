// String literals and quoted identifiers.
#pragma once

#include <string>
#include <string_view>

#include "core/int.hpp"

namespace waxwing::text {

// Length of the escape sequence at the start of `text`, which begins with a
// backslash; zero if there is none.
usize escape_length(std::string_view text);

inline bool has_escapes(std::string_view literal) {
    return literal.find('\\') != std::string_view::npos;
}

// The bytes a literal stands for. Requires a literal the lexer let pass, with
// its quotes.
void unescape(std::string_view literal, std::string& out);
std::string unescape(std::string_view literal);

}  // namespace waxwing::text
