#include "waxwing/runtime.hpp"

#include <algorithm>

#include "api/registry.hpp"
#include "core/guard.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace {

constexpr std::string_view wasi_module = "wasi_snapshot_preview1";

// Process-wide, so that an id of one Runtime means nothing to another.
std::string next_id(const char* prefix) {
    static std::atomic<u64> counter = 0;
    return prefix + std::to_string(counter.fetch_add(1, std::memory_order_relaxed) + 1);
}

std::string describe(const ImportInfo& import) {
    std::string text = import.module + "." + import.name + " (" + to_string(import.kind);
    if (const auto* type = std::get_if<FuncType>(&import.type))
        text.append(" ").append(to_string(*type));
    return text + ")";
}

// All of them at once: who has one missing import usually has several.
class UnknownImports {
public:
    void add(const ImportInfo& import) {
        constexpr usize shown = 8;
        if (count_++ >= shown) return;
        if (!list_.empty()) list_ += ", ";
        list_ += describe(import);
        ++shown_;
    }
    bool any() const { return count_ > 0; }
    Error error() const {
        std::string message = "unknown import " + list_;
        if (count_ > shown_) message += " and " + std::to_string(count_ - shown_) + " more";
        return Error(Code::instantiate, ErrorKind::unlinkable, std::move(message));
    }

private:
    std::string list_;
    usize count_ = 0;
    usize shown_ = 0;  // in the list
};

// What `module` imports: from the instance's own, else from the runtime's host
// functions, else from WASI.
Result<Imports> link(const Module& module, const Policy& policy, const Imports& common,
                     const WasiConfig* wasi, const InstanceOptions& options) {
    Imports imports;
    const bool wants_wasi =
        wasi || std::ranges::any_of(module.imports(), [](const ImportInfo& import) {
            return import.module == wasi_module;
        });
    if (options.wasi && wants_wasi) {
        WasiConfig config = wasi ? *wasi : WasiConfig{};
        config.deterministic |= policy.is_deterministic();
        for (Preopen& preopen : config.preopens)
            preopen = TRY(policy.check_preopen(preopen));
        TRY(add_wasi(imports, config));
    }

    UnknownImports missing;
    for (const ImportInfo& import : module.imports()) {
        const Imports::Item* item = nullptr;
        if (options.imports) item = options.imports->find(import.module, import.name);
        if (!item) item = common.find(import.module, import.name);
        if (item)
            imports.define(import.module, import.name, *item);
        else if (!imports.find(import.module, import.name))
            missing.add(import);
    }
    if (missing.any()) return std::unexpected(missing.error());
    return imports;
}

std::optional<Memory> exported_memory(const Instance& instance) {
    std::optional<Memory> first;
    const auto exports = instance.module().exports();
    for (usize i = 0; i < exports.size(); ++i) {
        const ExportInfo each = exports[i];
        if (each.kind != ExternKind::memory) continue;
        const Memory memory = std::get<Memory>(instance.export_at(i));
        if (each.name == "memory") return memory;
        if (!first) first = memory;
    }
    return first;
}

}  // namespace

namespace detail {

Error invalid_module(std::string_view id) {
    return Error(Code::invalid_module, ErrorKind::usage,
                 "invalid module: " + std::string(id) + " is unknown or was dropped");
}

Result<std::shared_ptr<InstanceRecord>> RuntimeState::find(const InstanceId& instance) const {
    const std::shared_lock lock(mutex);
    const auto found = instances.find(instance);
    if (found == instances.end()) return std::unexpected(invalid_instance(instance));
    return found->second;
}

Result<void> RuntimeState::drop(const InstanceId& instance) {
    std::shared_ptr<InstanceRecord> dropped;  // freed after the lock is released
    const std::unique_lock lock(mutex);
    const auto found = instances.find(instance);
    if (found == instances.end()) return std::unexpected(invalid_instance(instance));
    dropped = std::move(found->second);
    dropped->dropped.store(true, std::memory_order_release);
    instances.erase(found);
    return {};
}

}  // namespace detail

Runtime::Runtime(RuntimeOptions options)
    : state_(std::make_shared<detail::RuntimeState>(std::move(options))) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<ModuleId> Runtime::add(Result<Module> module) {
    return guard(Code::compile, [&]() -> Result<ModuleId> {
        if (!module) return std::unexpected(std::move(module).error());
        ModuleId id = next_id("module-");
        const std::unique_lock lock(state_->mutex);
        state_->modules.emplace(id, *std::move(module));
        return id;
    });
}

Result<ModuleId> Runtime::compile(Bytes bytes) {
    return guard(Code::compile, [&]() -> Result<ModuleId> {
        TRY(state_->options.policy.check_load());
        return add(Module::load(bytes, state_->options.load));
    });
}

Result<ModuleId> Runtime::compile_file(const std::filesystem::path& path) {
    return guard(Code::compile, [&]() -> Result<ModuleId> {
        const CheckedFile allowed = TRY(state_->options.policy.check_load(path));
        return add(allowed.load(state_->options.load));
    });
}

Result<Module> Runtime::module(const ModuleId& module) const {
    return guard(Code::invalid_module, [&]() -> Result<Module> {
        const std::shared_lock lock(state_->mutex);
        const auto found = state_->modules.find(module);
        if (found == state_->modules.end()) return std::unexpected(detail::invalid_module(module));
        return found->second;
    });
}

