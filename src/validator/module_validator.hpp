// Validates everything of a module that lies outside of expressions
// (specification, "Validation / Modules"), and holds what validating the
// expressions needs to know about the module.
#pragma once

#include <vector>

#include "core/fault.hpp"
#include "core/module.hpp"
#include "core/type_registry.hpp"

namespace waxwing {

// An expression outside of the functions, to be checked by FuncValidator::begin_const.
struct ConstExpr {
    core::Range body;
    ValType expected;
    u32 visible_globals = 0;  // it may refer to the first so many globals
    u32 offset = 0;           // of the definition it belongs to
    u32 visible_with_gc = 0;  // so many if the feature gc were on; 0: no more
};

class ModuleValidator {
public:
    // `module` must outlive the validator.
    explicit ModuleValidator(const core::Module& module) : module_(module) {}

    Result<void> check();

    // The rest is meaningful after a successful check().

    // In the order of the sections: of tables, globals, element and data segments.
    const std::vector<ConstExpr>& const_exprs() const { return const_exprs_; }
    const core::Module& module() const { return module_; }
    const core::CanonicalTypes& types() const { return types_; }

    // Subtyping of types as the module writes them: with type indices.
    bool is_subtype(ValType sub, ValType super) const {
        return sub == super || is_proper_subtype(sub, super);
    }
    bool is_subtype(HeapType sub, HeapType super) const {
        return sub == super || core::is_subtype(types_.canonical(sub), types_.canonical(super));
    }
    HeapKind top_of(HeapType type) const { return core::top_of(types_.canonical(type)); }

    // Whether a body may say ref.func: the function occurs in an export, an
    // element segment or a constant expression.
    bool is_declared(u32 func) const { return declared_[func]; }
    void declare(u32 func) { declared_[func] = true; }

private:
    Result<void> check_types();
    Result<void> check_references(const core::SubType& type, u32 index, u32 visible);
    Result<void> check_supertype(const core::SubType& type, u32 index) const;
    Result<void> check_functions() const;
    Result<void> check_tables();
    Result<void> check_memories() const;
    Result<void> check_tags() const;
    Result<void> check_globals();
    Result<void> check_exports();
    Result<void> check_start() const;
    Result<void> check_elems();
    Result<void> check_elem(const core::ElemSegment& elem);
    Result<void> check_datas();

    Result<void> check_mutable_globals() const;
    Result<void> check_unique_names() const;
    Result<void> check_value_type(ValType type, u32 offset) const;
    Result<const FuncType*> func_type(u32 type_index, u32 offset) const;
    bool is_proper_subtype(ValType sub, ValType super) const;
    void add_const_expr(const core::Expr& expr, ValType expected, usize visible_globals,
                        u32 offset);

    const core::Module& module_;
    core::CanonicalTypes types_;
    std::vector<ConstExpr> const_exprs_;
    std::vector<bool> declared_;
};

// "unknown type 7" and the like.
[[gnu::cold]] inline std::unexpected<Error> invalid(Fault fault, std::string detail, u64 offset) {
    return std::unexpected(make_error(fault, std::move(detail), offset));
}

}  // namespace waxwing
