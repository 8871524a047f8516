// Text to binary, inside the library.
#pragma once

#include <cstddef>
#include <vector>

#include "core/int.hpp"
#include "waxwing/text.hpp"

namespace waxwing::text {

// The module in source[begin, end). Places in errors count from the start of
// `source`.
Result<std::vector<std::byte>> module_to_binary(std::string_view source, usize begin, usize end,
                                                const TextOptions& options);

}  // namespace waxwing::text
