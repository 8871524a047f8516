// What the functions of preview1 cost a call that has fuel: docs/wasi.md, "Fuel and deadlines".
#pragma once

#include "wasi/int.hpp"

namespace waxwing::wasi::fuel {

// Of each call of a function: what it asks for is at hand, or takes the host a system call, or one
// for a path, which is looked up directory by directory.
inline constexpr u64 at_hand = 20;
inline constexpr u64 system_call = 250;
inline constexpr u64 path = 2'500;

inline constexpr u64 bytes_per_unit = 16;  // moved between the guest and files, streams, lists
inline constexpr u64 random_bytes_per_unit = 2;
inline constexpr u64 per_entry = 50;  // of a directory that is read
inline constexpr u64 per_subscription = 100;
inline constexpr u64 iovecs_per_unit = 2;

}  // namespace waxwing::wasi::fuel
