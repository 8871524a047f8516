// Small damage, done systematically: every prefix of an input, and every input
// that differs in one byte, or as many of them as a budget allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace waxwing::test {

struct Mutation {
    enum class Kind : std::uint8_t { truncate, flip } kind;
    std::size_t at;         // the new size, or the position of the byte
    std::uint8_t mask = 0;  // what the byte is XORed with
};

// The damage done to an input of this size: at most about `budget` of either
// kind, spread evenly, the same ones each time.
std::vector<Mutation> mutations(std::size_t size, std::size_t budget);

// The damaged copy of `input`.
template <class T>
std::vector<T> apply(std::span<const T> input, const Mutation& mutation) {
    std::vector<T> copy(input.begin(), input.end());
    if (mutation.kind == Mutation::Kind::truncate)
        copy.resize(mutation.at);
    else
        copy[mutation.at] =
            static_cast<T>(static_cast<std::uint8_t>(copy[mutation.at]) ^ mutation.mask);
    return copy;
}

}  // namespace waxwing::test
