// 128-bit vectors as C++ values: the compilers' vector types, and the few
// helpers that both compilers lack or spell differently.
//
// Operators work lane by lane (+ - * & | ^ ~ and comparisons, whose result has
// all bits of a lane set or none). With SSE4.1 some operations use its
// instructions; WAXWING_SIMD_PORTABLE forbids that, and each of the two lives
// in a namespace of its own so that a test can compare them.
#pragma once

#include <bit>
#include <type_traits>
#include <utility>

#include "core/int.hpp"

#if defined(__SSE4_1__) && !defined(WAXWING_SIMD_PORTABLE)
#define WAXWING_SIMD_SSE 1
#define WAXWING_SIMD_NAMESPACE simd_sse
#include <smmintrin.h>
#else
#define WAXWING_SIMD_SSE 0
#define WAXWING_SIMD_NAMESPACE simd_portable
#endif

namespace waxwing::interp {
inline namespace WAXWING_SIMD_NAMESPACE {

template <class T>
struct VectorOf {
    typedef T type __attribute__((vector_size(16)));
};
// Not deducible: functions are called with their lane type, as in add<u8>.
template <class T>
using Vec = typename VectorOf<T>::type;
template <class T>
inline constexpr int lanes = 16 / static_cast<int>(sizeof(T));

// The same bits, seen as other lanes.
template <class T, class V>
inline Vec<T> as(V v) {
    static_assert(sizeof(V) == 16);
    return std::bit_cast<Vec<T>>(v);
}

#if WAXWING_SIMD_SSE
template <class V>
inline __m128i bits_of(V v) {
    return std::bit_cast<__m128i>(v);
}
#endif

// Integers only: adding zero would change floats.
template <class T>
inline Vec<T> splat(T x) {
    static_assert(std::is_integral_v<T>);
    return x + Vec<T>{};
}

// 0, 1, 2, ...
template <class T>
inline Vec<T> lane_numbers() {
    return []<int... i>(std::integer_sequence<int, i...>) {
        return Vec<T>{static_cast<T>(i)...};
    }(std::make_integer_sequence<int, lanes<T>>{});
}

// f of each lane, or of the lanes of both: where there is no operator.
template <class R, class T, class F>
inline Vec<R> each(Vec<T> a, F f) {
    Vec<R> result{};
    for (int i = 0; i < lanes<R>; ++i)
        result[i] = static_cast<R>(f(a[i]));
    return result;
}
template <class R, class T, class F>
inline Vec<R> each(Vec<T> a, Vec<T> b, F f) {
    Vec<R> result{};
    for (int i = 0; i < lanes<R>; ++i)
        result[i] = static_cast<R>(f(a[i], b[i]));
    return result;
}

}  // namespace WAXWING_SIMD_NAMESPACE
}  // namespace waxwing::interp
