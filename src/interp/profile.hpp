// Counts dispatches, per handler and per pair of handlers in sequence, in builds
// with -Dprofile_dispatch=true. Which instructions deserve a handler of their own
// is decided by these counts on real programs.
#pragma once

#include <string_view>

#include "interp/code.hpp"

namespace waxwing::interp {

#if defined(WAXWING_PROFILE_DISPATCH)
// Called before each dispatch. The counts are written to stderr when the
// process ends, the most frequent first.
void count_dispatch(const Cell* pc);
// Instructions that metered code has paid for: what the dispatches are compared with.
void count_charge(u64 instructions);
// The step that a handler consists of, as C++ spells it.
bool name_handler(Handler handler, std::string_view function_signature);
template <class S>
[[gnu::noinline]] bool name_step(Handler handler) {
    return name_handler(handler, __PRETTY_FUNCTION__);
}
#define WAXWING_NAME_STEP(S, handler) \
    [[maybe_unused]] static const bool named = name_step<S>(handler)
#define WAXWING_COUNT_DISPATCH() ::waxwing::interp::count_dispatch(pc)
#define WAXWING_COUNT_CHARGE(cost) ::waxwing::interp::count_charge(cost)
#else
#define WAXWING_COUNT_DISPATCH() static_cast<void>(0)
#define WAXWING_COUNT_CHARGE(cost) static_cast<void>(0)
#define WAXWING_NAME_STEP(S, handler) static_cast<void>(0)
#endif

}  // namespace waxwing::interp
