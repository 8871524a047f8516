// The two implementations of the vector instructions against each other. What
// they should give is the business of the test scripts.
#include <array>
#include <cmath>
#include <cstring>

#include "random_program.hpp"
#include "support.hpp"
#include "vector_ops.hpp"

namespace waxwing::test {
namespace {

using Bytes16 = std::array<std::uint8_t, 16>;
using Input = std::array<Bytes16, max_vector_args>;

template <class T, std::size_t n>
void put_edges(Random& random, Bytes16& bytes, const std::array<T, n>& edges) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(T))
        std::memcpy(&bytes[at], &edges[random.below(n)], sizeof(T));
}

// Lanes at the edges of one type, or anything.
Bytes16 random_bytes(Random& random) {
    constexpr float inf = HUGE_VALF, nan = NAN;
    Bytes16 bytes;
    switch (random.below(6)) {
    case 0:
        put_edges(random, bytes, std::array<std::uint8_t, 8>{0, 1, 15, 16, 0x7F, 0x80, 0x81, 0xFF});
        break;
    case 1:
        put_edges(random, bytes,
                  std::array<std::uint16_t, 6>{0, 1, 0x7FFF, 0x8000, 0x00FF, 0xFFFF});
        break;
    case 2:
        put_edges(random, bytes,
                  std::array<std::uint32_t, 6>{0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFF, ~0u});
        break;
    case 3:
        put_edges(random, bytes,
                  std::array<float, 20>{0,
                                        -0.0f,
                                        0.5f,
                                        -0.5f,
                                        1.5f,
                                        -1.5f,
                                        2.5f,
                                        -0.9f,
                                        1,
                                        inf,
                                        -inf,
                                        nan,
                                        0x1p31f,
                                        -0x1p31f,
                                        0x1.fffffep30f,
                                        0x1p32f,
                                        0x1.fffffep31f,
                                        0x1p-149f,
                                        0x1.fffffep127f,
                                        -0x1.000002p31f});
        break;
    case 4:
        put_edges(random, bytes,
                  std::array<double, 20>{0,
                                         -0.0,
                                         0.5,
                                         -0.5,
                                         1.5,
                                         -2.5,
                                         0x1p52,
                                         inf,
                                         -inf,
                                         nan,
                                         2147483647.0,
                                         2147483647.5,
                                         2147483648.0,
                                         -2147483648.9,
                                         -2147483649.0,
                                         4294967295.0,
                                         4294967295.9,
                                         4294967296.0,
                                         1e300,
                                         0x1p-1074});
        break;
    default:
        for (std::uint8_t& byte : bytes)
            byte = static_cast<std::uint8_t>(random.bits() >> 20);
        break;
    }
    return bytes;
}

template <class F>
bool same_floats(const Bytes16& a, const Bytes16& b) {
    for (std::size_t at = 0; at < a.size(); at += sizeof(F)) {
        F x, y;
        std::memcpy(&x, &a[at], sizeof x);
        std::memcpy(&y, &b[at], sizeof y);
        if (std::memcmp(&x, &y, sizeof x) != 0 && !(std::isnan(x) && std::isnan(y))) return false;
    }
    return true;
}

bool same_results(VectorResult kind, const Bytes16& a, const Bytes16& b) {
    if (kind == VectorResult::f32) return same_floats<float>(a, b);
    if (kind == VectorResult::f64) return same_floats<double>(a, b);
    return a == b;
}

TEST(VectorOps, GiveTheSameWithAndWithoutSse) {
    const auto native = native_vector_ops(), portable = portable_vector_ops();
    ASSERT_EQ(native.size(), 255u);
    ASSERT_EQ(portable.size(), native.size());
    Random random(2024);
    for (std::size_t op = 0; op < native.size(); ++op) {
        ASSERT_STREQ(native[op].name, portable[op].name);
        for (int i = 0; i < 2000; ++i) {
            Input in;
            for (Bytes16& arg : in)
                arg = random_bytes(random);
            Bytes16 a{}, b{};
            native[op].eval(in[0].data(), a.data());
            portable[op].eval(in[0].data(), b.data());
            ASSERT_TRUE(same_results(native[op].result, a, b))
                << native[op].name << ", case " << i << ": " << testing::PrintToString(in) << " -> "
                << testing::PrintToString(a) << " or " << testing::PrintToString(b);
        }
    }
}

}  // namespace
}  // namespace waxwing::test
