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

#include "api/turn.hpp"
#include "core/int.hpp"
#include "waxwing/runtime.hpp"

namespace waxwing::detail {

struct RuntimeState;

struct InstanceRecord {
    InstanceRecord(InstanceId id, ModuleId module_id, std::weak_ptr<RuntimeState> runtime,
                   const StoreLimits& limits)
        : id(std::move(id)), module_id(std::move(module_id)), runtime(std::move(runtime)),
          store(limits) {}

    using Lock = std::unique_lock<Turn>;

    // Waits for the instance's turn. Errors: Code::invalid_instance if it was
    // dropped meanwhile, an interruption if `options` say so first.
    Result<Lock> enter(const CallOptions& options = {});
    Result<Lock> try_enter();

    const InstanceId id;
    const ModuleId module_id;
    const std::weak_ptr<RuntimeState> runtime;
    Turn busy;
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
    Result<std::shared_ptr<InstanceRecord>> find(const InstanceId& instance) const;
    Result<void> drop(const InstanceId& instance);
};

// A call of an exported function, in the instance's turn: see InstanceRef::call.
struct NamedCall {
    std::string_view name;
    std::span<const Arg> args;
    const CallOptions& options;
    ArgTyping typing;
    bool wait;  // for the turn

    Result<std::vector<Value>> operator()(InstanceRecord& record) const;
};

// As fit_args(), into `values`, of which there are as many as parameters.
Result<void> fit_args(const FuncType& type, std::span<const Arg> args, ArgTyping typing,
                      Value* values);
// Errors: Code::type.
Result<void> check_arg_count(const FuncType& type, usize given);

Error invalid_module(std::string_view id);
Error invalid_instance(std::string_view id);

// The record behind a reference, if its instance still exists.
Result<std::shared_ptr<InstanceRecord>> live(const std::weak_ptr<InstanceRecord>& record,
                                             std::string_view id);

}  // namespace waxwing::detail
