// What each numeric instruction computes, as pure functions: no plumbing here,
// no reading of operands, no dispatch. Sem<Opcode>::eval is the meaning of a
// row of opcodes.def; its signature tells the handler templates the types.
// Source: specification, "Execution / Numerics".
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/int.hpp"
#include "core/opcode.hpp"
#include "waxwing/error.hpp"

namespace waxwing::interp {

// A result, or the reason there is none.
template <class T>
struct Checked {
    T value;
    Trap trap;
};
template <class T>
inline constexpr bool is_checked = false;
template <class T>
inline constexpr bool is_checked<Checked<T>> = true;

namespace sem {

template <class T>
constexpr Checked<T> ok(T value) {
    return {value, Trap::none};
}
template <class T>
constexpr Checked<T> fail(Trap trap) {
    return {T{}, trap};
}

// Integers are unsigned unless the operation is about signs.
template <class T> constexpr T add(T a, T b) { return a + b; }
template <class T> constexpr T sub(T a, T b) { return a - b; }
template <class T> constexpr T mul(T a, T b) { return a * b; }
template <class T> constexpr T and_(T a, T b) { return a & b; }
template <class T> constexpr T or_(T a, T b) { return a | b; }
template <class T> constexpr T xor_(T a, T b) { return a ^ b; }

template <class T>
inline constexpr unsigned bits = sizeof(T) * 8;

template <class T> constexpr T shl(T a, T b) { return a << (b % bits<T>); }
template <class T> constexpr T shr_u(T a, T b) { return a >> (b % bits<T>); }
template <class T> constexpr T shr_s(T a, T b) {
    return static_cast<T>(static_cast<std::make_signed_t<T>>(a) >> (b % bits<T>));
}
template <class T> constexpr T rotl(T a, T b) {
    return std::rotl(a, static_cast<int>(b % bits<T>));
}
template <class T> constexpr T rotr(T a, T b) {
    return std::rotr(a, static_cast<int>(b % bits<T>));
}

template <class T>
constexpr Checked<T> div_u(T a, T b) {
    if (b == 0) return fail<T>(Trap::integer_divide_by_zero);
    return ok<T>(a / b);
}
template <class T>
constexpr Checked<T> rem_u(T a, T b) {
    if (b == 0) return fail<T>(Trap::integer_divide_by_zero);
    return ok<T>(a % b);
}
template <class T>
constexpr Checked<T> div_s(T a, T b) {
    using S = std::make_signed_t<T>;
    if (b == 0) return fail<T>(Trap::integer_divide_by_zero);
    if (b == static_cast<T>(-1)) {
        if (a == static_cast<T>(std::numeric_limits<S>::min()))
            return fail<T>(Trap::integer_overflow);
        return ok<T>(T{0} - a);
    }
    return ok<T>(static_cast<T>(static_cast<S>(a) / static_cast<S>(b)));
}
template <class T>
constexpr Checked<T> rem_s(T a, T b) {
    using S = std::make_signed_t<T>;
    if (b == 0) return fail<T>(Trap::integer_divide_by_zero);
    if (b == static_cast<T>(-1)) return ok<T>(0);  // the host's division would fault
    return ok<T>(static_cast<T>(static_cast<S>(a) % static_cast<S>(b)));
}
static_assert(div_s<u32>(7, static_cast<u32>(-2)).value == static_cast<u32>(-3));
static_assert(div_s<u32>(0x80000000, static_cast<u32>(-1)).trap == Trap::integer_overflow);
static_assert(rem_s<u32>(0x80000000, static_cast<u32>(-1)).value == 0);

template <class T> constexpr T clz(T a) { return static_cast<T>(std::countl_zero(a)); }
template <class T> constexpr T ctz(T a) { return static_cast<T>(std::countr_zero(a)); }
template <class T> constexpr T popcnt(T a) { return static_cast<T>(std::popcount(a)); }

// The low bits of `a`, sign-extended.
template <class Narrow, class T>
constexpr T extend(T a) {
    return static_cast<T>(static_cast<std::make_signed_t<T>>(static_cast<Narrow>(a)));
}

template <class T> constexpr u32 eqz(T a) { return a == 0; }
template <class T> constexpr u32 eq(T a, T b) { return a == b; }
template <class T> constexpr u32 ne(T a, T b) { return a != b; }
template <class T> constexpr u32 lt(T a, T b) { return a < b; }
template <class T> constexpr u32 gt(T a, T b) { return a > b; }
template <class T> constexpr u32 le(T a, T b) { return a <= b; }
template <class T> constexpr u32 ge(T a, T b) { return a >= b; }
#define SIGNED_COMPARE(name, op)                       \
    template <class T> constexpr u32 name(T a, T b) {  \
        using S = std::make_signed_t<T>;               \
        return static_cast<S>(a) op static_cast<S>(b); \
    }
SIGNED_COMPARE(lt_s, <)
SIGNED_COMPARE(gt_s, >)
SIGNED_COMPARE(le_s, <=)
SIGNED_COMPARE(ge_s, >=)
#undef SIGNED_COMPARE

// Floats. Every NaN that comes out of arithmetic is quiet; sign operations keep all bits.
template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 4, u32, u64>;

template <class F> inline F fabs(F a) {
    return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & (~BitsOf<F>{0} >> 1));
}
template <class F> inline F fneg(F a) {
    return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) ^ ~(~BitsOf<F>{0} >> 1));
}
template <class F> inline F copysign(F a, F b) {
    constexpr BitsOf<F> magnitude = ~BitsOf<F>{0} >> 1;
    return std::bit_cast<F>((std::bit_cast<BitsOf<F>>(a) & magnitude) |
                            (std::bit_cast<BitsOf<F>>(b) & ~magnitude));
}
inline float ceil(float a) { return __builtin_ceilf(a); }
inline double ceil(double a) { return __builtin_ceil(a); }
inline float floor(float a) { return __builtin_floorf(a); }
inline double floor(double a) { return __builtin_floor(a); }
inline float trunc(float a) { return __builtin_truncf(a); }
inline double trunc(double a) { return __builtin_trunc(a); }
inline float nearest(float a) { return __builtin_roundevenf(a); }
inline double nearest(double a) { return __builtin_roundeven(a); }
inline float sqrt(float a) { return __builtin_sqrtf(a); }
inline double sqrt(double a) { return __builtin_sqrt(a); }
template <class F> inline F fadd(F a, F b) { return a + b; }
template <class F> inline F fsub(F a, F b) { return a - b; }
template <class F> inline F fmul(F a, F b) { return a * b; }
template <class F> inline F fdiv(F a, F b) { return a / b; }
// A NaN operand gives a NaN; of zeros, min takes the negative and max the positive one.
template <class F>
inline F fmin(F a, F b) {
    if (a < b) return a;
    if (b < a) return b;
    if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) | std::bit_cast<BitsOf<F>>(b));
    return a + b;
}
template <class F>
inline F fmax(F a, F b) {
    if (a > b) return a;
    if (b > a) return b;
    if (a == b) return std::bit_cast<F>(std::bit_cast<BitsOf<F>>(a) & std::bit_cast<BitsOf<F>>(b));
    return a + b;
}

