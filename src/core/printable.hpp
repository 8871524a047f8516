// Text that someone else wrote, for the eyes of people.
#pragma once

#include <string>
#include <string_view>

namespace waxwing {

// `text` with an escape for everything that would not be seen as what it is or does
// something to a terminal: control characters (C0, DEL, C1), marks that change the
// direction of writing, line separators, and bytes that are not UTF-8. The escapes are
// those of the text format: \1b for a byte, \u{202e} for a character.
std::string printable(std::string_view text);

// The same as a string of JSON (RFC 8259) with its quotes; bytes that are not UTF-8
// become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace waxwing
