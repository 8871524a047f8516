// What each vector instruction computes, as pure functions, and the table that
// says which function belongs to which row of opcodes.def. `shape` tells what
// its operands are, the signature of `eval` their types.
// Source: specification, "Execution / Numerics / Vector"; relaxed instructions
// do what its deterministic profile says.
#pragma once

#include "interp/families.hpp"
#include "interp/semantics.hpp"
#include "interp/simd_shape.hpp"
#include "interp/vector.hpp"

namespace waxwing::interp {
inline namespace WAXWING_SIMD_NAMESPACE {
namespace vec {

// Integer arithmetic ------------------------------------------------------------
// Lanes are unsigned unless the operation is about signs.

template <class T>
using SignedLane = std::make_signed_t<T>;

template <class T> inline Vec<T> add(Vec<T> a, Vec<T> b) { return a + b; }
template <class T> inline Vec<T> sub(Vec<T> a, Vec<T> b) { return a - b; }
template <class T> inline Vec<T> mul(Vec<T> a, Vec<T> b) { return a * b; }
template <class T> inline Vec<T> neg(Vec<T> a) { return Vec<T>{} - a; }
template <class T> inline Vec<T> abs(Vec<T> a) {
    return as<SignedLane<T>>(a) < Vec<SignedLane<T>>{} ? Vec<T>{} - a : a;
}
template <class T> inline Vec<T> min(Vec<T> a, Vec<T> b) { return a < b ? a : b; }
template <class T> inline Vec<T> max(Vec<T> a, Vec<T> b) { return a > b ? a : b; }

// Comparisons of signed, unsigned and float lanes.
template <class T> inline Vec<T> eq(Vec<T> a, Vec<T> b) { return as<T>(a == b); }
template <class T> inline Vec<T> ne(Vec<T> a, Vec<T> b) { return as<T>(a != b); }
template <class T> inline Vec<T> lt(Vec<T> a, Vec<T> b) { return as<T>(a < b); }
template <class T> inline Vec<T> gt(Vec<T> a, Vec<T> b) { return as<T>(a > b); }
template <class T> inline Vec<T> le(Vec<T> a, Vec<T> b) { return as<T>(a <= b); }
template <class T> inline Vec<T> ge(Vec<T> a, Vec<T> b) { return as<T>(a >= b); }

inline Vec<u64> not_(Vec<u64> a) { return ~a; }
inline Vec<u64> and_(Vec<u64> a, Vec<u64> b) { return a & b; }
inline Vec<u64> andnot(Vec<u64> a, Vec<u64> b) { return a & ~b; }
inline Vec<u64> or_(Vec<u64> a, Vec<u64> b) { return a | b; }
inline Vec<u64> xor_(Vec<u64> a, Vec<u64> b) { return a ^ b; }
inline Vec<u64> bitselect(Vec<u64> a, Vec<u64> b, Vec<u64> mask) {
    return (a & mask) | (b & ~mask);
}

// One count for all lanes, modulo their width.
template <class T>
inline Vec<T> shl(Vec<T> a, u32 count) {
    return a << splat<T>(static_cast<T>(count % sem::bits<T>));
}
template <class T>
inline Vec<T> shr_u(Vec<T> a, u32 count) {
    return a >> splat<T>(static_cast<T>(count % sem::bits<T>));
}
template <class T>
inline Vec<T> shr_s(Vec<T> a, u32 count) {
    using S = SignedLane<T>;
    return as<T>(as<S>(a) >> splat<S>(static_cast<S>(count % sem::bits<T>)));
}
#if WAXWING_SIMD_SSE
// There are no shifts of bytes, and none of 64-bit lanes that keeps the sign.
inline __m128i shift_count(u32 count) { return _mm_cvtsi32_si128(static_cast<int>(count)); }
template <>
inline Vec<u8> shl<u8>(Vec<u8> a, u32 count) {
    count %= 8;
    return as<u8>(_mm_sll_epi16(bits_of(a), shift_count(count))) &
           splat<u8>(static_cast<u8>(0xFFu << count));
}
template <>
inline Vec<u8> shr_u<u8>(Vec<u8> a, u32 count) {
    count %= 8;
    return as<u8>(_mm_srl_epi16(bits_of(a), shift_count(count))) &
           splat<u8>(static_cast<u8>(0xFFu >> count));
}
template <>
inline Vec<u8> shr_s<u8>(Vec<u8> a, u32 count) {
    const __m128i by = shift_count(count % 8 + 8);
    const __m128i low = _mm_sra_epi16(_mm_unpacklo_epi8(__m128i{}, bits_of(a)), by);
    const __m128i high = _mm_sra_epi16(_mm_unpackhi_epi8(__m128i{}, bits_of(a)), by);
    return as<u8>(_mm_packs_epi16(low, high));
}
template <>
inline Vec<u64> shr_s<u64>(Vec<u64> a, u32 count) {
    const __m128i by = shift_count(count % 64);
    const Vec<u64> sign = as<u64>(_mm_srl_epi64(bits_of(splat<u64>(u64{1} << 63)), by));
    return (as<u64>(_mm_srl_epi64(bits_of(a), by)) ^ sign) - sign;
}
#endif

template <class T, class Wide>
constexpr T saturate(Wide x) {
    constexpr Wide low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return static_cast<T>(x < low ? low : x > high ? high : x);
}

// T says the sign.
template <class T>
inline Vec<T> add_sat(Vec<T> a, Vec<T> b) {
#if WAXWING_SIMD_SSE
    const __m128i x = bits_of(a), y = bits_of(b);
    if constexpr (std::is_same_v<T, i8>) return as<T>(_mm_adds_epi8(x, y));
    if constexpr (std::is_same_v<T, u8>) return as<T>(_mm_adds_epu8(x, y));
    if constexpr (std::is_same_v<T, i16>) return as<T>(_mm_adds_epi16(x, y));
    if constexpr (std::is_same_v<T, u16>) return as<T>(_mm_adds_epu16(x, y));
#else
    return each<T, T>(a, b, [](s32 x, s32 y) { return saturate<T>(x + y); });
#endif
}
template <class T>
inline Vec<T> sub_sat(Vec<T> a, Vec<T> b) {
#if WAXWING_SIMD_SSE
    const __m128i x = bits_of(a), y = bits_of(b);
    if constexpr (std::is_same_v<T, i8>) return as<T>(_mm_subs_epi8(x, y));
    if constexpr (std::is_same_v<T, u8>) return as<T>(_mm_subs_epu8(x, y));
    if constexpr (std::is_same_v<T, i16>) return as<T>(_mm_subs_epi16(x, y));
    if constexpr (std::is_same_v<T, u16>) return as<T>(_mm_subs_epu16(x, y));
#else
    return each<T, T>(a, b, [](s32 x, s32 y) { return saturate<T>(x - y); });
#endif
}
// (a + b + 1) / 2 without the carry.
template <class T>
inline Vec<T> avgr(Vec<T> a, Vec<T> b) {
#if WAXWING_SIMD_SSE
    if constexpr (sizeof(T) == 1)
        return as<T>(_mm_avg_epu8(bits_of(a), bits_of(b)));
    else
        return as<T>(_mm_avg_epu16(bits_of(a), bits_of(b)));
#else
    return (a | b) - ((a ^ b) >> splat<T>(1));
#endif
}

inline Vec<i16> q15mulr_sat(Vec<i16> a, Vec<i16> b) {
#if WAXWING_SIMD_SSE
    // pmulhrsw but for -1 * -1, which it leaves at -1.
    const Vec<i16> product = as<i16>(_mm_mulhrs_epi16(bits_of(a), bits_of(b)));
    return product ^ as<i16>(product == splat<i16>(-0x8000));
#else
    return each<i16, i16>(a, b, [](s32 x, s32 y) { return saturate<i16>((x * y + 0x4000) >> 15); });
#endif
}

// Counts in pairs, fours, and bytes; no carry crosses a byte.
inline Vec<u64> popcnt(Vec<u64> a) {
    const auto all = [](u64 byte) { return splat<u64>(byte * 0x0101'0101'0101'0101); };
    const auto by = [](u64 count) { return splat<u64>(count); };
    a = a - ((a >> by(1)) & all(0x55));
    a = (a & all(0x33)) + ((a >> by(2)) & all(0x33));
    return (a + (a >> by(4))) & all(0x0F);
}

// Changes of width ----------------------------------------------------------------

// Half of the lanes, widened as their sign says.
template <class Wide, class T, bool high>
inline Vec<Wide> extend(Vec<T> a) {
    static_assert(std::is_signed_v<Wide> == std::is_signed_v<T>);
#if WAXWING_SIMD_SSE
    const __m128i half = high ? _mm_srli_si128(bits_of(a), 8) : bits_of(a);
    if constexpr (std::is_same_v<T, i8>) return as<Wide>(_mm_cvtepi8_epi16(half));
    if constexpr (std::is_same_v<T, u8>) return as<Wide>(_mm_cvtepu8_epi16(half));
    if constexpr (std::is_same_v<T, i16>) return as<Wide>(_mm_cvtepi16_epi32(half));
    if constexpr (std::is_same_v<T, u16>) return as<Wide>(_mm_cvtepu16_epi32(half));
    if constexpr (std::is_same_v<T, s32>) return as<Wide>(_mm_cvtepi32_epi64(half));
    if constexpr (std::is_same_v<T, u32>) return as<Wide>(_mm_cvtepu32_epi64(half));
#else
    Vec<Wide> result{};
    for (int i = 0; i < lanes<Wide>; ++i)
        result[i] = a[i + (high ? lanes<Wide> : 0)];
    return result;
#endif
}

// Products of extended lanes always fit.
template <class Wide, class T, bool high>
inline Vec<Wide> extmul(Vec<T> a, Vec<T> b) {
#if WAXWING_SIMD_SSE
    if constexpr (sizeof(T) == 4) {
        constexpr int spread = high ? 0xFA : 0x50;  // lanes 3 3 2 2 or 1 1 0 0
        const __m128i x = _mm_shuffle_epi32(bits_of(a), spread);
        const __m128i y = _mm_shuffle_epi32(bits_of(b), spread);
        return as<Wide>(std::is_signed_v<T> ? _mm_mul_epi32(x, y) : _mm_mul_epu32(x, y));
    }
#endif
    return extend<Wide, T, high>(a) * extend<Wide, T, high>(b);
}

// The even and the odd lanes, widened: Wide says the sign.
template <class Wide, class V>
inline Vec<Wide> even_lanes(V a) {
    using U = std::make_unsigned_t<Wide>;
    constexpr U half = sizeof(Wide) * 4;
    return as<Wide>(as<U>(a) << splat<U>(half)) >> splat<Wide>(half);
}
template <class Wide, class V>
inline Vec<Wide> odd_lanes(V a) {
    return as<Wide>(a) >> splat<Wide>(sizeof(Wide) * 4);
}

template <class Wide>
inline Vec<Wide> extadd_pairwise(Vec<Wide> a) {
    return even_lanes<Wide>(a) + odd_lanes<Wide>(a);
}

inline Vec<u32> dot(Vec<i16> a, Vec<i16> b) {
#if WAXWING_SIMD_SSE
    return as<u32>(_mm_madd_epi16(bits_of(a), bits_of(b)));
#else
    return as<u32>(even_lanes<s32>(a) * even_lanes<s32>(b)) +
           as<u32>(odd_lanes<s32>(a) * odd_lanes<s32>(b));
#endif
}
inline Vec<u16> dot_bytes(Vec<i8> a, Vec<i8> b) {
    return as<u16>(even_lanes<i16>(a) * even_lanes<i16>(b)) +
           as<u16>(odd_lanes<i16>(a) * odd_lanes<i16>(b));
}
inline Vec<u32> dot_bytes_add(Vec<i8> a, Vec<i8> b, Vec<u32> c) {
    return as<u32>(extadd_pairwise<s32>(as<s32>(dot_bytes(a, b)))) + c;
}

// Signed lanes of both, saturated to T.
template <class T, class Wide>
inline Vec<T> narrow(Vec<Wide> a, Vec<Wide> b) {
#if WAXWING_SIMD_SSE
    const __m128i x = bits_of(a), y = bits_of(b);
    if constexpr (std::is_same_v<T, i8>) return as<T>(_mm_packs_epi16(x, y));
    if constexpr (std::is_same_v<T, u8>) return as<T>(_mm_packus_epi16(x, y));
    if constexpr (std::is_same_v<T, i16>) return as<T>(_mm_packs_epi32(x, y));
    if constexpr (std::is_same_v<T, u16>) return as<T>(_mm_packus_epi32(x, y));
#else
    Vec<T> result{};
    for (int i = 0; i < lanes<Wide>; ++i) {
        result[i] = saturate<T, s32>(a[i]);
        result[i + lanes<Wide>] = saturate<T, s32>(b[i]);
    }
    return result;
#endif
}

// Lanes ---------------------------------------------------------------------------

// Byte i of the result is byte indices[i] of a; zero if there is none.
inline Vec<u8> swizzle(Vec<u8> a, Vec<u8> indices) {
#if WAXWING_SIMD_SSE
    // pshufb gives zero where bit 7 is set: so for 16 and more after this addition.
    return as<u8>(
        _mm_shuffle_epi8(bits_of(a), _mm_adds_epu8(bits_of(indices), _mm_set1_epi8(0x70))));
#else
    Vec<u8> result{};
    for (int i = 0; i < 16; ++i)
        result[i] = indices[i] < 16 ? a[indices[i] % 16] : u8{0};
    return result;
#endif
}
// Of 32 bytes, those of a first. Requires: all indices are below 32.
inline Vec<u8> shuffle(Vec<u8> a, Vec<u8> b, Vec<u8> indices) {
    return swizzle(a, indices) | swizzle(b, indices - splat<u8>(16));
}

// X is what the lane's bits come from: a wider integer, or a float.
template <class T, class X>
inline Vec<T> splat_of(X x) {
    if constexpr (std::is_floating_point_v<X>)
        return splat<T>(std::bit_cast<T>(x));
    else
        return splat<T>(static_cast<T>(x));
}
// Lanes are unsigned here.
template <class T, class X>
inline Vec<T> replace_lane(Vec<T> a, X x, u32 lane) {
    return lane_numbers<T>() == splat<T>(static_cast<T>(lane)) ? splat_of<T, X>(x) : a;
}
// From a lane as it lies in memory to R.
template <class R, class T>
inline R extract_lane(T lane) {
    if constexpr (std::is_floating_point_v<R>)
        return lane;
    else
        return static_cast<R>(static_cast<std::make_signed_t<R>>(lane));
}

inline u32 any_true(Vec<u64> a) { return (a[0] | a[1]) != 0; }
template <class T>
inline u32 all_true(Vec<T> a) {
    return !any_true(as<u64>(a == Vec<T>{}));
}
template <class T>
inline u32 bitmask(Vec<T> a) {
#if WAXWING_SIMD_SSE
    const __m128i x = bits_of(a);
    if constexpr (sizeof(T) == 1) return static_cast<u32>(_mm_movemask_epi8(x));
    if constexpr (sizeof(T) == 2)
        return static_cast<u32>(_mm_movemask_epi8(_mm_packs_epi16(x, __m128i{})));
    if constexpr (sizeof(T) == 4) return static_cast<u32>(_mm_movemask_ps(_mm_castsi128_ps(x)));
    if constexpr (sizeof(T) == 8) return static_cast<u32>(_mm_movemask_pd(_mm_castsi128_pd(x)));
#else
    u32 mask = 0;
    for (int i = 0; i < lanes<T>; ++i)
        mask |= static_cast<u32>(a[i] >> (sem::bits<T> - 1)) << i;
    return mask;
#endif
}

// Floats --------------------------------------------------------------------------
// The rules about NaN are those of the scalars, lane by lane.

template <class F> using FloatBits = sem::BitsOf<F>;
template <class F> inline constexpr FloatBits<F> sign_bit = ~(~FloatBits<F>{0} >> 1);

template <class F> inline Vec<F> fabs(Vec<F> a) {
    return as<F>(as<FloatBits<F>>(a) & splat<FloatBits<F>>(~sign_bit<F>));
}
template <class F> inline Vec<F> fneg(Vec<F> a) {
    return as<F>(as<FloatBits<F>>(a) ^ splat<FloatBits<F>>(sign_bit<F>));
}
template <class F> inline Vec<F> div(Vec<F> a, Vec<F> b) { return a / b; }

// Equal operands may be zeros of both signs: min takes the negative, max the
// positive one. Unordered ones give the NaN of an addition.
template <class F>
inline Vec<F> fmin(Vec<F> a, Vec<F> b) {
    using U = FloatBits<F>;
    const Vec<U> least = as<U>(a < b ? a : b) | as<U>(b < a ? b : a);
    return ((a == a) & (b == b)) ? as<F>(least) : a + b;
}
template <class F>
inline Vec<F> fmax(Vec<F> a, Vec<F> b) {
    using U = FloatBits<F>;
    const Vec<U> greatest = as<U>(a > b ? a : b) & as<U>(b > a ? b : a);
    return ((a == a) & (b == b)) ? as<F>(greatest) : a + b;
}
// Choices, no arithmetic: bits stay as they are.
template <class F> inline Vec<F> pmin(Vec<F> a, Vec<F> b) { return b < a ? b : a; }
template <class F> inline Vec<F> pmax(Vec<F> a, Vec<F> b) { return a < b ? b : a; }

template <class F> inline Vec<F> madd(Vec<F> a, Vec<F> b, Vec<F> c) { return a * b + c; }
template <class F> inline Vec<F> nmadd(Vec<F> a, Vec<F> b, Vec<F> c) { return fneg<F>(a) * b + c; }

template <class F>
inline Vec<F> sqrt(Vec<F> a) {
#if WAXWING_SIMD_SSE
    if constexpr (sizeof(F) == 4)
        return as<F>(_mm_sqrt_ps(std::bit_cast<__m128>(a)));
    else
        return as<F>(_mm_sqrt_pd(std::bit_cast<__m128d>(a)));
#else
    return each<F, F>(a, [](F x) { return sem::sqrt(x); });
#endif
}

#if WAXWING_SIMD_SSE
template <class F, int mode>
inline Vec<F> round(Vec<F> a) {
    if constexpr (sizeof(F) == 4)
        return as<F>(_mm_round_ps(std::bit_cast<__m128>(a), mode | _MM_FROUND_NO_EXC));
    else
        return as<F>(_mm_round_pd(std::bit_cast<__m128d>(a), mode | _MM_FROUND_NO_EXC));
}
#define ROUNDING(name, mode)       \
    template <class F>             \
    inline Vec<F> name(Vec<F> a) { \
        return round<F, mode>(a);  \
    }
#else
#define ROUNDING(name, mode)                                    \
    template <class F>                                          \
    inline Vec<F> name(Vec<F> a) {                              \
        return each<F, F>(a, [](F x) { return sem::name(x); }); \
    }
#endif
ROUNDING(ceil, _MM_FROUND_TO_POS_INF)
ROUNDING(floor, _MM_FROUND_TO_NEG_INF)
ROUNDING(trunc, _MM_FROUND_TO_ZERO)
ROUNDING(nearest, _MM_FROUND_TO_NEAREST_INT)
#undef ROUNDING

// Conversions ---------------------------------------------------------------------
// `_zero` fills the upper half with zeros, `low` reads the lower half.

template <class F, class I>
inline Vec<F> convert(Vec<I> a) {
    return __builtin_convertvector(a, Vec<F>);
}
template <class I>
inline Vec<double> convert_low(Vec<I> a) {
    return Vec<double>{static_cast<double>(a[0]), static_cast<double>(a[1])};
}
inline Vec<float> demote_zero(Vec<double> a) {
    return Vec<float>{static_cast<float>(a[0]), static_cast<float>(a[1]), 0, 0};
}
inline Vec<double> promote_low(Vec<float> a) { return convert_low<float>(a); }

#if WAXWING_SIMD_SSE
// cvtt* gives 0x80000000 for whatever does not fit.
inline Vec<u32> trunc_sat_f32_s(Vec<float> a) {
    const Vec<float> number = as<float>(as<u32>(a) & as<u32>(a == a));
    const Vec<u32> cut = as<u32>(_mm_cvttps_epi32(std::bit_cast<__m128>(number)));
    return cut ^ as<u32>(number >= 0x1p31f + Vec<float>{});
}
inline Vec<u32> trunc_sat_f32_u(Vec<float> a) {
    const Vec<float> limit = 0x1p31f + Vec<float>{};
    const Vec<float> number = a > Vec<float>{} ? a : Vec<float>{};
    // From the limit on: 0x80000000 from the first, the rest from the second.
    const Vec<float> above = number - limit;
    const Vec<s32> low = as<s32>(_mm_cvttps_epi32(std::bit_cast<__m128>(number)));
    const Vec<s32> rest =
        as<s32>(_mm_cvttps_epi32(std::bit_cast<__m128>(above))) ^ as<s32>(above >= limit);
    return as<u32>(low) + as<u32>(max<s32>(rest, Vec<s32>{}));
}
inline Vec<u32> trunc_sat_f64_s_zero(Vec<double> a) {
    const Vec<double> number = as<double>(as<u64>(a) & as<u64>(a == a));
    const Vec<double> fitting = pmin<double>(number, 2147483647.0 + Vec<double>{});
    return as<u32>(_mm_cvttpd_epi32(std::bit_cast<__m128d>(fitting)));
}
inline Vec<u32> trunc_sat_f64_u_zero(Vec<double> a) {
    const Vec<double> number = a > Vec<double>{} ? a : Vec<double>{};
    const Vec<double> fitting = pmin<double>(number, 4294967295.0 + Vec<double>{});
    // In [2^52, 2^53) the last bit is worth one: the integer stands in the low word.
    const Vec<u32> words = as<u32>(trunc<double>(fitting) + (0x1p52 + Vec<double>{}));
    return Vec<u32>{words[0], words[2], 0, 0};
}
#else
inline Vec<u32> trunc_sat_f32_s(Vec<float> a) {
    return each<u32, float>(a, sem::trunc_sat<s32, float>);
}
inline Vec<u32> trunc_sat_f32_u(Vec<float> a) {
    return each<u32, float>(a, sem::trunc_sat<u32, float>);
}
inline Vec<u32> trunc_sat_f64_s_zero(Vec<double> a) {
    return Vec<u32>{sem::trunc_sat<s32>(a[0]), sem::trunc_sat<s32>(a[1]), 0, 0};
}
inline Vec<u32> trunc_sat_f64_u_zero(Vec<double> a) {
    return Vec<u32>{sem::trunc_sat<u32>(a[0]), sem::trunc_sat<u32>(a[1]), 0, 0};
}
#endif

// Loads: what to make of the bytes in memory ---------------------------------------

inline Vec<u64> load_whole(Vec<u64> bytes) { return bytes; }
template <class Wide, class T>
inline Vec<Wide> load_extend(u64 bytes) {
    return extend<Wide, T, false>(as<T>(Vec<u64>{bytes, 0}));
}
template <class T>
inline Vec<T> load_zero(T bytes) {
    return Vec<T>{bytes};
}

}  // namespace vec

template <Opcode op>
struct VecSem;

#define VECTOR(shape_, ident, ...)                            \
    template <>                                               \
    struct VecSem<Opcode::ident> {                            \
        static constexpr SimdShape shape = SimdShape::shape_; \
        static constexpr auto eval = __VA_ARGS__;             \
    };
#include "interp/simd.def"
#undef VECTOR

}  // namespace WAXWING_SIMD_NAMESPACE

inline constexpr auto simd_family = list_family<family_size("simd")>("simd");

}  // namespace waxwing::interp
