// The text format: .wat modules to the binary format, which is what
// Module::load() takes.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

struct TextOptions {
    // Write identifiers to a `name` section, where traps find them.
    bool emit_names = true;
    // Obey the annotations @custom, @name and @metadata.code.branch_hint. When
    // off, annotations are white space.
    bool annotations = false;
    // The limits of 32-bit memories and tables are 32-bit numbers, as they were
    // before 64-bit memories; else they are 64-bit, and validation says if they fit.
    bool u32_limits = false;
};

// `source` is a module, or the fields of one without "(module". Errors are of
// kind malformed; they say line and column, and byte_offset() is the place in
// the text. The result is not validated.
Result<std::vector<std::byte>> parse_wat(std::string_view source, const TextOptions& options = {});

}  // namespace waxwing
#pragma GCC visibility pop
