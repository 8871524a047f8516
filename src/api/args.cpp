// From the arguments of a call to the parameters of a function.
#include <cmath>
#include <limits>

#include "api/registry.hpp"
#include "core/guard.hpp"
#include "core/int.hpp"
#include "core/try.hpp"
#include "waxwing/runtime.hpp"

namespace waxwing {
namespace {

__extension__ using Whole = __int128;  // holds every i64 and every u64

constexpr Whole min_i32 = std::numeric_limits<s32>::min();
constexpr Whole max_u32 = std::numeric_limits<u32>::max();
constexpr Whole min_i64 = std::numeric_limits<s64>::min();
constexpr Whole max_u64 = std::numeric_limits<u64>::max();

// Compared by bits, so that -0 stays itself and a NaN keeps its payload.
bool same(double a, double b) { return std::bit_cast<u64>(a) == std::bit_cast<u64>(b); }

std::optional<Value> exact_f32(double v) {
    const auto narrow = static_cast<float>(v);
    if (!same(narrow, v)) return std::nullopt;
    return Value::f32(narrow);
}

std::optional<Value> exact_float(ValType wanted, Whole v) {
    const auto wide = static_cast<double>(v);
    // 2^64 is one too many for Whole's range of interest, but not for Whole itself.
    if (static_cast<Whole>(wide) != v) return std::nullopt;
    if (wanted == f64) return Value::f64(wide);
    return exact_f32(wide);
}

std::optional<Value> nearest_float(ValType wanted, double v) {
    if (wanted == f64) return Value::f64(v);
    const auto narrow = static_cast<float>(v);
    if (std::isinf(narrow) && !std::isinf(v)) return std::nullopt;
    return Value::f32(narrow);
}

std::optional<Value> integer(ValType wanted, Whole v) {
    if (wanted == i32 && v >= min_i32 && v <= max_u32)
        return Value::i32(static_cast<s32>(static_cast<u32>(v)));
    if (wanted == i64 && v >= min_i64 && v <= max_u64)
        return Value::i64(static_cast<s64>(static_cast<u64>(v)));
    return std::nullopt;
}

bool is_float(ValType type) { return type == f32 || type == f64; }

}  // namespace

Arg Arg::number(double v) {
    Arg arg(v);
    arg.origin_ = Origin::number;
    arg.number_ = v;
    if (std::trunc(v) != v || std::abs(v) > 0x1p63 || v == 0x1p63) return arg;
    const auto whole = static_cast<s64>(v);
    arg.value_ =
        whole == static_cast<s32>(whole) ? Value::i32(static_cast<s32>(whole)) : Value::i64(whole);
    return arg;
}

std::optional<Value> Arg::as(ValType wanted, ArgTyping typing) const {
    if (type() == wanted) return value_;
    if (origin_ == Origin::value) {
        // Whether a reference is of a subtype is known to the engine only.
        if (type().is_ref() && wanted.is_ref()) return value_;
        return std::nullopt;
    }
    if (typing == ArgTyping::strict || !wanted.is_number()) return std::nullopt;

    const bool loosely = typing == ArgTyping::signature;
    if (origin_ == Origin::integer || origin_ == Origin::natural) {
        const bool narrow = type() == i32;
        const Whole whole = origin_ == Origin::natural
                                ? Whole(narrow ? static_cast<u32>(value_.bits()) : value_.bits())
                                : Whole(narrow ? value_.as_i32() : value_.as_i64());
        if (is_float(wanted)) {
            if (!narrow && !loosely) return std::nullopt;
            return exact_float(wanted, whole);
        }
        if (wanted == i32 && !loosely) return std::nullopt;
        return integer(wanted, whole);
    }

    const double real = origin_ == Origin::number ? number_
                        : type() == f32           ? value_.as_f32()
                                                  : value_.as_f64();
    if (is_float(wanted)) {
        if (loosely) return nearest_float(wanted, real);
        return wanted == f64 ? Value::f64(real) : exact_f32(real);
    }
    if (loosely) {
        if (std::trunc(real) != real || std::abs(real) >= 0x1p64) return std::nullopt;
        return integer(wanted, static_cast<Whole>(real));
    }
    if (wanted == i64 && type() == i32) return Value::i64(value_.as_i32());
    return std::nullopt;
}

namespace detail {

static std::unexpected<Error> wrong(std::string message) {
    return std::unexpected(Error(Code::type, ErrorKind::usage, std::move(message)));
}

Result<void> check_arg_count(const FuncType& type, usize given) {
    if (given == type.params.size()) return {};
    return wrong("expected " + std::to_string(type.params.size()) +
                 (type.params.size() == 1 ? " argument, given " : " arguments, given ") +
                 std::to_string(given));
}

Result<void> fit_args(const FuncType& type, std::span<const Arg> args, ArgTyping typing,
                      Value* values) {
    for (usize i = 0; i < args.size(); ++i) {
        const std::optional<Value> value = args[i].as(type.params[i], typing);
        if (!value) {
            return wrong("argument " + std::to_string(i + 1) + ": expected " +
                         to_string(type.params[i]) + ", given " + to_string(args[i].type()) + " " +
                         to_string(args[i].value()));
        }
        values[i] = *value;
    }
    return {};
}

}  // namespace detail

Result<std::vector<Value>> fit_args(const FuncType& type, std::span<const Arg> args,
                                    ArgTyping typing) {
    return guard(Code::type, [&]() -> Result<std::vector<Value>> {
        TRY(detail::check_arg_count(type, args.size()));
        std::vector<Value> values(args.size());
        TRY(detail::fit_args(type, args, typing, values.data()));
        return std::move(values);
    });
}

}  // namespace waxwing