// The open interval of floats that truncate into the integer type I.
template <class F, class I>
struct TruncRange {
    // One below the least integer; where F cannot tell it from the least, the
    // next float below.
    static constexpr F low() {
        if constexpr (std::is_unsigned_v<I>) return F(-1);
        const F least = static_cast<F>(std::numeric_limits<I>::min());
        if constexpr (std::numeric_limits<F>::digits > std::numeric_limits<I>::digits)
            return least - F(1);
        // The float just below -2^(N-1): twice the spacing of floats under it.
        return least * (F(1) + std::numeric_limits<F>::epsilon());
    }
    static constexpr F high() {  // one above the greatest integer: a power of two
        return F(2) * static_cast<F>(I{1} << (std::numeric_limits<I>::digits - 1));
    }
};
static_assert(TruncRange<float, s32>::high() == 2147483648.0f);
static_assert(TruncRange<double, s32>::low() == -2147483649.0);
static_assert(TruncRange<double, u64>::high() == 18446744073709551616.0);

template <class I, class F>
inline Checked<std::make_unsigned_t<I>> trunc_to(F a) {
    using U = std::make_unsigned_t<I>;
    if (a > TruncRange<F, I>::low() && a < TruncRange<F, I>::high()) [[likely]]
        return ok<U>(static_cast<U>(static_cast<I>(a)));
    return fail<U>(a != a ? Trap::invalid_conversion_to_integer : Trap::integer_overflow);
}
template <class I, class F>
inline std::make_unsigned_t<I> trunc_sat(F a) {
    using U = std::make_unsigned_t<I>;
    if (a > TruncRange<F, I>::low() && a < TruncRange<F, I>::high()) [[likely]]
        return static_cast<U>(static_cast<I>(a));
    if (a != a) return 0;
    return static_cast<U>(a < 0 ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max());
}

template <class F, class I>
inline F convert(std::make_unsigned_t<I> a) {
    return static_cast<F>(static_cast<I>(a));
}
template <class To, class From>
inline To reinterpret(From a) {
    return std::bit_cast<To>(a);
}
inline float demote(double a) { return static_cast<float>(a); }
inline double promote(float a) { return static_cast<double>(a); }
inline u32 wrap(u64 a) { return static_cast<u32>(a); }
inline u64 extend_u(u32 a) { return a; }
inline u64 extend_s(u32 a) { return static_cast<u64>(static_cast<s64>(static_cast<s32>(a))); }

}  // namespace sem

template <Opcode op>
struct Sem;

#define SEM(ident, ...)                           \
    template <>                                   \
    struct Sem<Opcode::ident> {                   \
        static constexpr auto eval = __VA_ARGS__; \
    };

