// The text format: .wat modules to the binary format, which is what
// Module::load() takes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
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
    bool annotations = true;
    // The limits of 32-bit memories and tables are 32-bit numbers, as they were
    // before 64-bit memories; else they are 64-bit, and validation says if they fit.
    bool u32_limits = false;
};

// `source` is a module, or the fields of one without "(module". Errors are of
// kind malformed; they say line and column, and byte_offset() is the place in
// the text. The result is not validated.
Result<std::vector<std::byte>> parse_wat(std::string_view source, const TextOptions& options = {});

// Where in the text: of an error about a module that parse_wat() made of `source` with
// the same options, as Module::load() or Module::validate() reports it, the same error,
// which says line and column, and the function's name as the text has it: "type mismatch:
// ... (at line 3, column 5, func 0 $f)". byte_offset() is then the place in the text.
// Parses the text once more, so that nobody pays for this as long as all is well. Returns
// an error that has no place in the module as it is.
Error locate_in_text(Error error, std::string_view source, const TextOptions& options = {});

struct PrintOptions {
    // Operands inside of the instructions that take them: (i32.add (local.get 0) ...).
    bool fold = false;
    // A comment in front of each field and instruction: its offset in the module.
    bool offsets = false;
    // Keep what the text format has only annotations for: custom sections, branch
    // hints, and names that cannot be identifiers because something else has them.
    bool annotations = true;
};

// The text of a module in binary form. parse_wat() makes the same bytes of it, as
// far as these are what parse_wat() would write; docs/text.md says what is lost.
// The module has to be well-formed, all features being on, but not valid. Errors:
// kind malformed as Module::load() says it; kind limit if the text would be larger
// than 64 MB and 100 times the module.
Result<std::string> print_wat(std::span<const std::byte> module, const PrintOptions& options = {});

// Gets the pieces of a text in order; false: no more of them.
using TextSink = std::function<bool(std::string_view)>;
// The same for texts of any size. On errors the sink may have got a part of the text.
Result<void> print_wat(std::span<const std::byte> module, const PrintOptions& options,
                       const TextSink& sink);

}  // namespace waxwing
#pragma GCC visibility pop
