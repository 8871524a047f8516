// Validity of the types of a module: references in range, and declared
// supertypes that match (specification, "Validation / Types / Defined Types").
#include <algorithm>

#include "core/try.hpp"
#include "validator/module_validator.hpp"

namespace waxwing {
namespace {

bool matches(const core::FieldType& sub, const core::FieldType& super) {
    if (sub.is_mutable != super.is_mutable) return false;
    if (sub.storage == super.storage) return true;
    return !sub.is_mutable && core::is_subtype(sub.storage, super.storage);
}

bool matches(const FuncType& sub, const FuncType& super) {
    const auto is_subtype = [](ValType a, ValType b) { return core::is_subtype(a, b); };
    return std::ranges::equal(super.params, sub.params, is_subtype) &&
           std::ranges::equal(sub.results, super.results, is_subtype);
}

bool matches(const core::StructType& sub, const core::StructType& super) {
    if (sub.fields.size() < super.fields.size()) return false;
    for (usize i = 0; i < super.fields.size(); ++i)
        if (!matches(sub.fields[i], super.fields[i])) return false;
    return true;
}

bool matches(const core::ArrayType& sub, const core::ArrayType& super) {
    return matches(sub.element, super.element);
}

// sub <= super, structurally, on canonical types.
bool matches(const core::CompType& sub, const core::CompType& super) {
    if (sub.index() != super.index()) return false;
    if (const auto* func = std::get_if<FuncType>(&sub))
        return matches(*func, *std::get_if<FuncType>(&super));
    if (const auto* fields = std::get_if<core::StructType>(&sub))
        return matches(*fields, *std::get_if<core::StructType>(&super));
    return matches(*std::get_if<core::ArrayType>(&sub), *std::get_if<core::ArrayType>(&super));
}

}  // namespace

// References reach the type's own group and all groups before it; supertypes
// come before their subtypes.
Result<void> ModuleValidator::check_types() {
    const auto& types = module_.types;
    std::vector<u32> depths(types.size(), 1);
    for (const core::RecGroup& group : module_.rec_groups) {
        const u32 visible = group.first + group.count;
        for (u32 i = group.first; i < visible; ++i) {
            TRY(check_references(types[i], i, visible));
            if (types[i].supertypes.empty()) continue;
            depths[i] = depths[types[i].supertypes.front()] + 1;
            if (depths[i] > core::max_subtype_depth)
                return std::unexpected(
                    limit_error("type " + std::to_string(i) + " is too deep a subtype (limit " +
                                    std::to_string(core::max_subtype_depth) + ")",
                                types[i].offset));
        }
    }
    types_ = TRY(core::canonicalize(module_));
    for (u32 i = 0; i < types.size(); ++i)
        TRY(check_supertype(types[i], i));
    return {};
}

// The first `visible` types may be referred to.
Result<void> ModuleValidator::check_references(const core::SubType& type, u32 index, u32 visible) {
    const auto check = [&](ValType value) -> Result<void> {
        if (!value.is_ref() || !value.heap().is_concrete() || value.heap().index() < visible)
            return {};
        return invalid(Fault::unknown_type, std::to_string(value.heap().index()), type.offset);
    };
    if (type.supertypes.size() > 1)
        return invalid(Fault::sub_type, std::to_string(index) + " has more than one super type",
                       type.offset);
    for (const u32 super : type.supertypes)
        if (super >= index) return invalid(Fault::unknown_type, std::to_string(super), type.offset);
    if (const FuncType* func = type.func()) {
        for (const ValType param : func->params)
            TRY(check(param));
        for (const ValType result : func->results)
            TRY(check(result));
    } else if (const core::StructType* fields = type.struct_()) {
        for (const core::FieldType& field : fields->fields)
            TRY(check(field.storage));
    } else {
        TRY(check(type.array()->element.storage));
    }
    return {};
}

// sub final? x : the type that x names is not final, and matches structurally.
Result<void> ModuleValidator::check_supertype(const core::SubType& type, u32 index) const {
    if (type.supertypes.empty()) return {};
    const u32 super = type.supertypes.front();
    const std::string pair =
        std::to_string(index) + " does not match super type " + std::to_string(super);
    if (module_.types[super].is_final)
        return invalid(Fault::sub_type, pair + ", which is final", type.offset);
    if (!matches(types_[index]->sub.comp, types_[super]->sub.comp))
        return invalid(Fault::sub_type, pair, type.offset);
    return {};
}

}  // namespace waxwing
