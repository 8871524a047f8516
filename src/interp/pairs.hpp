// Handlers that do two or more instructions in a row, whatever they are. Which
// pairs have one is decided by counts on real programs (profile.hpp); pairs.def
// lists them.
#pragma once

#include "interp/code.hpp"

namespace waxwing::interp {

// The handler that does what `first` does, then what `second` does: its operands are
// those of the first, then those of the second. Null if there is none.
Handler pair_handler(Handler first, Handler second);

}  // namespace waxwing::interp
