// Strings packed as a guest reads them: one after another, each with its NUL.
#pragma once

#include <string>
#include <vector>

#include "wasi/guest.hpp"

namespace waxwing::wasi {

struct StringList {
    std::string bytes;
    std::vector<u32> offsets;

    Size count() const { return static_cast<Size>(offsets.size()); }
    Size size() const { return static_cast<Size>(bytes.size()); }
};

// The strings to `buffer`, their addresses to `pointers`. Nothing is written
// unless both are inside memory.
Expected<void> store_strings(Guest& guest, const StringList& list, GuestPtr<u32> pointers,
                             GuestPtr<char> buffer);

}  // namespace waxwing::wasi
