#include "wasi/functions.hpp"
#include "wasi/string_list.hpp"

namespace waxwing::wasi {

// environ_get(environ, buffer)
// As args_get; a string is "name=value".
Expected<void> environ_get(Context& wasi, Guest& guest, GuestPtr<u32> environ,
                           GuestPtr<char> buffer) {
    return store_strings(guest, wasi.env, environ, buffer);
}

// environ_sizes_get() -> (count, bytes of the buffer, NULs included)
Expected<std::pair<Size, Size>> environ_sizes_get(Context& wasi, Guest&) {
    return std::pair(wasi.env.count(), wasi.env.size());
}

}  // namespace waxwing::wasi
