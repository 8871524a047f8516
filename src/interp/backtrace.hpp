// Which functions a stopped call is in.
#pragma once

#include <vector>

#include "interp/objects.hpp"

namespace waxwing::interp {

// Innermost first, calls that it was made from included; of a deep stack the
// innermost and the outermost activations. If the call is to stop meanwhile, frames are missing,
// or stand at the beginning of their functions. Empty if there is no
// memory for it. `units`: what the work is worth in fuel.
std::vector<Frame> backtrace(const Activation& activation, u64& units) noexcept;

// Calls from the host: arguments in, results out.
Result<void> invoke(FuncInst& func, u64* slots, const CallOptions* options);

}  // namespace waxwing::interp
