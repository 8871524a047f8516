// From a byte of a module back to the text that it was made of.
#pragma once

#include <span>
#include <string_view>

#include "core/int.hpp"
#include "waxwing/text.hpp"

namespace waxwing::text {

// What is looked for while a text is parsed once more, and what was found: the last
// thing in the text that does not begin behind the byte.
struct SoughtPlace {
    // The section with the byte, and where in its contents, behind their number; of
    // the code section which body, and where in that.
    u8 section = 0;
    u32 body = 0;
    usize offset = 0;

    bool found = false;
    u32 place = 0;               // in the text
    std::string_view func_name;  // of the function with the byte, if it has one: "$f"

    // At `position`, in the sense of `offset`, begins what stands at `text_offset`.
    void offer(usize position, u32 text_offset) {
        if (position > offset) return;
        found = true;
        place = text_offset;
    }
};

// Where the byte at `offset` of a module of parse_wat() lies; section 0 if nowhere.
SoughtPlace find_section(std::span<const std::byte> module, u64 offset);

// As waxwing::locate_in_text(), of the module in source[begin, end).
Error locate(Error error, std::string_view source, usize begin, usize end,
             const TextOptions& options);

}  // namespace waxwing::text
