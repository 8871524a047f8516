#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "wasi/functions.hpp"

namespace waxwing::wasi {

// random_get(buffer)
// Cryptographically secure, straight from the kernel into guest memory.
Expected<void> random_get(Context&, Guest& guest, GuestBytes buffer) {
    constexpr usize slice = 1 << 20;  // between looks at should_stop
    auto rest = TRY(guest.bytes(buffer));
    while (!rest.empty()) {
        const ssize_t count = ::getrandom(rest.data(), std::min(rest.size(), slice), 0);
        if (count < 0 && errno != EINTR) return fail_with_errno();
        if (count > 0) rest = rest.subspan(static_cast<usize>(count));
        if (!rest.empty() && guest.should_stop()) return std::unexpected(guest.interrupted());
    }
    return {};
}

}  // namespace waxwing::wasi
