// What a module may import, by name.
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"
#include "waxwing/store.hpp"

namespace waxwing {

void Imports::define(std::string module, std::string name, Item item) {
    items_[std::move(module)].insert_or_assign(std::move(name), std::move(item));
}
void Imports::func(std::string module, std::string name, HostFunction function) {
    define(std::move(module), std::move(name), Item(std::move(function)));
}
void Imports::define(std::string module, std::string name, Extern object) {
    const interp::StoreImpl& store =
        *std::visit([](auto handle) { return handle.object()->store; }, object);
    define(std::move(module), std::move(name), Item(Object{object, store.identity}));
}
void Imports::instance(const std::string& module, const Instance& instance) {
    const std::vector<core::Export>& exports = instance.module().impl()->module.exports;
    for (usize i = 0; i < exports.size(); ++i)
        define(module, std::string(exports[i].name), instance.export_at(i));
}
const Imports::Item* Imports::find(std::string_view module, std::string_view name) const {
    const auto of_module = items_.find(module);
    if (of_module == items_.end()) return nullptr;
    const auto item = of_module->second.find(name);
    return item == of_module->second.end() ? nullptr : &item->second;
}

}  // namespace waxwing
