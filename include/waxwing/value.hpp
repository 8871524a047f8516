// Values that cross between host and guest.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "waxwing/types.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

// 128 bits, lane 0 in the lowest bytes.
struct alignas(16) V128 {
    std::array<std::uint8_t, 16> bytes{};
    friend bool operator==(const V128&, const V128&) = default;
};

namespace detail {

// What the host holds of a store, shared by all that refer to it. Copied and let go
// of on any thread; whoever does the latter last calls `last`, which frees it.
class Hold {
public:
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    void retain() noexcept { uses_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (uses_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_(this);
    }
    // Which store, dead or alive: used by no other one while anybody holds it.
    const void* store() const { return store_; }

protected:
    Hold(const void* store, void (*last)(Hold*) noexcept) : store_(store), last_(last) {}
    ~Hold() = default;

private:
    std::atomic<std::size_t> uses_ = 1;
    const void* store_;
    void (*last_)(Hold*) noexcept;
};

// Owns one use of a Hold, or nothing.
class HoldPtr {
public:
    HoldPtr() = default;
    explicit HoldPtr(Hold* taken) noexcept : hold_(taken) {}  // takes the use over
    HoldPtr(const HoldPtr& other) noexcept : hold_(other.hold_) {
        if (hold_) hold_->retain();
    }
    HoldPtr(HoldPtr&& other) noexcept : hold_(std::exchange(other.hold_, nullptr)) {}
    HoldPtr& operator=(const HoldPtr& other) noexcept {
        if (other.hold_) other.hold_->retain();
        if (hold_) hold_->release();
        hold_ = other.hold_;
        return *this;
    }
    HoldPtr& operator=(HoldPtr&& other) noexcept {
        std::swap(hold_, other.hold_);
        return *this;
    }
    ~HoldPtr() {
        if (hold_) hold_->release();
    }
    Hold* get() const { return hold_; }
    const void* store() const { return hold_ ? hold_->store() : nullptr; }

private:
    Hold* hold_ = nullptr;
};

struct RefAccess;  // the engine's way to what a Ref is made of

}  // namespace detail

// A reference held by the host. It keeps the structure, array or exception that
// it refers to alive, and knows whose store it belongs to: everything that takes
// one checks that. May be copied and dropped on any thread, and may outlive its
// store, which it is of no more use for then.
class Ref {
public:
    Ref() = default;  // null
    bool is_null() const { return word_ == 0; }

    // A host value passed through the guest unseen: 62 bits, for example a
    // pointer or an index. Never null, not even for zero. Belongs to no store.
    static Ref host(std::uint64_t payload) { return Ref(payload << 2 | 2); }
    bool is_host() const { return (word_ & 3) == 2; }
    std::uint64_t host_payload() const { return word_ >> 2; }

    // An unboxed integer, of which 31 bits count. Belongs to no store.
    static Ref i31(std::uint32_t value) { return Ref(std::uint64_t{value & 0x7FFFFFFFu} << 1 | 1); }
    bool is_i31() const { return word_ & 1; }
    std::uint32_t i31_unsigned() const { return static_cast<std::uint32_t>(word_ >> 1); }

    // The same object, or equal numbers (ref.eq; also of functions and exceptions).
    friend bool operator==(const Ref& a, const Ref& b) {
        return a.word_ == b.word_ && a.hold_.store() == b.hold_.store();
    }

private:
    friend struct detail::RefAccess;
    friend class Value;
    explicit Ref(std::uint64_t word, detail::HoldPtr hold = {})
        : word_(word), hold_(std::move(hold)) {}

    std::uint64_t word_ = 0;
    detail::HoldPtr hold_;  // of what belongs to a store
};

// A typed value. Floats keep their exact bits. A reference keeps what it refers to
// alive, as a Ref does, and may be dropped on any thread.
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
    // `type` says which hierarchy the reference is taken to belong to; what it refers
    // to is looked at where the value is used.
    static Value ref(ValType type, const Ref& r) {
        Value value = number(type, r.word_);
        value.hold_ = r.hold_;
        return value;
    }
    static Value null(ValType type) { return number(type, 0); }
    // From raw bits, zero-extended. Not for references: no store takes such a one.
    static Value number(ValType type, std::uint64_t bits) {
        Value value;
        value.type_ = type;
        std::memcpy(value.payload_.bytes.data(), &bits, sizeof bits);
        return value;
    }

    // Of a reference: the type it was got with, which what it refers to may be a subtype
    // of. A concrete type means something while its store lives.
    ValType type() const { return type_; }
    // Of a reference: equal if the objects are the same, and good for nothing else.
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
    Ref as_ref() const { return Ref(bits(), hold_); }

    // Type and bits are the same (so a NaN equals itself), and the store is.
    friend bool operator==(const Value& a, const Value& b) {
        return a.type_ == b.type_ && a.payload_ == b.payload_ && a.hold_.store() == b.hold_.store();
    }

private:
    friend struct detail::RefAccess;
    ValType type_ = waxwing::i32;
    detail::HoldPtr hold_;  // of a reference to what belongs to a store
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
