// The random bytes that a guest gets.
#pragma once

#include <span>

#include "wasi/int.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

// A guest's bytes from a seed: SplitMix64 (Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators"), eight at a time. No secret.
class SeededBytes {
public:
    explicit SeededBytes(u64 seed) : state_(seed) {}
    void fill(std::span<std::byte> bytes);

private:
    u64 next();

    u64 state_;
};

}  // namespace waxwing::wasi
