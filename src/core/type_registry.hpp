// Canonical types: one object per equivalence class of defined types, shared by
// all modules of the process, so that linking, casts and call_indirect compare
// numbers. Two types are equivalent if their recursion groups are equal after
// references inside the group are replaced by positions (iso-recursion).
//
// 1. A DefinedType lives, at a stable address and under the same id, while some
//    CanonicalTypes holds it or a type that refers to it. Then its id is reused.
// 2. Making and dropping canonical types takes a lock; reading them never does.
// 3. Here and at run time, the index of a concrete heap type is a canonical id.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/int.hpp"
#include "core/module.hpp"
#include "waxwing/error.hpp"

namespace waxwing::core {

// Longer chains of declared supertypes are refused.
inline constexpr u32 max_subtype_depth = 63;

struct DefinedType {
    u32 id = 0;
    SubType sub;                  // references are canonical ids
    std::span<const u32> supers;  // ids of the declared supertypes, root first, this type last

    // This type is `other` or declares it as a supertype.
    bool matches(const DefinedType& other) const {
        const usize depth = other.supers.size();
        return depth <= supers.size() && supers[depth - 1] == other.id;
    }
    bool matches(u32 other) const;  // requires: `other` is alive
    const FuncType* func() const { return sub.func(); }
};

// The canonical types of a module, by type index. Keeps them alive; cheap to copy.
class CanonicalTypes {
public:
    CanonicalTypes() = default;

    usize size() const { return types().size(); }
    const DefinedType* operator[](usize index) const { return types()[index]; }
    std::span<const DefinedType* const> types() const;
    // `type`, whose concrete index is an index into the module, with a canonical id.
    HeapType canonical(HeapType type) const {
        return type.is_concrete() ? HeapType::defined(types()[type.index()]->id) : type;
    }
    ValType canonical(ValType type) const {
        if (!type.is_ref() || !type.heap().is_concrete()) return type;
        return ValType::ref(canonical(type.heap()), type.is_nullable());
    }
    FuncType canonical(const FuncType& type) const;

private:
    friend class TypeRegistry;
    struct Held;
    std::shared_ptr<const Held> held_;
};

// Requires: every reference and supertype is in range, supertypes have lower
// indices, and no chain of them is longer than max_subtype_depth.
Result<CanonicalTypes> canonicalize(const Module& module);
// The final type of a host function. Concrete references are canonical ids. Errors:
// "unknown type", if one of them is not alive.
Result<CanonicalTypes> canonicalize(const FuncType& type);
// The type with this id, kept alive; nothing if it is not alive. The only way to ask
// for an id that came from the host, as others may be dropping the type right now.
std::optional<CanonicalTypes> retain(u32 id);

// The type with this id. Requires: it is alive.
const DefinedType& defined_type(u32 id);

// Subtyping on canonical ids.
bool is_subtype(HeapType sub, HeapType super);
bool is_subtype(ValType sub, ValType super);
// The greatest type of the hierarchy that `type` belongs to: any, func, extern or exn.
HeapKind top_of(HeapType type);
// The same if the type may be of a module that is gone: then nothing.
std::optional<HeapKind> find_top(HeapType type);

// How many canonical types are alive, for tests.
usize live_type_count();
// More than this many ids are not given out, for tests; HeapType::max_index + 1 at first.
void set_max_types(u32 most);

}  // namespace waxwing::core
