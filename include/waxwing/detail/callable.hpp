// C++ types to WebAssembly types and back: what Imports::func and TypedFunc
// are made of. Included by waxwing/store.hpp.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)
namespace waxwing::detail {

// How a C++ type travels in slots.
template <class T>
struct SlotType;

template <class T>
    requires(std::integral<T> && sizeof(T) == 4)
struct SlotType<T> {
    static constexpr ValType type = waxwing::i32;
    static constexpr int slots = 1;
    static T read(const std::uint64_t* slot) {
        return static_cast<T>(static_cast<std::uint32_t>(*slot));
    }
    static void write(std::uint64_t* slot, T v) { *slot = static_cast<std::uint32_t>(v); }
};
template <class T>
    requires(std::integral<T> && sizeof(T) == 8)
struct SlotType<T> {
    static constexpr ValType type = waxwing::i64;
    static constexpr int slots = 1;
    static T read(const std::uint64_t* slot) { return static_cast<T>(*slot); }
    static void write(std::uint64_t* slot, T v) { *slot = static_cast<std::uint64_t>(v); }
};
template <>
struct SlotType<float> {
    static constexpr ValType type = waxwing::f32;
    static constexpr int slots = 1;
    static float read(const std::uint64_t* slot) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(*slot));
    }
    static void write(std::uint64_t* slot, float v) { *slot = std::bit_cast<std::uint32_t>(v); }
};
template <>
struct SlotType<double> {
    static constexpr ValType type = waxwing::f64;
    static constexpr int slots = 1;
    static double read(const std::uint64_t* slot) { return std::bit_cast<double>(*slot); }
    static void write(std::uint64_t* slot, double v) { *slot = std::bit_cast<std::uint64_t>(v); }
};
template <>
struct SlotType<Ref> {  // see read_slot and write_slot
    static constexpr ValType type = externref;
    static constexpr int slots = 1;
};
template <>
struct SlotType<V128> {
    static constexpr ValType type = waxwing::v128;
    static constexpr int slots = 2;
    static V128 read(const std::uint64_t* slot) {
        V128 v;
        std::memcpy(v.bytes.data(), slot, 16);
        return v;
    }
    static void write(std::uint64_t* slot, V128 v) { std::memcpy(slot, v.bytes.data(), 16); }
};

// From and to slots. Numbers are copied; a reference is kept alive, and is checked:
// false if it cannot be in such a slot. `side` is whose slots they are, a Caller or a
// Func.
template <class T, class Side>
T read_slot([[maybe_unused]] const Side& side, const std::uint64_t* slot) {
    if constexpr (std::is_same_v<T, Ref>)
        return side.read(externref, slot).as_ref();
    else
        return SlotType<T>::read(slot);
}
template <class T, class Side>
bool write_slot([[maybe_unused]] const Side& side, std::uint64_t* slot, const T& v) {
    if constexpr (std::is_same_v<T, Ref>) {
        return side.write(externref, Value::ref(externref, v), slot).has_value();
    } else {
        SlotType<T>::write(slot, v);
        return true;
    }
}
Error foreign_reference(Code code);

// Reads values from consecutive slots, one after the other.
template <class Side>
struct SlotReader {
    const Side& side;
    const std::uint64_t* slot;

    template <class T>
    T next() {
        const std::uint64_t* const from = slot;
        slot += SlotType<T>::slots;
        return read_slot<T>(side, from);
    }
};

// Results: void, one value, or a tuple of values.
template <class R>
struct Results {
    static std::vector<ValType> types() { return {SlotType<R>::type}; }
    static constexpr int slots = SlotType<R>::slots;
    template <class Side>
    static R read(const Side& side, const std::uint64_t* slot) {
        return read_slot<R>(side, slot);
    }
    template <class Side>
    static bool write(const Side& side, std::uint64_t* slot, const R& v) {
        return write_slot(side, slot, v);
    }
};
template <>
struct Results<void> {
    static std::vector<ValType> types() { return {}; }
    static constexpr int slots = 0;
};
template <class... T>
struct Results<std::tuple<T...>> {
    static std::vector<ValType> types() { return {SlotType<T>::type...}; }
    static constexpr int slots = (SlotType<T>::slots + ... + 0);
    template <class Side>
    static std::tuple<T...> read(const Side& side, const std::uint64_t* slot) {
        [[maybe_unused]] SlotReader<Side> in{side, slot};
        return std::tuple<T...>{in.template next<T>()...};  // braces: left to right
    }
    template <class Side>
    static bool write(const Side& side, std::uint64_t* slot, const std::tuple<T...>& v) {
        int at = 0;
        bool fits = true;
        std::apply(
            [&](const T&... each) {
                ((fits = fits && write_slot(side, slot + at, each), at += SlotType<T>::slots), ...);
            },
            v);
        return fits;
    }
};

