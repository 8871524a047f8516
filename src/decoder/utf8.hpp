// UTF-8 as the specification defines it: no overlong forms, no surrogates,
// nothing beyond U+10FFFF.
#pragma once

#include <span>

#include "core/int.hpp"

namespace waxwing {

bool is_utf8(std::span<const u8> text);

}  // namespace waxwing
