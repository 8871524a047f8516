// Random programs that always end, from a seed.
#pragma once

#include <cstdint>
#include <vector>

#include "reference.hpp"

namespace waxwing::test {

// The same numbers everywhere, unlike the distributions of <random>.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
    std::uint64_t bits();
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((bits() >> 32) % n); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

private:
    std::uint64_t state_;
};

// A number of the type, often one at some edge; never a NaN but the canonical one.
std::uint64_t random_value(Random& random, Ty type);
Program random_program(std::uint64_t seed);

}  // namespace waxwing::test