template <class T>
struct Unwrapped {
    using type = T;
    static constexpr bool fallible = false;
};
template <class T>
struct Unwrapped<Result<T>> {
    using type = T;
    static constexpr bool fallible = true;
};

template <class R, class... A>
FuncType make_func_type() {
    return FuncType{{SlotType<A>::type...}, Results<R>::types()};
}

template <class R, bool with_caller, class... A>
struct HostAdapter {
    using Plain = typename Unwrapped<R>::type;

    template <class F>
    static Result<void> code(void* environment, Caller& caller, std::uint64_t* slots) {
        F& callable = *static_cast<F*>(environment);
        [[maybe_unused]] SlotReader<Caller> in{caller, slots};
        std::tuple<A...> args{in.template next<A>()...};  // braces: left to right
        auto invoke = [&]() -> R {
            return std::apply(
                [&](auto&&... each) -> R {
                    if constexpr (with_caller)
                        return callable(caller, each...);
                    else
                        return callable(each...);
                },
                args);
        };
        bool fits = true;
        if constexpr (Unwrapped<R>::fallible) {
            auto result = invoke();
            if (!result) return std::unexpected(std::move(result).error());
            if constexpr (!std::is_void_v<Plain>)
                fits = Results<Plain>::write(caller, slots, *result);
        } else if constexpr (std::is_void_v<R>) {
            invoke();
        } else {
            fits = Results<Plain>::write(caller, slots, invoke());
        }
        if (!fits) [[unlikely]]
            return std::unexpected(foreign_reference(Code::call));
        return {};
    }

    template <class F>
    static HostFunction make(F&& callable) {
        using Stored = std::decay_t<F>;
        return HostFunction{make_func_type<Plain, A...>(), &code<Stored>,
                            std::make_shared<Stored>(std::forward<F>(callable))};
    }
};

template <class Signature>
struct AdapterOf;
template <class R, class... A>
struct AdapterOf<R(A...)> {
    using type = HostAdapter<R, false, std::decay_t<A>...>;
};
template <class R, class... A>
struct AdapterOf<R(Caller&, A...)> {
    using type = HostAdapter<R, true, std::decay_t<A>...>;
};

template <class F>
struct SignatureOf : SignatureOf<decltype(&F::operator())> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...)> {
    using type = R(A...);
};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...)> {
    using type = R(A...);
};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const> {
    using type = R(A...);
};

}  // namespace waxwing::detail

namespace waxwing {

// A function whose signature was checked once. Errors of a call: Code::call,
// Code::type for a Ref that belongs to another store.
template <class R, class... A>
class TypedFunc<R(A...)> {
public:
    Result<R> operator()(A... args) const {
        constexpr int params = (detail::SlotType<A>::slots + ... + 0);
        constexpr int results = detail::Results<R>::slots;
        std::uint64_t slots[(params > results ? params : results) + 1];
        [[maybe_unused]] int at = 0;
        bool fits = true;
        ((fits = fits && detail::write_slot(func_, slots + at, args),
          at += detail::SlotType<A>::slots),
         ...);
        if (!fits) [[unlikely]]
            return std::unexpected(detail::foreign_reference(Code::type));
        Result<void> done = func_.call_raw(slots);
        if (!done) return std::unexpected(std::move(done).error());
        if constexpr (std::is_void_v<R>)
            return {};
        else
            return detail::Results<R>::read(func_, slots);
    }
    Func func() const { return func_; }

private:
    friend class Func;
    explicit TypedFunc(Func func) : func_(func) {}
    Func func_;
};

namespace detail {
template <class Signature>
struct FuncTypeOf;
template <class R, class... A>
struct FuncTypeOf<R(A...)> {
    static FuncType get() { return make_func_type<R, std::decay_t<A>...>(); }
};
Error signature_mismatch(const FuncType& expected, const FuncType& given);
}  // namespace detail

template <class Signature>
Result<TypedFunc<Signature>> Func::typed() const {
    const FuncType wanted = detail::FuncTypeOf<Signature>::get();
    if (wanted != type()) return std::unexpected(detail::signature_mismatch(type(), wanted));
    return TypedFunc<Signature>(*this);
}

template <class Signature>
Result<TypedFunc<Signature>> Instance::func(std::string_view name) const {
    auto plain = func(name);
    if (!plain) return std::unexpected(std::move(plain).error());
    return plain->template typed<Signature>();
}

template <class F>
void Imports::func(std::string module, std::string name, F&& callable) {
    using Signature = typename detail::SignatureOf<std::decay_t<F>>::type;
    using Adapter = typename detail::AdapterOf<Signature>::type;
    func(std::move(module), std::move(name), Adapter::make(std::forward<F>(callable)));
}

}  // namespace waxwing
#pragma GCC visibility pop
