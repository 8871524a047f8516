// Short names for fixed-width types, used inside the library only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waxwing {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using s32 = std::int32_t;  // i32 and i64 name value types (waxwing/types.hpp)
using s64 = std::int64_t;
using usize = std::size_t;

}  // namespace waxwing
