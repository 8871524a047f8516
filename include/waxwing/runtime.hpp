// The handle layer: modules and instances known by id.
//
// 1. A Runtime may be used from any number of threads at once. Calls into
//    different instances run in parallel; calls into one instance take turns.
//    A host function may call back into the instance that called it.
// 2. Ids are opaque and never used twice, also not by another Runtime of the
//    process. An id that is unknown, dropped or foreign is always noticed:
//    Code::invalid_module, Code::invalid_instance.
// 3. Every instance has a store of its own: memory, globals, stack, and what
//    WASI keeps for it. Destroying the Runtime frees all that was not dropped.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/module.hpp"
#include "waxwing/policy.hpp"
#include "waxwing/store.hpp"
#include "waxwing/types.hpp"
#include "waxwing/value.hpp"
#include "waxwing/wasi.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

using ModuleId = std::string;
using InstanceId = std::string;

namespace detail {
struct RuntimeState;
struct InstanceRecord;
}  // namespace detail

// How an argument without an explicit type meets a parameter.
enum class ArgTyping : std::uint8_t {
    // It has a type of its own: integers i32 or i64 by their C++ type, float f32,
    // double f64; Arg::number() looks at the value. The parameter's type is taken
    // instead if nothing is lost: i32 -> i64, i32 or f64 -> f32 or f64, f32 -> f64.
    inferred,
    strict,     // as inferred, but never converted
    signature,  // whatever the parameter's type is, if it can hold the value
};

// An argument of a call. A Value has an explicit type and is never converted.
class Arg {
public:
    template <std::integral T>
        requires(sizeof(T) <= 8)
    Arg(T v)
        : value_(sizeof(T) <= 4 ? Value::i32(static_cast<std::int32_t>(v))
                                : Value::i64(static_cast<std::int64_t>(v))),
          origin_(std::is_signed_v<T> ? Origin::integer : Origin::natural) {}
    Arg(float v) : value_(Value::f32(v)), origin_(Origin::real) {}
    Arg(double v) : value_(Value::f64(v)), origin_(Origin::real) {}
    Arg(const Value& v) : value_(v) {}

    // A number as dynamic languages have them: an i32 if it is a whole number
    // within the range of i32, an i64 if it is another whole number within the
    // range of i64, else an f64.
    static Arg number(double v);

    // The type it has of its own.
    ValType type() const { return value_.type(); }
    // As a value of type `wanted`, or none if it cannot be one.
    std::optional<Value> as(ValType wanted, ArgTyping typing = ArgTyping::inferred) const;
    const Value& value() const { return value_; }

private:
    enum class Origin : std::uint8_t { value, integer, natural, real, number };

    Value value_;
    Origin origin_ = Origin::value;
    double number_ = 0;  // what number() was given
};

// The arguments for the parameters. Errors: Code::type, naming the first that
// does not fit.
Result<std::vector<Value>> fit_args(const FuncType& type, std::span<const Arg> args,
                                    ArgTyping typing = ArgTyping::inferred);

// What happens to the instances of a module that is dropped.
enum class ModuleDrop : std::uint8_t {
    cascade,  // they are dropped too
    refuse,   // the module is not dropped while it has any: Code::permission_denied
    keep,     // they live on
};

struct RuntimeOptions {
    Policy policy = Policy::allow_all();
    LoadOptions load{};
    StoreLimits limits{};  // of each instance
    ModuleDrop module_drop = ModuleDrop::cascade;
};

struct InstanceOptions {
    // Link WASI if the module imports it or a configuration is given.
    bool wasi = true;
    std::optional<StoreLimits> limits{};  // instead of the runtime's
    CallOptions start{};                  // for the start function
    // Host functions for this instance only; they go before the runtime's. Not null
    // only for the time of instantiate().
    const Imports* imports = nullptr;
};

// The memory of one instance: the export called "memory", else the first memory
// that is exported. Errors: Code::memory out of range, when growth is refused and
// if there is none, Code::invalid_instance.
class InstanceMemory {
public:
    // Copies; a range that is not wholly inside copies nothing.
    Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t length) const;
    Result<void> read(std::uint64_t offset, std::span<std::byte> out) const;
    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) const;
    Result<std::string> read_string(std::uint64_t offset, std::uint64_t length) const;
    Result<void> write_string(std::uint64_t offset, std::string_view text) const;
    Result<std::uint64_t> size() const;  // in pages
    Result<std::uint64_t> byte_size() const;
    // Adds pages; the size before, in pages.
    Result<std::uint64_t> grow(std::uint64_t pages) const;

private:
    friend class InstanceRef;
    explicit InstanceMemory(std::weak_ptr<detail::InstanceRecord> record)
        : record_(std::move(record)) {}
    std::weak_ptr<detail::InstanceRecord> record_;
};

// A reference to an instance of a Runtime; copies refer to the same one. It may
// outlive both: then every use is Code::invalid_instance.
class InstanceRef {
public:
    const InstanceId& id() const { return id_; }
    const ModuleId& module_id() const { return module_id_; }

