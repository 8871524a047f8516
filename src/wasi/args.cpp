#include "wasi/functions.hpp"
#include "wasi/string_list.hpp"

namespace waxwing::wasi {

// args_get(argv, buffer)
// argv gets a pointer into buffer for each argument, without a null at its end.
Expected<void> args_get(Context& wasi, Guest& guest, GuestPtr<u32> argv, GuestPtr<char> buffer) {
    return store_strings(guest, wasi.args, argv, buffer);
}

// args_sizes_get() -> (count, bytes of the buffer, NULs included)
Expected<std::pair<Size, Size>> args_sizes_get(Context& wasi, Guest&) {
    return std::pair(wasi.args.count(), wasi.args.size());
}

}  // namespace waxwing::wasi
