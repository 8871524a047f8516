// What a Runtime keeps.
//
// 1. `mutex` guards the maps and `imports` only, for as long as a look-up or an
//    insertion takes; nothing is compiled, run or freed under it.
// 2. Each instance has a lock of its own, held while the guest runs or its memory
//    is touched. It is never waited for while `mutex` is held.
// 3. A record leaves the map at once when its instance is dropped, and is freed
//    when the last call in progress has returned.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "core/int.hpp"
#include "waxwing/runtime.hpp"

namespace waxwing::detail {

struct RuntimeState;

struct InstanceRecord {
    InstanceRecord(InstanceId id, ModuleId module_id, std::weak_ptr<RuntimeState> runtime,
                   const StoreLimits& limits)
        : id(std::move(id)), module_id(std::move(module_id)), runtime(std::move(runtime)),
          store(limits) {}

    // Recursive: a host function may come back to the instance it serves.
    using Lock = std::unique_lock<std::recursive_timed_mutex>;

    // Waits for the instance's turn. Errors: Code::invalid_instance if it was
    // dropped meanwhile, an interruption if `options` say so first.
    Result<Lock> enter(const CallOptions& options = {});
    Result<Lock> try_enter();

    const InstanceId id;
    const ModuleId module_id;
    const std::weak_ptr<RuntimeState> runtime;
    std::recursive_timed_mutex busy;
    std::atomic<bool> dropped = false;

    // Guarded by `busy`.
    Store store;
    std::optional<Instance> instance;  // set before the record is published
    std::optional<Memory> memory;
    std::optional<int> exit_status;  // set when the guest has ended itself
};

struct RuntimeState {
    explicit RuntimeState(RuntimeOptions options) : options(std::move(options)) {}

    const RuntimeOptions options;
    mutable std::shared_mutex mutex;
    std::unordered_map<ModuleId, Module> modules;
    std::unordered_map<InstanceId, std::shared_ptr<InstanceRecord>> instances;
    std::shared_ptr<const Imports> imports = std::make_shared<Imports>();  // replaced, not changed

    // Errors: Code::invalid_instance.
    Result<void> drop(const InstanceId& instance);
};

Error invalid_module(std::string_view id);
Error invalid_instance(std::string_view id);

// The record behind a reference, if its instance still exists.
Result<std::shared_ptr<InstanceRecord>> live(const std::weak_ptr<InstanceRecord>& record,
                                             std::string_view id);

}  // namespace waxwing::detail
