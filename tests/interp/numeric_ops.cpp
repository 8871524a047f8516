#include "numeric_ops.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace waxwing::test {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

template <class T> T from_bits(u64 bits) {
    if constexpr (sizeof(T) == 4)
        return std::bit_cast<T>(static_cast<u32>(bits));
    else
        return std::bit_cast<T>(bits);
}
template <class T> u64 to_bits(T value) {
    if constexpr (sizeof(T) == 4)
        return std::bit_cast<u32>(value);
    else
        return std::bit_cast<u64>(value);
}
template <class T> constexpr Ty type_of() {
    if constexpr (std::is_same_v<T, float>) return Ty::f32;
    if constexpr (std::is_same_v<T, double>) return Ty::f64;
    return sizeof(T) == 4 ? Ty::i32 : Ty::i64;
}

struct Table {
    std::vector<NumericOp> ops;

    // T f(T, T) and R f(T), where f may set a trap.
    template <class T, class F> void binary(std::string name, F, bool shows_nan = false) {
        ops.push_back({std::move(name), 2, type_of<T>(),
                       type_of<decltype(F()(T(), T(), std::declval<Trap&>()))>(),
                       [](u64 a, u64 b, Trap& trap) {
                           return to_bits(F()(from_bits<T>(a), from_bits<T>(b), trap));
                       },
                       shows_nan});
    }
    template <class T, class F> void unary(std::string name, F, bool shows_nan = false) {
        ops.push_back({std::move(name), 1, type_of<T>(),
                       type_of<decltype(F()(T(), std::declval<Trap&>()))>(),
                       [](u64 a, u64, Trap& trap) { return to_bits(F()(from_bits<T>(a), trap)); },
                       shows_nan});
    }
};

// Bit by bit, so that no library function is trusted.
template <class U> U count_leading(U a) {
    U n = 0;
    for (int i = sizeof(U) * 8 - 1; i >= 0 && !(a >> i & 1); --i)
        ++n;
    return n;
}
template <class U> U count_trailing(U a) {
    U n = 0;
    for (unsigned i = 0; i < sizeof(U) * 8 && !(a >> i & 1); ++i)
        ++n;
    return n;
}
template <class U> U count_ones(U a) {
    U n = 0;
    for (; a; a &= a - 1)
        ++n;
    return n;
}
template <class U> U rotate_left(U a, U by) {
    for (by %= sizeof(U) * 8; by > 0; --by)
        a = static_cast<U>(a << 1 | a >> (sizeof(U) * 8 - 1));
    return a;
}