    // Calls the exported function `name`. Errors: Code::export_not_found,
    // Code::type, Code::call, Code::fuel_exhausted, Code::permission_denied,
    // Code::invalid_instance. A guest that ends itself with status 0 has succeeded
    // without results; afterwards the instance has finished and no longer runs.
    template <std::convertible_to<Arg>... A>
    Result<std::vector<Value>> call(std::string_view name, const A&... args) const {
        const Arg list[] = {Arg(args)..., Arg(0)};
        return call_with(name, std::span(list, sizeof...(A)), {}, ArgTyping::inferred, true);
    }
    Result<std::vector<Value>> call(std::string_view name, const std::vector<Arg>& args,
                                    const CallOptions& options = {},
                                    ArgTyping typing = ArgTyping::inferred) const {
        return call_with(name, args, options, typing, true);
    }
    // As call(), but if the instance is at work for another thread, an error of
    // Code::call and ErrorKind::interrupted instead of waiting.
    Result<std::vector<Value>> try_call(std::string_view name, const std::vector<Arg>& args = {},
                                        const CallOptions& options = {},
                                        ArgTyping typing = ArgTyping::inferred) const {
        return call_with(name, args, options, typing, false);
    }

    Result<InfoList<ExportInfo>> get_exports() const;
    // Set when the guest has ended itself.
    Result<std::optional<int>> exit_status() const;
    // Frees the instance, once a call in progress has returned. Errors:
    // Code::invalid_instance if that happened before.
    Result<void> drop() const;

    InstanceMemory memory;

private:
    friend class Runtime;
    InstanceRef(InstanceId id, ModuleId module_id, std::weak_ptr<detail::InstanceRecord> record)
        : memory(record), id_(std::move(id)), module_id_(std::move(module_id)),
          record_(std::move(record)) {}
    Result<std::vector<Value>> call_with(std::string_view name, std::span<const Arg> args,
                                         const CallOptions& options, ArgTyping typing,
                                         bool wait) const;

    InstanceId id_;
    ModuleId module_id_;
    std::weak_ptr<detail::InstanceRecord> record_;
};

class Runtime {
public:
    explicit Runtime(RuntimeOptions options = {});
    Runtime(Runtime&&) noexcept;
    Runtime& operator=(Runtime&&) noexcept;
    ~Runtime();

    // Errors: Code::compile, Code::permission_denied.
    Result<ModuleId> compile(Bytes bytes);
    // Also Code::io if the file cannot be read.
    Result<ModuleId> compile_file(const std::filesystem::path& path);
    // Errors: Code::invalid_module.
    Result<void> drop_module(const ModuleId& module);
    Result<Module> module(const ModuleId& module) const;

    // Errors: Code::invalid_module, Code::instantiate, Code::fuel_exhausted,
    // Code::permission_denied (executing, or a preopen that the policy refuses),
    // Code::wasi (a configuration that is wrong in itself). Without a
    // configuration a module that imports WASI gets an empty one.
    Result<InstanceRef> instantiate(const ModuleId& module, const InstanceOptions& options = {});
    Result<InstanceRef> instantiate(const ModuleId& module, const WasiConfig& wasi,
                                    const InstanceOptions& options = {});
    // The instance of that id. Errors: Code::invalid_instance.
    Result<InstanceRef> instance(const InstanceId& instance) const;

    // By id, as the members of InstanceRef.
    Result<std::vector<Value>> call(const InstanceId& instance, std::string_view name,
                                    const std::vector<Arg>& args = {},
                                    const CallOptions& options = {},
                                    ArgTyping typing = ArgTyping::inferred);
    Result<std::vector<Value>> try_call(const InstanceId& instance, std::string_view name,
                                        const std::vector<Arg>& args = {},
                                        const CallOptions& options = {},
                                        ArgTyping typing = ArgTyping::inferred);
    Result<InfoList<ExportInfo>> get_exports(const InstanceId& instance) const;
    Result<void> drop(const InstanceId& instance);
    Result<InstanceMemory> memory(const InstanceId& instance) const;

    // Host functions for the instances made from now on. They serve all of them,
    // so possibly several threads at once. See Imports::func.
    template <class F>
    void func(std::string module, std::string name, F&& callable) {
        Imports one;
        one.func(module, name, std::forward<F>(callable));
        HostFunction function = std::get<HostFunction>(*one.find(module, name));
        func(std::move(module), std::move(name), std::move(function));
    }
    void func(std::string module, std::string name, HostFunction function);

    std::size_t module_count() const;
    std::size_t instance_count() const;

private:
    Result<ModuleId> add(Result<Module> module);
    Result<InstanceRef> make(const ModuleId& module, const WasiConfig* wasi,
                             const InstanceOptions& options);

    std::shared_ptr<detail::RuntimeState> state_;
};

}  // namespace waxwing
#pragma GCC visibility pop
