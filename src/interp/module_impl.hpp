// What is behind a Module handle. src/api puts it together.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/instr.hpp"
#include "core/module.hpp"
#include "core/type_registry.hpp"
#include "interp/compiled_module.hpp"
#include "waxwing/module.hpp"

namespace waxwing::interp {

// One instruction of a constant expression; v128.const is two, with half of the
// bits each.
struct ConstOp {
    Opcode op;
    u32 index;
    u64 bits;  // or the second index
};
// A constant expression, by the offset of its first instruction.
struct ConstExpr {
    u32 offset;
    u32 first;  // in the module's const_ops
    u32 count;
};

// Finds exports by name. The name's hash tells one export that it may be, so that
// names which collide, even on purpose, cost no more than searching a sorted list.
class ExportNames {
public:
    void build(std::span<const core::Export> exports);
    const core::Export* find(std::span<const core::Export> exports, std::string_view name) const;

private:
    usize place_of(std::string_view name) const {
        return std::hash<std::string_view>()(name) & (likely_.size() - 1);
    }
    std::vector<u32> sorted_;  // indices of exports, by name
    std::vector<u32> likely_;  // by hash; a power of two of them
};

}  // namespace waxwing::interp

namespace waxwing {

// Invariant: nothing changes after loading but what `compiled` guards itself.
struct Module::Impl {
    core::Module module;
    core::CanonicalTypes types;
    mutable std::optional<interp::CompiledModule> compiled;  // set once validated
    std::vector<interp::ConstOp> const_ops;
    std::vector<interp::ConstExpr> const_exprs;  // by ascending offset
    interp::ExportNames export_names;
    std::string name;
    bool single_instance = false;
    mutable std::atomic<bool> has_instance = false;  // looked at if single_instance
    // The function's name in the name section; empty if it has none.
    std::function<std::string(u32 func)> function_name;

    const interp::ConstExpr* const_expr(const core::Expr& expr) const;
    // Of the item with this index among those of its kind; references are canonical ids.
    ExternType type_of(ExternKind kind, u32 index) const;
    // Null if there is none.
    const core::Export* find_export(std::string_view name) const {
        return export_names.find(module.exports, name);
    }
};

}  // namespace waxwing
