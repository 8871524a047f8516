#include "mutate.hpp"

#include <algorithm>

namespace waxwing::test {

std::vector<Mutation> mutations(std::size_t size, std::size_t budget) {
    // One bit at the bottom, in the middle and at the top of a byte, LEB128's
    // continuation bit among them, and all of them at once.
    constexpr std::uint8_t masks[] = {0x01, 0x80, 0x04, 0x40, 0xFF, 0x10};
    std::vector<Mutation> list;
    const std::size_t step = std::max<std::size_t>(1, size / std::max<std::size_t>(1, budget));
    for (std::size_t at = 0; at < size; at += step)
        list.push_back({Mutation::Kind::truncate, at});
    // A small input has room for more than one mask a byte.
    const std::size_t rounds =
        std::clamp<std::size_t>(budget / std::max<std::size_t>(1, size), 1, std::size(masks));
    for (std::size_t at = 0; at < size; at += step)
        for (std::size_t round = 0; round < rounds; ++round)
            list.push_back(
                {Mutation::Kind::flip, at, masks[(at / step + round) % std::size(masks)]});
    return list;
}

}  // namespace waxwing::test
