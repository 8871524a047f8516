#include "core/limit_rules.hpp"

namespace waxwing::core {
namespace {

using Found = std::optional<LimitFault>;

bool within(const Limits& limits, u64 bound) {
    return limits.min <= bound && limits.max.value_or(0) <= bound;
}

Found find_disorder(const Limits& limits) {
    if (!limits.max || limits.min <= *limits.max) return std::nullopt;
    return LimitFault{Fault::invalid_limits,
                      ": " + std::to_string(limits.min) + " > " + std::to_string(*limits.max)};
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

Found find_limit_fault(const TableType& type) {
    const u64 bound = type.address == AddressType::i64 ? ~u64{0} : 0xFFFFFFFF;
    if (!within(type.limits, bound)) return LimitFault{Fault::table_size, {}};
    return find_disorder(type.limits);
}

Found find_limit_fault(const MemoryType& type) {
    if (type.page_size_log2 != 16 && type.page_size_log2 != 0)
        return LimitFault{Fault::invalid_custom_page_size, ": must be 1 or 65536 bytes"};
    if (!within(type.limits, page_bound(type))) {
        if (type.page_size_log2 == 0)
            return LimitFault{Fault::custom_memory_size,
                              std::to_string(page_bound(type)) + " bytes"};
        const bool wide = type.address == AddressType::i64;
        return LimitFault{wide ? Fault::memory64_size : Fault::memory_size, {}};
    }
    if (Found disorder = find_disorder(type.limits)) return disorder;
    if (type.shared && !type.limits.max) return LimitFault{Fault::shared_memory_needs_maximum, {}};
    return std::nullopt;
}

}  // namespace waxwing::core
