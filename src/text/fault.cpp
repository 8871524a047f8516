#include "text/fault.hpp"

#include <algorithm>

namespace waxwing::text {
namespace {

const char* words(TextFault fault) {
    switch (fault) {
#define MALFORMED(ident, text) \
    case TextFault::ident: return text;
#define INVALID(ident, text) MALFORMED(ident, text)
#include "text/errors.def"
    }
    return "";
}

ErrorKind kind_of(TextFault fault) {
    switch (fault) {
#define INVALID(ident, text) \
    case TextFault::ident: return ErrorKind::invalid;
#include "text/errors.def"
    default: return ErrorKind::malformed;
    }
}

}  // namespace

Place place_of(std::string_view source, usize offset) {
    const std::string_view before = source.substr(0, offset);
    const usize line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    Place place;
    place.line += static_cast<usize>(std::ranges::count(before, '\n'));
    place.column += before.size() - line_start;
    return place;
}

Error text_error(TextFault fault, std::string_view detail, std::string_view source, usize offset) {
    std::string message = words(fault);
    if (!detail.empty()) {
        message += ' ';
        message += detail;
    }
    const Place place = place_of(source, offset);
    message += " (at line " + std::to_string(place.line) + ", column " +
               std::to_string(place.column) + ")";
    Error error(Code::compile, kind_of(fault), std::move(message));
    error.with_offset(offset);
    return error;
}

}  // namespace waxwing::text
