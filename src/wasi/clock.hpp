#pragma once

#include <ctime>

#include "wasi/abi.hpp"
#include "wasi/expected.hpp"

namespace waxwing::wasi {

// What a clock shows, in nanoseconds.
Expected<Timestamp> now(ClockId id);

}  // namespace waxwing::wasi
