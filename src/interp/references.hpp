// Values on their way between slots and the host. Everything that takes a value
// from the host or gives it one goes through write_value or read_value: arguments,
// results, globals, tables, exceptions, host functions.
//
// 1. What comes in belongs to this store or to none, and is of the type that is
//    wanted, by what it is and not by what it says.
// 2. What goes out is kept alive for as long as the host holds it.
// Source: specification, "Execution / Values / External Typing".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "interp/objects.hpp"

namespace waxwing::interp {

// Why a value does not fit a type.
enum class Misfit : u8 { none, type, null, foreign };

// Into a slot, or two for a vector; unchanged unless it fits.
Misfit write_value(const StoreImpl& store, ValType wanted, const Value& value, u64* slots);
// From there. `type` is canonical, and the slot holds a value of it.
Value read_value(const StoreImpl& store, ValType type, const u64* slots);

// "funcref, given externref"; says more where the types tell nothing.
std::string describe(Misfit misfit, ValType wanted, const Value& given);
// Errors: Code::type, "wrong value type: ...".
Result<void> put_value(const StoreImpl& store, ValType wanted, const Value& value, u64* slots);

// The same for a type that the host gives: it may be of a module that is gone.
Value read_as(const StoreImpl& store, ValType type, const u64* slots);
Result<void> put_as(const StoreImpl& store, ValType type, const Value& value, u64* slots);

// Errors: Code::type, naming the first argument that does not fit.
Result<void> write_args(const StoreImpl& store, const FuncType& type, std::span<const Value> args,
                        u64* slots);
std::vector<Value> read_values(const StoreImpl& store, std::span<const ValType> types,
                               const u64* slots);

// The reference in a slot of the func hierarchy, or in one of another.
Ref func_ref(const FuncInst& func);
Ref object_ref(const StoreImpl& store, u64 word);

// The function; null if it is none or its store is dead.
FuncInst* live_func(const Ref& ref);

// The word of a reference to something in this store; 0 if it is none.
u64 word_of(const StoreImpl& store, const Ref& ref);

}  // namespace waxwing::interp

namespace waxwing::detail {

struct RefAccess {
    static Ref make(std::uint64_t word, HoldPtr hold) { return Ref(word, std::move(hold)); }
    static std::uint64_t word(const Ref& ref) { return ref.word_; }
    static const HoldPtr& hold(const Ref& ref) { return ref.hold_; }
    static const HoldPtr& hold(const Value& value) { return value.hold_; }
};

}  // namespace waxwing::detail
