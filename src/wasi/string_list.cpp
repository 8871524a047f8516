#include "wasi/string_list.hpp"

#include "wasi/fuel.hpp"

namespace waxwing::wasi {

Expected<void> store_strings(Guest& guest, const StringList& list, GuestPtr<u32> pointers,
                             GuestPtr<char> buffer) {
    const GuestArray<u32> addresses{pointers.address, list.count()};
    TRY(guest.check(addresses));
    const auto bytes = TRY(guest.bytes({buffer.address, list.size()}));
    guest.consume_fuel(bytes.size() / fuel::bytes_per_unit + list.count() / fuel::iovecs_per_unit);
    if (!bytes.empty()) std::memcpy(bytes.data(), list.bytes.data(), bytes.size());
    for (u32 i = 0; i < addresses.size; ++i)
        TRY(guest.store(addresses, i, buffer.address + list.offsets[i]));
    return {};
}

}  // namespace waxwing::wasi
