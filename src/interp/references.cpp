#include "interp/references.hpp"

#include <cstring>
#include <utility>

#include "core/fault.hpp"

namespace waxwing::interp {

using detail::HoldPtr;
using detail::RefAccess;

namespace {

bool is_narrow(ValType type) { return type == i32 || type == f32; }

// What a reference that is not null refers to.
enum class Referent : u8 { func, exception, structure, array, i31, host, nothing };

Referent referent_of_object(u64 word) {
    switch (object_at(word)->layout->kind) {
    case Layout::Kind::structure: return Referent::structure;
    case Layout::Kind::array: return Referent::array;
    case Layout::Kind::exception: break;
    }
    return Referent::exception;
}

// Requires: `hold` is of this store, or none.
Referent referent_of(const StoreImpl& store, u64 word, const HoldPtr& hold) {
    if (!is_object(word)) return (word & 1) != 0 ? Referent::i31 : Referent::host;
    if (!hold.get()) return Referent::nothing;  // the host made the word up
    return hold.get() == store.identity.get() ? Referent::func : referent_of_object(word);
}

// The hierarchy that a value says it belongs to. A concrete type tells only with its
// store: it belongs to `any` or `func`, so what it refers to decides.
HeapKind hierarchy_of(ValType claimed, Referent referent) {
    if (!claimed.heap().is_concrete()) return core::top_of(claimed.heap());
    return referent == Referent::func ? HeapKind::func : HeapKind::any;
}

bool matches_any(Referent referent, u64 word, HeapType wanted) {
    const bool is_struct = referent == Referent::structure;
    const bool is_array = referent == Referent::array;
    const bool is_i31 = referent == Referent::i31;
    switch (wanted.kind()) {
    case HeapKind::any: return is_struct || is_array || is_i31 || referent == Referent::host;
    case HeapKind::eq: return is_struct || is_array || is_i31;
    case HeapKind::i31: return is_i31;
    case HeapKind::struct_: return is_struct;
    case HeapKind::array: return is_array;
    case HeapKind::concrete:
        return (is_struct || is_array) && object_at(word)->layout->defined->matches(wanted.index());
    default: return false;
    }
}

bool matches_func(u64 word, HeapType wanted) {
    if (wanted.kind() == HeapKind::func) return true;
    return wanted.is_concrete() &&
           reinterpret_cast<const FuncInst*>(word)->defined->matches(wanted.index());
}

// A reference that is not null, to what it is, is of the type.
bool matches(Referent referent, u64 word, HeapType wanted) {
    switch (core::top_of(wanted)) {
    case HeapKind::func: return referent == Referent::func && matches_func(word, wanted);
    case HeapKind::exn: return referent == Referent::exception && wanted.kind() == HeapKind::exn;
    case HeapKind::extern_:
        return wanted.kind() == HeapKind::extern_ && matches_any(referent, word, HeapKind::any);
    default: return matches_any(referent, word, wanted);
    }
}

// A null of the same hierarchy. The type that it names may be of a module that has gone.
Misfit check_null(ValType wanted, ValType claimed) {
    if (!wanted.is_nullable()) return Misfit::null;
    if (claimed.heap() == wanted.heap()) return Misfit::none;
    const std::optional<HeapKind> top = core::find_top(claimed.heap());
    return top == core::top_of(wanted.heap()) ? Misfit::none : Misfit::type;
}

// Apart, so that numbers pass without a call.
[[gnu::noinline]] Misfit check_ref(const StoreImpl& store, ValType wanted, const Value& value) {
    if (!value.type().is_ref()) return Misfit::type;
    const u64 word = value.bits();
    if (word == 0) return check_null(wanted, value.type());
    const HoldPtr& hold = RefAccess::hold(value);
    if (hold.get() && hold.store() != store.roots.get()) return Misfit::foreign;
    const Referent referent = referent_of(store, word, hold);
    const bool fits = hierarchy_of(value.type(), referent) == core::top_of(wanted.heap()) &&
                      matches(referent, word, wanted.heap());
    return fits ? Misfit::none : Misfit::type;
}

}  // namespace

Misfit write_value(const StoreImpl& store, ValType wanted, const Value& value, u64* slots) {
    if (wanted.is_ref()) {
        const Misfit misfit = check_ref(store, wanted, value);
        if (misfit == Misfit::none) *slots = value.bits();
        return misfit;
    }
    if (value.type() != wanted) return Misfit::type;
    if (wanted.is_vector()) {
        const V128 v = value.as_v128();
        std::memcpy(slots, v.bytes.data(), 16);
    } else {
        *slots = is_narrow(wanted) ? static_cast<u32>(value.bits()) : value.bits();
    }
    return Misfit::none;
}

Ref func_ref(const FuncInst& func) {
    return RefAccess::make(reinterpret_cast<u64>(&func), func.store->identity);
}

Ref object_ref(const StoreImpl& store, u64 word) {
    return RefAccess::make(word, is_object(word) ? store.roots->hold(word) : HoldPtr());
}

[[gnu::noinline]] static Value read_ref(const StoreImpl& store, ValType type, u64 word) {
    if (!is_object(word)) return Value::ref(type, RefAccess::make(word, {}));
    if (core::top_of(type.heap()) == HeapKind::func)
        return Value::ref(type, RefAccess::make(word, store.identity));
    return Value::ref(type, object_ref(store, word));
}

Value read_value(const StoreImpl& store, ValType type, const u64* slots) {
    if (type.is_vector()) {
        V128 v;
        std::memcpy(v.bytes.data(), slots, 16);
        return Value::v128(v);
    }
    if (!type.is_ref())
        return Value::number(type, is_narrow(type) ? static_cast<u32>(*slots) : *slots);
    return read_ref(store, type, *slots);
}

FuncInst* live_func(const Ref& ref) {
    const auto* root = static_cast<const Root*>(RefAccess::hold(ref).get());
    if (!root || root->word() != 0 || !root->table().is_alive()) return nullptr;
    return reinterpret_cast<FuncInst*>(RefAccess::word(ref));
}

u64 word_of(const StoreImpl& store, const Ref& ref) {
    return RefAccess::hold(ref).store() == store.roots.get() ? RefAccess::word(ref) : 0;
}

std::string describe(Misfit misfit, ValType wanted, const Value& given) {
    std::string text = to_string(wanted) + ", given ";
    if (misfit == Misfit::foreign) return text + "a reference of another store";
    if (misfit == Misfit::null) return text + "null";
    text += to_string(given.type());
    // By its type it would do.
    if (given.type() == wanted) text += " that refers to something else";
    return text;
}

Result<void> put_value(const StoreImpl& store, ValType wanted, const Value& value, u64* slots) {
    const Misfit misfit = write_value(store, wanted, value, slots);
    if (misfit == Misfit::none) return {};
    return std::unexpected(Error(Code::type, ErrorKind::usage,
                                 "wrong value type: wanted " + describe(misfit, wanted, value)));
}

// Keeps the type alive that a type of the host's may refer to; false if nobody has it.
static bool retain(ValType type, std::optional<core::CanonicalTypes>& kept) {
    if (!type.is_ref() || !type.heap().is_concrete()) return true;
    kept = core::retain(type.heap().index());
    return kept.has_value();
}

Value read_as(const StoreImpl& store, ValType type, const u64* slots) {
    std::optional<core::CanonicalTypes> kept;
    return retain(type, kept) ? read_value(store, type, slots) : Value::null(type);
}

Result<void> put_as(const StoreImpl& store, ValType type, const Value& value, u64* slots) {
    std::optional<core::CanonicalTypes> kept;
    if (retain(type, kept)) return put_value(store, type, value, slots);
    return std::unexpected(Error(Code::type, ErrorKind::usage,
                                 std::string(to_string(Fault::unknown_type)) + " " +
                                     std::to_string(type.heap().index())));
}

Result<void> write_args(const StoreImpl& store, const FuncType& type, std::span<const Value> args,
                        u64* slots) {
    if (args.size() != type.params.size()) {
        return std::unexpected(Error(Code::type, ErrorKind::usage,
                                     "wrong number of arguments: the function takes " +
                                         std::to_string(type.params.size()) + ", given " +
                                         std::to_string(args.size())));
    }
    for (usize i = 0; i < args.size(); ++i) {
        const ValType wanted = type.params[i];
        const Misfit misfit = write_value(store, wanted, args[i], slots);
        if (misfit != Misfit::none) [[unlikely]] {
            return std::unexpected(Error(Code::type, ErrorKind::usage,
                                         "wrong argument type: argument " + std::to_string(i) +
                                             " is " + describe(misfit, wanted, args[i])));
        }
        slots += wanted.is_vector() ? 2 : 1;
    }
    return {};
}

std::vector<Value> read_values(const StoreImpl& store, std::span<const ValType> types,
                               const u64* slots) {
    std::vector<Value> values;
    values.reserve(types.size());
    for (const ValType type : types) {
        values.push_back(read_value(store, type, slots));
        slots += type.is_vector() ? 2 : 1;
    }
    return values;
}

}  // namespace waxwing::interp
