// From a C++ signature to a function of preview1: its WebAssembly type, and the
// code that turns slots into arguments and the result into guest memory.
//
//   Expected<Filesize> fd_seek(Context&, Guest&, Fd, Filedelta, Whence)
//   (func (param i32 i64 i32 i32) (result i32))
//
// 1. Flags and enumerations with a value that means nothing are `inval`.
// 2. The result goes through a last pointer (two for a pair), which is checked
//    before the function runs and written only if it succeeds.
#pragma once

#include <tuple>
#include <utility>
#include <vector>

#include "wasi/functions.hpp"
#include "waxwing/types.hpp"

namespace waxwing::wasi {

// Takes arguments from slots one after another.
class ArgReader {
public:
    explicit ArgReader(const u64* slots) : next_(slots) {}

    u32 word() { return static_cast<u32>(*next_++); }
    u64 doubleword() { return *next_++; }

    void reject() { valid_ = false; }
    bool valid() const { return valid_; }

private:
    const u64* next_;
    bool valid_ = true;
};

// How a parameter type is passed: the WebAssembly types, and how it is read.
template <class T>
struct Param;

template <ValType::Kind... type>
struct Passed {
    static void add_to(std::vector<ValType>& types) { (types.push_back(type), ...); }
};
inline constexpr auto word = ValType::Kind::i32;
inline constexpr auto doubleword = ValType::Kind::i64;

template <>
struct Param<u32> : Passed<word> {
    static u32 read(ArgReader& in) { return in.word(); }
};
template <>
struct Param<u64> : Passed<doubleword> {
    static u64 read(ArgReader& in) { return in.doubleword(); }
};
template <>
struct Param<s64> : Passed<doubleword> {
    static s64 read(ArgReader& in) { return static_cast<s64>(in.doubleword()); }
};
template <>
struct Param<Fd> : Passed<word> {
    static Fd read(ArgReader& in) { return Fd{in.word()}; }
};
template <class T>
struct Param<GuestPtr<T>> : Passed<word> {
    static GuestPtr<T> read(ArgReader& in) { return {in.word()}; }
};
template <class T>
struct Param<GuestArray<T>> : Passed<word, word> {
    static GuestArray<T> read(ArgReader& in) {
        const u32 address = in.word();
        return {address, in.word()};
    }
};
template <class E>
    requires(enumerator_count<E> != 0)
struct Param<E> : Passed<word> {
    static E read(ArgReader& in) {
        const u32 value = in.word();
        if (value >= enumerator_count<E>) in.reject();
        return static_cast<E>(value);
    }
};
template <class Bit>
struct Param<Flags<Bit>> : Passed<word> {
    static Flags<Bit> read(ArgReader& in) {
        const u32 value = in.word();
        if (value & ~u32{Flags<Bit>::defined}) in.reject();
        return Flags<Bit>::from_bits(static_cast<typename Flags<Bit>::Int>(value));
    }
};
template <>
struct Param<Rights> : Passed<doubleword> {
    // Programs ask for ~0 and mean everything.
    static Rights read(ArgReader& in) {
        return Rights::from_bits(in.doubleword() & Rights::defined);
    }
};

// How a result reaches the guest.
template <class R>
struct Output {
    GuestPtr<R> target;

    static void add_to(std::vector<ValType>& types) { types.push_back(word); }
    explicit Output(ArgReader& in) : target{in.word()} {}
    Expected<void> check(Guest& guest) const { return guest.check(target); }
    Expected<void> store(Guest& guest, const R& value) const { return guest.store(target, value); }
};
template <>
struct Output<void> {
    static void add_to(std::vector<ValType>&) {}
    explicit Output(ArgReader&) {}
    Expected<void> check(Guest&) const { return {}; }
};
template <>
struct Output<Never> : Output<void> {
    using Output<void>::Output;
    Expected<void> store(Guest&, Never) const { return {}; }
};
template <class A, class B>
struct Output<std::pair<A, B>> {
    Output<A> first;
    Output<B> second;

    static void add_to(std::vector<ValType>& types) {
        Output<A>::add_to(types);
        Output<B>::add_to(types);
    }
    explicit Output(ArgReader& in) : first(in), second(in) {}
    Expected<void> check(Guest& guest) const {
        TRY(first.check(guest));
        return second.check(guest);
    }
    Expected<void> store(Guest& guest, const std::pair<A, B>& value) const {
        TRY(first.store(guest, value.first));
        return second.store(guest, value.second);
    }
};

template <class Signature>
struct SignatureOf;
template <class R, class... A>
struct SignatureOf<Expected<R> (*)(Context&, Guest&, A...)> {
    static constexpr bool returns = !std::is_same_v<R, Never>;

    static FuncType type() {
        FuncType type;
        (Param<A>::add_to(type.params), ...);
        Output<R>::add_to(type.params);
        if (returns) type.results.push_back(word);
        return type;
    }

    template <auto function>
    static Expected<void> call(Context& wasi, Guest& guest, const u64* slots) {
        ArgReader in(slots);
        const std::tuple<A...> args{Param<A>::read(in)...};  // braces: left to right
        const Output<R> output(in);
        if (!in.valid()) return fail(Errno::inval);
        TRY(output.check(guest));
        auto result =
            std::apply([&](const A&... each) { return function(wasi, guest, each...); }, args);
        if constexpr (std::is_void_v<R>) {
            return result;
        } else {
            TRY(output.store(guest, TRY(std::move(result))));
            return {};
        }
    }
};

// A function of preview1, as it is called: arguments in `slots`, one each, and
// the error number left in the first.
struct Function {
    const char* name;
    u64 fuel;  // that each call costs
    FuncType (*type)();
    Result<void> (*call)(Context& wasi, Guest& guest, u64* slots);
};

template <auto function>
Result<void> call_bound(Context& wasi, Guest& guest, u64* slots) {
    using Bound = SignatureOf<decltype(function)>;
    auto result = Bound::template call<function>(wasi, guest, slots);
    if (!result && !result.error().code())
        return std::unexpected(std::move(result.error().error()));
    if constexpr (Bound::returns)
        slots[0] = static_cast<u16>(result ? Errno::success : *result.error().code());
    return {};
}

template <auto function>
constexpr Function bind(const char* name, u64 fuel) {
    return {name, fuel, &SignatureOf<decltype(function)>::type, &call_bound<function>};
}

}  // namespace waxwing::wasi
