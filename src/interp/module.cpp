// What a loaded module tells about itself.
#include <algorithm>
#include <bit>
#include <numeric>

#include "interp/module_impl.hpp"

namespace waxwing {

const interp::ConstExpr* Module::Impl::const_expr(const core::Expr& expr) const {
    const auto at =
        std::lower_bound(const_exprs.begin(), const_exprs.end(), expr.body.offset,
                         [](const interp::ConstExpr& e, u32 offset) { return e.offset < offset; });
    return at != const_exprs.end() && at->offset == expr.body.offset ? &*at : nullptr;
}

ExternType Module::Impl::type_of(ExternKind kind, u32 index) const {
    switch (kind) {
    case ExternKind::func: return *types[module.functions[index].type]->func();
    case ExternKind::table: {
        TableType type = module.tables[index].type;
        type.element = types.canonical(type.element);
        return type;
    }
    case ExternKind::memory: return module.memories[index].type;
    case ExternKind::global: {
        GlobalType type = module.globals[index].type;
        type.type = types.canonical(type.type);
        return type;
    }
    case ExternKind::tag: break;
    }
    return TagType{*types[module.tags[index].type]->func()};
}

namespace interp {

void ExportNames::build(std::span<const core::Export> exports) {
    sorted_.resize(exports.size());
    std::iota(sorted_.begin(), sorted_.end(), 0u);
    std::sort(sorted_.begin(), sorted_.end(),
              [&](u32 a, u32 b) { return exports[a].name < exports[b].name; });
    if (exports.empty()) return;
    likely_.assign(std::bit_ceil(exports.size()) * 4, 0);
    for (u32 i = 0; i < exports.size(); ++i)
        likely_[place_of(exports[i].name)] = i;
}

const core::Export* ExportNames::find(std::span<const core::Export> exports,
                                      std::string_view name) const {
    if (exports.empty()) return nullptr;
    if (const core::Export& likely = exports[likely_[place_of(name)]]; likely.name == name)
        return &likely;
    const auto at = std::lower_bound(
        sorted_.begin(), sorted_.end(), name,
        [&](u32 index, std::string_view wanted) { return exports[index].name < wanted; });
    return at != sorted_.end() && exports[*at].name == name ? &exports[*at] : nullptr;
}

}  // namespace interp

void Module::describe(std::size_t index, ImportInfo& info) const {
    const core::Import& import = impl_->module.imports[index];
    info = {std::string(import.module), std::string(import.name), import.kind,
            impl_->type_of(import.kind, import.index)};
}
void Module::describe(std::size_t index, ExportInfo& info) const {
    const core::Export& e = impl_->module.exports[index];
    info = {std::string(e.name), e.kind, impl_->type_of(e.kind, e.index)};
}
InfoList<ImportInfo> Module::imports() const { return {*this, impl_->module.imports.size()}; }
InfoList<ExportInfo> Module::exports() const { return {*this, impl_->module.exports.size()}; }

CodeStats Module::code_stats() const { return impl_->compiled->stats(); }
std::string_view Module::name() const { return impl_->name; }
std::optional<Bytes> Module::custom_section(std::string_view name) const {
    for (const core::CustomSection& section : impl_->module.customs)
        if (section.name == name) return std::as_bytes(impl_->module.view(section.payload));
    return std::nullopt;
}

}  // namespace waxwing
