#include <sched.h>

#include "wasi/functions.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {

// proc_exit(status)
// Ends the guest's call, through whatever activations lie between.
Expected<Never> proc_exit(Context&, Guest&, u32 status) {
    return std::unexpected<Failure>(Error::exited(static_cast<int>(status)));
}

// proc_raise(signal)
//   nosys: always; a guest has no business with the signals of its host.
Expected<void> proc_raise(Context&, Guest&, Signal) { return fail(Errno::nosys); }

// sched_yield()
Expected<void> sched_yield(Context&, Guest&) {
    sys::sched_yield();
    return {};
}

}  // namespace waxwing::wasi