#define INTEGER(T, U)                      \
    SEM(T##_clz, sem::clz<U>)              \
    SEM(T##_ctz, sem::ctz<U>)              \
    SEM(T##_popcnt, sem::popcnt<U>)        \
    SEM(T##_add, sem::add<U>)              \
    SEM(T##_sub, sem::sub<U>)              \
    SEM(T##_mul, sem::mul<U>)              \
    SEM(T##_div_s, sem::div_s<U>)          \
    SEM(T##_div_u, sem::div_u<U>)          \
    SEM(T##_rem_s, sem::rem_s<U>)          \
    SEM(T##_rem_u, sem::rem_u<U>)          \
    SEM(T##_and, sem::and_<U>)             \
    SEM(T##_or, sem::or_<U>)               \
    SEM(T##_xor, sem::xor_<U>)             \
    SEM(T##_shl, sem::shl<U>)              \
    SEM(T##_shr_s, sem::shr_s<U>)          \
    SEM(T##_shr_u, sem::shr_u<U>)          \
    SEM(T##_rotl, sem::rotl<U>)            \
    SEM(T##_rotr, sem::rotr<U>)            \
    SEM(T##_eqz, sem::eqz<U>)              \
    SEM(T##_eq, sem::eq<U>)                \
    SEM(T##_ne, sem::ne<U>)                \
    SEM(T##_lt_s, sem::lt_s<U>)            \
    SEM(T##_lt_u, sem::lt<U>)              \
    SEM(T##_gt_s, sem::gt_s<U>)            \
    SEM(T##_gt_u, sem::gt<U>)              \
    SEM(T##_le_s, sem::le_s<U>)            \
    SEM(T##_le_u, sem::le<U>)              \
    SEM(T##_ge_s, sem::ge_s<U>)            \
    SEM(T##_ge_u, sem::ge<U>)              \
    SEM(T##_extend8_s, sem::extend<i8, U>) \
    SEM(T##_extend16_s, sem::extend<i16, U>)
INTEGER(i32, u32)
INTEGER(i64, u64)
#undef INTEGER
SEM(i64_extend32_s, sem::extend<s32, u64>)
SEM(i32_wrap_i64, sem::wrap)
SEM(i64_extend_i32_s, sem::extend_s)
SEM(i64_extend_i32_u, sem::extend_u)

#define FLOAT(T, F)                                       \
    SEM(T##_abs, sem::fabs<F>)                            \
    SEM(T##_neg, sem::fneg<F>)                            \
    SEM(T##_ceil, static_cast<F (*)(F)>(sem::ceil))       \
    SEM(T##_floor, static_cast<F (*)(F)>(sem::floor))     \
    SEM(T##_trunc, static_cast<F (*)(F)>(sem::trunc))     \
    SEM(T##_nearest, static_cast<F (*)(F)>(sem::nearest)) \
    SEM(T##_sqrt, static_cast<F (*)(F)>(sem::sqrt))       \
    SEM(T##_add, sem::fadd<F>)                            \
    SEM(T##_sub, sem::fsub<F>)                            \
    SEM(T##_mul, sem::fmul<F>)                            \
    SEM(T##_div, sem::fdiv<F>)                            \
    SEM(T##_min, sem::fmin<F>)                            \
    SEM(T##_max, sem::fmax<F>)                            \
    SEM(T##_copysign, sem::copysign<F>)                   \
    SEM(T##_eq, sem::eq<F>)                               \
    SEM(T##_ne, sem::ne<F>)                               \
    SEM(T##_lt, sem::lt<F>)                               \
    SEM(T##_gt, sem::gt<F>)                               \
    SEM(T##_le, sem::le<F>)                               \
    SEM(T##_ge, sem::ge<F>)                               \
    SEM(T##_convert_i32_s, sem::convert<F, s32>)          \
    SEM(T##_convert_i32_u, sem::convert<F, u32>)          \
    SEM(T##_convert_i64_s, sem::convert<F, s64>)          \
    SEM(T##_convert_i64_u, sem::convert<F, u64>)          \
    SEM(i32_trunc_##T##_s, sem::trunc_to<s32, F>)         \
    SEM(i32_trunc_##T##_u, sem::trunc_to<u32, F>)         \
    SEM(i64_trunc_##T##_s, sem::trunc_to<s64, F>)         \
    SEM(i64_trunc_##T##_u, sem::trunc_to<u64, F>)         \
    SEM(i32_trunc_sat_##T##_s, sem::trunc_sat<s32, F>)    \
    SEM(i32_trunc_sat_##T##_u, sem::trunc_sat<u32, F>)    \
    SEM(i64_trunc_sat_##T##_s, sem::trunc_sat<s64, F>)    \
    SEM(i64_trunc_sat_##T##_u, sem::trunc_sat<u64, F>)
FLOAT(f32, float)
FLOAT(f64, double)
#undef FLOAT
SEM(f32_demote_f64, sem::demote)
SEM(f64_promote_f32, sem::promote)
SEM(i32_reinterpret_f32, sem::reinterpret<u32, float>)
SEM(i64_reinterpret_f64, sem::reinterpret<u64, double>)
SEM(f32_reinterpret_i32, sem::reinterpret<float, u32>)
SEM(f64_reinterpret_i64, sem::reinterpret<double, u64>)
#undef SEM

}  // namespace waxwing::interp