Result<void> Runtime::drop_module(const ModuleId& module) {
    return guard(Code::invalid_module, [&]() -> Result<void> {
        // Freed after the lock is released.
        std::vector<std::shared_ptr<detail::InstanceRecord>> dropped;
        std::optional<Module> freed;

        const std::unique_lock lock(state_->mutex);
        const auto found = state_->modules.find(module);
        if (found == state_->modules.end()) return std::unexpected(detail::invalid_module(module));
        auto& instances = state_->instances;
        const auto of_module = [&](const auto& entry) { return entry.second->module_id == module; };
        const auto count = std::ranges::count_if(instances, of_module);

        if (state_->options.module_drop == ModuleDrop::refuse) {
            if (count) {
                return std::unexpected(Error(Code::permission_denied, ErrorKind::usage,
                                             module + " still has " + std::to_string(count) +
                                                 (count == 1 ? " instance" : " instances")));
            }
        }
        if (state_->options.module_drop == ModuleDrop::cascade) {
            dropped.reserve(static_cast<usize>(count));
            for (auto entry = instances.begin(); entry != instances.end();) {
                if (!of_module(*entry)) {
                    ++entry;
                    continue;
                }
                entry->second->dropped.store(true, std::memory_order_release);
                dropped.push_back(std::move(entry->second));
                entry = instances.erase(entry);
            }
        }
        freed = std::move(found->second);
        state_->modules.erase(found);
        return {};
    });
}

Result<InstanceRef> Runtime::instantiate(const ModuleId& module, const InstanceOptions& options) {
    return make(module, nullptr, options);
}

Result<InstanceRef> Runtime::instantiate(const ModuleId& module, const WasiConfig& wasi,
                                         const InstanceOptions& options) {
    return make(module, &wasi, options);
}

Result<InstanceRef> Runtime::make(const ModuleId& module_id, const WasiConfig* wasi,
                                  const InstanceOptions& options) {
    return guard(Code::instantiate, [&]() -> Result<InstanceRef> {
        const Module module = TRY(this->module(module_id));
        const Policy& policy = state_->options.policy;
        TRY(policy.check_execute());
        std::shared_ptr<const Imports> common;
        {
            const std::shared_lock lock(state_->mutex);
            common = state_->imports;
        }
        const Imports imports = TRY(link(module, policy, *common, wasi, options));

        auto record = std::make_shared<detail::InstanceRecord>(
            next_id("instance-"), module_id, state_,
            options.limits.value_or(state_->options.limits));
        record->instance = TRY(record->store.instantiate(module, imports, options.start));
        record->memory = exported_memory(*record->instance);

        const std::unique_lock lock(state_->mutex);
        // The module may have been dropped meanwhile.
        if (state_->options.module_drop != ModuleDrop::keep && !state_->modules.contains(module_id))
            return std::unexpected(detail::invalid_module(module_id));
        InstanceRef ref(record->id, module_id, record);
        state_->instances.emplace(record->id, record);
        return ref;
    });
}

Result<InstanceRef> Runtime::instance(const InstanceId& instance) const {
    return guard(Code::invalid_instance, [&]() -> Result<InstanceRef> {
        const auto record = TRY(state_->find(instance));
        return InstanceRef(instance, record->module_id, record);
    });
}

Result<void> Runtime::drop(const InstanceId& instance) {
    return guard(Code::invalid_instance, [&] { return state_->drop(instance); });
}

Result<std::vector<Value>> Runtime::call(const InstanceId& instance, std::string_view name,
                                         const std::vector<Arg>& args, const CallOptions& options,
                                         ArgTyping typing) {
    return guard(Code::call, [&]() -> Result<std::vector<Value>> {
        const auto record = TRY(state_->find(instance));
        return detail::NamedCall{name, args, options, typing, true}(*record);
    });
}

Result<std::vector<Value>> Runtime::try_call(const InstanceId& instance, std::string_view name,
                                             const std::vector<Arg>& args,
                                             const CallOptions& options, ArgTyping typing) {
    return guard(Code::call, [&]() -> Result<std::vector<Value>> {
        const auto record = TRY(state_->find(instance));
        return detail::NamedCall{name, args, options, typing, false}(*record);
    });
}

Result<InfoList<ExportInfo>> Runtime::get_exports(const InstanceId& instance) const {
    return guard(Code::invalid_instance, [&]() -> Result<InfoList<ExportInfo>> {
        const InstanceRef ref = TRY(this->instance(instance));
        return ref.get_exports();
    });
}

Result<InstanceMemory> Runtime::memory(const InstanceId& instance) const {
    return guard(Code::invalid_instance, [&]() -> Result<InstanceMemory> {
        const InstanceRef ref = TRY(this->instance(instance));
        return ref.memory;
    });
}

void Runtime::func(std::string module, std::string name, HostFunction function) {
    const std::unique_lock lock(state_->mutex);
    auto more = std::make_shared<Imports>(*state_->imports);
    more->func(std::move(module), std::move(name), std::move(function));
    state_->imports = std::move(more);
}

std::size_t Runtime::module_count() const {
    const std::shared_lock lock(state_->mutex);
    return state_->modules.size();
}

std::size_t Runtime::instance_count() const {
    const std::shared_lock lock(state_->mutex);
    return state_->instances.size();
}

}  // namespace waxwing