template <class S> void integers(Table& table, const std::string& p) {
    using U = std::make_unsigned_t<S>;
    constexpr U width = sizeof(U) * 8;
    table.binary<U>(p + "add", [](U a, U b, Trap&) { return static_cast<U>(Wide{a} + b); });
    table.binary<U>(p + "sub", [](U a, U b, Trap&) { return static_cast<U>(Wide{a} - b); });
    table.binary<U>(p + "mul", [](U a, U b, Trap&) {
        return static_cast<U>(static_cast<UnsignedWide>(a) * b);
    });
    table.binary<U>(p + "div_s", [](U a, U b, Trap& trap) {
        if (b == 0) return trap = Trap::integer_divide_by_zero, U{0};
        const Wide quotient = Wide{static_cast<S>(a)} / static_cast<S>(b);
        if (quotient > std::numeric_limits<S>::max()) return trap = Trap::integer_overflow, U{0};
        return static_cast<U>(quotient);
    });
    table.binary<U>(p + "div_u", [](U a, U b, Trap& trap) {
        if (b == 0) return trap = Trap::integer_divide_by_zero, U{0};
        return static_cast<U>(a / b);
    });
    table.binary<U>(p + "rem_s", [](U a, U b, Trap& trap) {
        if (b == 0) return trap = Trap::integer_divide_by_zero, U{0};
        return static_cast<U>(Wide{static_cast<S>(a)} % static_cast<S>(b));
    });
    table.binary<U>(p + "rem_u", [](U a, U b, Trap& trap) {
        if (b == 0) return trap = Trap::integer_divide_by_zero, U{0};
        return static_cast<U>(a % b);
    });
    table.binary<U>(p + "and", [](U a, U b, Trap&) { return static_cast<U>(~(~a | ~b)); });
    table.binary<U>(p + "or", [](U a, U b, Trap&) { return static_cast<U>(~(~a & ~b)); });
    table.binary<U>(p + "xor", [](U a, U b, Trap&) { return static_cast<U>((a | b) - (a & b)); });
    table.binary<U>(p + "shl", [](U a, U b, Trap&) {
        return static_cast<U>(static_cast<UnsignedWide>(a) << b % width);
    });
    table.binary<U>(p + "shr_s", [](U a, U b, Trap&) {
        return static_cast<U>(Wide{static_cast<S>(a)} >> b % width);
    });
    table.binary<U>(p + "shr_u", [](U a, U b, Trap&) {
        return static_cast<U>(static_cast<UnsignedWide>(a) >> b % width);
    });
    table.binary<U>(p + "rotl", [](U a, U b, Trap&) { return rotate_left(a, b); });
    table.binary<U>(p + "rotr", [](U a, U b, Trap&) {
        return rotate_left(a, static_cast<U>(width - b % width));
    });
    table.unary<U>(p + "clz", [](U a, Trap&) { return count_leading(a); });
    table.unary<U>(p + "ctz", [](U a, Trap&) { return count_trailing(a); });
    table.unary<U>(p + "popcnt", [](U a, Trap&) { return count_ones(a); });
    table.unary<U>(p + "eqz", [](U a, Trap&) { return u32{!a}; });
    table.unary<U>(p + "extend8_s",
                   [](U a, Trap&) { return static_cast<U>((a & 0x7F) - (a & 0x80)); });
    table.unary<U>(p + "extend16_s",
                   [](U a, Trap&) { return static_cast<U>((a & 0x7FFF) - (a & 0x8000)); });
    table.binary<U>(p + "eq", [](U a, U b, Trap&) { return u32{!(a ^ b)}; });
    table.binary<U>(p + "ne", [](U a, U b, Trap&) { return u32{!!(a ^ b)}; });
#define COMPARE(op, sign)                                                 \
    table.binary<U>(p + #op "_s", [](U a, U b, Trap&) {                   \
        return u32{Wide{static_cast<S>(a)} sign Wide{static_cast<S>(b)}}; \
    });                                                                   \
    table.binary<U>(p + #op "_u", [](U a, U b, Trap&) { return u32{Wide{a} sign Wide{b}}; });
    COMPARE(lt, <)
    COMPARE(gt, >)
    COMPARE(le, <=)
    COMPARE(ge, >=)
#undef COMPARE
}

// Truncation to I by way of long double, whose 64 bits of precision hold all of it.
template <class I, class F> I truncated(F a, Trap& trap) {
    if (std::isnan(a)) return trap = Trap::invalid_conversion_to_integer, I{0};
    const long double whole = std::trunc(static_cast<long double>(a));
    if (whole < static_cast<long double>(std::numeric_limits<I>::min()) ||
        whole > static_cast<long double>(std::numeric_limits<I>::max()))
        return trap = Trap::integer_overflow, I{0};
    return static_cast<I>(whole);
}
template <class I, class F> I saturated(F a) {
    Trap trap = Trap::none;
    const I value = truncated<I>(a, trap);
    if (trap == Trap::none) return value;
    if (std::isnan(a)) return 0;
    return std::signbit(a) ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max();
}

