#include "validator/limits.hpp"

#include <algorithm>

#include "core/fault.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace {

bool within(const Limits& limits, u64 bound) {
    return limits.min <= bound && limits.max.value_or(0) <= bound;
}

Result<void> check_order(const Limits& limits, u32 offset) {
    if (!limits.max || limits.min <= *limits.max) return {};
    return std::unexpected(make_error(
        Fault::invalid_limits,
        ": " + std::to_string(limits.min) + " > " + std::to_string(*limits.max), offset));
}

// The largest number of pages: all that an address reaches, and for a page of
// one byte no more than the number of pages itself can say.
u64 page_bound(const MemoryType& type) {
    const unsigned address_bits = type.address == AddressType::i64 ? 64 : 32;
    const unsigned bits = address_bits - type.page_size_log2;
    if (type.page_size_log2 == 0) return ~u64{0} >> (64 - bits);
    return u64{1} << bits;
}

}  // namespace

Result<void> check_limits(const TableType& type, u32 offset) {
    const u64 bound = type.address == AddressType::i64 ? ~u64{0} : 0xFFFFFFFF;
    if (!within(type.limits, bound))
        return std::unexpected(make_error(Fault::table_size, {}, offset));
    return check_order(type.limits, offset);
}

Result<void> check_limits(const MemoryType& type, u32 offset) {
    if (type.page_size_log2 != 16 && type.page_size_log2 != 0)
        return std::unexpected(
            make_error(Fault::invalid_custom_page_size, ": must be 1 or 65536 bytes", offset));
    if (!within(type.limits, page_bound(type))) {
        if (type.page_size_log2 == 0)
            return std::unexpected(make_error(Fault::custom_memory_size,
                                              std::to_string(page_bound(type)) + " bytes", offset));
        return std::unexpected(
            make_error(type.address == AddressType::i64 ? Fault::memory64_size : Fault::memory_size,
                       {}, offset));
    }
    TRY(check_order(type.limits, offset));
    if (type.shared && !type.limits.max)
        return std::unexpected(make_error(Fault::shared_memory_needs_maximum, {}, offset));
    return {};
}

}  // namespace waxwing
