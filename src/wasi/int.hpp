// Short names for fixed-width types, used inside this folder only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waxwing::wasi {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;
using usize = std::size_t;

}  // namespace waxwing::wasi
