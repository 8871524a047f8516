// Counts dispatches, per handler and per pair of handlers in sequence, in builds
// with -Dprofile_dispatch=true. Which instructions deserve a handler of their own
// is decided by these counts on real programs.
#pragma once

#include "interp/code.hpp"

namespace waxwing::interp {

#if defined(WAXWING_PROFILE_DISPATCH)
// Called before each dispatch. The counts are written to stderr when the
// process ends, the most frequent first.
void count_dispatch(const Cell* pc);
#define WAXWING_COUNT_DISPATCH() ::waxwing::interp::count_dispatch(pc)
#else
#define WAXWING_COUNT_DISPATCH() static_cast<void>(0)
#endif

}  // namespace waxwing::interp
