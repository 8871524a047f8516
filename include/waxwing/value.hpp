// Values that cross between host and guest.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "waxwing/types.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

// 128 bits, lane 0 in the lowest bytes.
struct alignas(16) V128 {
    std::array<std::uint8_t, 16> bytes{};
    friend bool operator==(const V128&, const V128&) = default;
};

// A reference as the engine keeps it: one word. Zero is null. It may point to
// an object owned by a Store; it is meaningful in that Store only.
class Ref {
public:
    constexpr Ref() = default;
    constexpr bool is_null() const { return word_ == 0; }
    static constexpr Ref from_word(std::uint64_t word) {
        Ref r;
        r.word_ = word;
        return r;
    }
    constexpr std::uint64_t word() const { return word_; }

    // A host value passed through the guest unseen: 62 bits, for example a
    // pointer or an index. Never null, not even for zero.
    static constexpr Ref host(std::uint64_t payload) { return from_word(payload << 2 | 2); }
    constexpr bool is_host() const { return (word_ & 3) == 2; }
    constexpr std::uint64_t host_payload() const { return word_ >> 2; }

    // An unboxed 31-bit integer.
    static constexpr Ref i31(std::uint32_t value) {
        return from_word(std::uint64_t{value & 0x7FFFFFFFu} << 1 | 1);
    }
    constexpr bool is_i31() const { return word_ & 1; }
    constexpr std::uint32_t i31_unsigned() const { return static_cast<std::uint32_t>(word_ >> 1); }

    friend constexpr bool operator==(Ref, Ref) = default;

private:
    std::uint64_t word_ = 0;
};

// A typed value. Floats keep their exact bits.
class Value {
public:
    Value() = default;  // the i32 zero
    static Value i32(std::int32_t v) { return number(waxwing::i32, static_cast<std::uint32_t>(v)); }
    static Value i64(std::int64_t v) { return number(waxwing::i64, static_cast<std::uint64_t>(v)); }
    static Value f32(float v) { return number(waxwing::f32, std::bit_cast<std::uint32_t>(v)); }
    static Value f64(double v) { return number(waxwing::f64, std::bit_cast<std::uint64_t>(v)); }
    static Value v128(V128 v) {
        Value value;
        value.type_ = waxwing::v128;
        value.payload_ = v;
        return value;
    }
    static Value ref(ValType type, Ref r) { return number(type, r.word()); }
    static Value null(ValType type) { return number(type, 0); }
    // From raw bits, zero-extended: how the engine stores numbers and references.
    static Value number(ValType type, std::uint64_t bits) {
        Value value;
        value.type_ = type;
        std::memcpy(value.payload_.bytes.data(), &bits, sizeof bits);
        return value;
    }

    ValType type() const { return type_; }
    std::uint64_t bits() const {
        std::uint64_t bits;
        std::memcpy(&bits, payload_.bytes.data(), sizeof bits);
        return bits;
    }
    // Unchecked: the caller knows type().
    std::int32_t as_i32() const { return static_cast<std::int32_t>(bits()); }
    std::int64_t as_i64() const { return static_cast<std::int64_t>(bits()); }
    float as_f32() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits())); }
    double as_f64() const { return std::bit_cast<double>(bits()); }
    V128 as_v128() const { return payload_; }
    Ref as_ref() const { return Ref::from_word(bits()); }

    // Type and bits are the same (so a NaN equals itself).
    friend bool operator==(const Value&, const Value&) = default;

private:
    ValType type_ = waxwing::i32;
    V128 payload_;
};

// "3", "-7", "1.5", "nan:0x400001", "null", "v128 i32x4 ...".
std::string to_string(const Value& value);

// Spelled as in the documents: types::i64(7).
namespace types {
inline Value i32(std::int32_t v) { return Value::i32(v); }
inline Value i64(std::int64_t v) { return Value::i64(v); }
inline Value f32(float v) { return Value::f32(v); }
inline Value f64(double v) { return Value::f64(v); }
inline Value v128(V128 v) { return Value::v128(v); }
}  // namespace types

}  // namespace waxwing
#pragma GCC visibility pop