template <class F> void floats(Table& table, const std::string& p) {
    using U = std::conditional_t<sizeof(F) == 4, u32, u64>;
    constexpr U sign = U{1} << (sizeof(U) * 8 - 1);
    table.binary<F>(p + "add", [](F a, F b, Trap&) { return a + b; });
    table.binary<F>(p + "sub", [](F a, F b, Trap&) { return a - b; });
    table.binary<F>(p + "mul", [](F a, F b, Trap&) { return a * b; });
    table.binary<F>(p + "div", [](F a, F b, Trap&) { return a / b; });
    table.binary<F>(p + "min", [](F a, F b, Trap&) {
        if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<F>::quiet_NaN();
        if (a == b) return std::signbit(a) ? a : b;
        return a < b ? a : b;
    });
    table.binary<F>(p + "max", [](F a, F b, Trap&) {
        if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<F>::quiet_NaN();
        if (a == b) return std::signbit(a) ? b : a;
        return a > b ? a : b;
    });
    table.binary<F>(
        p + "copysign",
        [](F a, F b, Trap&) {
            return std::bit_cast<F>(
                static_cast<U>((std::bit_cast<U>(a) & ~sign) | (std::bit_cast<U>(b) & sign)));
        },
        true);
    table.unary<F>(p + "abs", [](F a, Trap&) {
        return std::bit_cast<F>(static_cast<U>(std::bit_cast<U>(a) & ~sign));
    });
    table.unary<F>(p + "neg", [](F a, Trap&) {
        return std::bit_cast<F>(static_cast<U>(std::bit_cast<U>(a) ^ sign));
    });
    table.unary<F>(p + "ceil", [](F a, Trap&) { return std::ceil(a); });
    table.unary<F>(p + "floor", [](F a, Trap&) { return std::floor(a); });
    table.unary<F>(p + "trunc", [](F a, Trap&) { return std::trunc(a); });
    table.unary<F>(p + "nearest", [](F a, Trap&) {
        const F down = std::floor(a), half = a - down;
        if (std::isnan(a) || std::isinf(a) || half == 0) return a;
        const bool even = std::fmod(down, F{2}) == 0;
        const F rounded = half < F{0.5} || (half == F{0.5} && even) ? down : down + 1;
        return std::copysign(rounded, a);
    });
    table.unary<F>(p + "sqrt", [](F a, Trap&) { return std::sqrt(a); });
#define COMPARE(op, sign) table.binary<F>(p + #op, [](F a, F b, Trap&) { return u32{a sign b}; });
    COMPARE(eq, ==)
    COMPARE(ne, !=)
    COMPARE(lt, <)
    COMPARE(gt, >)
    COMPARE(le, <=)
    COMPARE(ge, >=)
#undef COMPARE
    const std::string from = "_" + p.substr(0, 3);
#define TRUNC(T, S, U)                                                                          \
    table.unary<F>(#T ".trunc" + from + "_s", [](F a, Trap& t) { return truncated<S>(a, t); }); \
    table.unary<F>(#T ".trunc" + from + "_u", [](F a, Trap& t) { return truncated<U>(a, t); }); \
    table.unary<F>(#T ".trunc_sat" + from + "_s", [](F a, Trap&) { return saturated<S>(a); });  \
    table.unary<F>(#T ".trunc_sat" + from + "_u", [](F a, Trap&) { return saturated<U>(a); });  \
    table.unary<U>(p + "convert_" #T "_s",                                                      \
                   [](U a, Trap&) { return static_cast<F>(static_cast<S>(a)); });               \
    table.unary<U>(p + "convert_" #T "_u", [](U a, Trap&) { return static_cast<F>(a); });
    TRUNC(i32, s32, u32)
    TRUNC(i64, s64, u64)
#undef TRUNC
}

std::vector<NumericOp> make_ops() {
    Table table;
    integers<s32>(table, "i32.");
    integers<s64>(table, "i64.");
    floats<float>(table, "f32.");
    floats<double>(table, "f64.");
    table.unary<u64>("i64.extend32_s",
                     [](u64 a, Trap&) { return (a & 0x7FFFFFFF) - (a & 0x80000000); });
    table.unary<u64>("i32.wrap_i64",
                     [](u64 a, Trap&) { return static_cast<u32>(a % (1ull << 32)); });
    table.unary<u32>("i64.extend_i32_u", [](u32 a, Trap&) { return u64{a}; });
    table.unary<u32>("i64.extend_i32_s",
                     [](u32 a, Trap&) { return a >> 31 ? 0xFFFFFFFF00000000 | a : u64{a}; });
    table.unary<double>("f32.demote_f64", [](double a, Trap&) { return static_cast<float>(a); });
    table.unary<float>("f64.promote_f32", [](float a, Trap&) { return static_cast<double>(a); });
    table.unary<float>(
        "i32.reinterpret_f32", [](float a, Trap&) { return std::bit_cast<u32>(a); }, true);
    table.unary<double>(
        "i64.reinterpret_f64", [](double a, Trap&) { return std::bit_cast<u64>(a); }, true);
    table.unary<u32>("f32.reinterpret_i32", [](u32 a, Trap&) { return std::bit_cast<float>(a); });
    table.unary<u64>("f64.reinterpret_i64", [](u64 a, Trap&) { return std::bit_cast<double>(a); });
    return table.ops;
}

}  // namespace

const char* name_of(Ty type) {
    constexpr const char* names[] = {"i32", "i64", "f32", "f64"};
    return names[static_cast<int>(type)];
}

ValType val_type(Ty type) {
    constexpr ValType types[] = {waxwing::i32, waxwing::i64, waxwing::f32, waxwing::f64};
    return types[static_cast<int>(type)];
}

std::span<const NumericOp> numeric_ops() {
    static const std::vector<NumericOp> ops = make_ops();
    return ops;
}

bool is_nan(Ty type, u64 bits) {
    if (type == Ty::f32) return std::isnan(from_bits<float>(bits));
    return type == Ty::f64 && std::isnan(from_bits<double>(bits));
}

bool same(Ty type, u64 a, u64 b) { return a == b || (is_nan(type, a) && is_nan(type, b)); }

}  // namespace waxwing::test
