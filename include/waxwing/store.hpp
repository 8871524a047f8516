// The object layer: a Store and the objects that live in it.
//
// 1. A Store owns every instance, function, table, memory, global and tag made
//    in it, at stable addresses, until it is destroyed.
// 2. A Store and everything in it serves one thread at a time. Different stores
//    run in parallel, also with instances of the same Module.
// 3. Instance, Func, Memory, Table, Global and Tag are small copyable handles.
//    A handle is valid as long as its Store.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/module.hpp"
#include "waxwing/types.hpp"
#include "waxwing/value.hpp"

namespace waxwing {

namespace interp {
struct FuncInst;
struct MemoryInst;
struct TableInst;
struct GlobalInst;
struct TagInst;
struct ModuleInst;
struct StoreImpl;
struct Activation;
struct ExceptionState;
}  // namespace interp
}  // namespace waxwing

#pragma GCC visibility push(default)
namespace waxwing {

class Caller;
class Imports;
class Instance;
template <class Signature>
class TypedFunc;

// Stops a running call from another thread. Copies share one flag. Belongs to
// the call it is given to; make a new one for the next call.
class CancelToken {
public:
    CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
    void cancel() const noexcept { flag_->store(true, std::memory_order_relaxed); }
    bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> flag_;
};

struct CallOptions {
    // Units of fuel the call may use; none: unlimited. One unit is one executed
    // instruction (block, loop, end, else and nop are free); what is long because an
    // operand, a type or a declaration says so costs more, in proportion (a unit for 16
    // bytes filled or copied, for example). docs/interpreter.md, "Fuel", has the table.
    // The sum depends on what the guest does only, not on the machine.
    std::optional<std::uint64_t> fuel{};
    // Set to what was used, if not null. Needs `fuel`.
    std::uint64_t* fuel_used = nullptr;
    // The call is interrupted when it is cancelled or its time has come, within some
    // milliseconds (less than 50) whatever the guest does, but for a collection of its heap.
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    std::optional<CancelToken> cancel{};
};

struct StoreLimits {
    // All that guests can make the store hold: memories, tables (8 bytes an
    // element), globals, element segments, objects of the heap, the stack, and
    // instances. Counted is what was granted, touched or not. Beyond it,
    // instantiating fails, memory.grow and table.grow give -1, and objects cannot
    // be made. Not counted: modules and their code, what host functions keep.
    std::uint64_t max_total_bytes = std::uint64_t{1} << 30;
    // The next ones bound single things, within the total.
    std::uint64_t max_memory_bytes = std::uint64_t{4} << 30;  // of one memory
    std::uint64_t max_table_elements = 10'000'000;            // of one table
    std::uint32_t max_instances = 100'000;
    std::uint32_t max_memories = 100'000;
    std::uint32_t max_tables = 100'000;
    // Operands, locals and links of one call from the host, in bytes; at most a
    // quarter of the total. Going beyond it traps with "call stack exhausted".
    std::uint64_t max_stack_bytes = 4 << 20;
    // What structures, arrays and exceptions may take. An allocation that goes
    // beyond it, even after collecting, traps with "out of memory".
    std::uint64_t max_heap_bytes = std::uint64_t{1} << 30;
    // Collect garbage at every allocation, to find references that nobody keeps.
    bool collect_always = false;
    // Calls into the store from the host within each other: a guest calls a host
    // function, which calls back. How deep they can get on a thread, whatever
    // stores they are in, depends on its native stack too; see docs/embedding.md.
    std::uint32_t max_host_depth = 100;
    // Reserve address space so that growing a memory does not move it. Off:
    // plain allocation.
    bool reserve_address_space = true;
};

// A function, of a module or of the host.
class Func {
public:
    // Calls it. Errors: Code::type if the arguments do not fit, Code::call for
    // traps and failed host functions, Code::fuel_exhausted.
    Result<std::vector<Value>> call(std::span<const Value> args = {},
                                    const CallOptions& options = {}) const;
    // A call that survives running out of fuel and being interrupted. Errors: Code::type.
    Result<class Invocation> start(std::span<const Value> args,
                                   const CallOptions& options = {}) const;
    // The signature checked once, for calls at full speed.
    template <class Signature>
    Result<TypedFunc<Signature>> typed() const;

    // The fastest way in: arguments are read from `slots` and results written
    // there, 8 bytes each (v128: 16), so it must hold the larger of both. Nothing is
    // checked. A reference in a slot is a word that write() put there or that a call
    // left there; read() it before the next call, which may free what it refers to.
    Result<void> call_raw(std::uint64_t* slots) const;
    // The value in a slot of that type, in two for a v128; and back. Errors:
    // Code::type, also for what belongs to another store.
    Value read(ValType type, const std::uint64_t* slots) const;
    Result<void> write(ValType type, const Value& value, std::uint64_t* slots) const;

    const FuncType& type() const;
    Ref ref() const;
    // Errors: Code::type if it is no reference to a function of a store that lives.
    static Result<Func> from_ref(const Ref& ref);

    explicit Func(interp::FuncInst* object) : object_(object) {}
    interp::FuncInst* object() const { return object_; }
    friend bool operator==(Func, Func) = default;

private:
    interp::FuncInst* object_;
};

// A call that can be continued. May outlive its store: then it has failed. May be
// dropped on any thread.
class Invocation {
public:
    enum class State : std::uint8_t { done, out_of_fuel, interrupted, failed };

    State state() const;
    // Continues after out_of_fuel or interrupted with new options.
    // Errors: Code::call if the call is over; what the call ends with otherwise
    // is told by state() and results().
    Result<void> resume(const CallOptions& options = {});
    // done: the results. Otherwise the error that a plain call would give.
    Result<std::vector<Value>> results() const;

    Invocation(Invocation&&) noexcept;
    Invocation& operator=(Invocation&&) noexcept;
    ~Invocation();  // gives up a suspended call
    explicit Invocation(std::shared_ptr<interp::Activation> activation);

private:
    std::shared_ptr<interp::Activation> activation_;
};

// A linear memory.
class Memory {
public:
    MemoryType type() const;
    std::uint64_t size() const;       // in pages of page_size() bytes
    std::uint64_t page_size() const;  // 65536 unless the module chose otherwise
    std::uint64_t byte_size() const;
    // Adds pages; the previous size in pages. Errors: Code::memory if refused.
    Result<std::uint64_t> grow(std::uint64_t pages) const;
    // Copies out or in. Errors: Code::memory if any byte is out of range; then
    // nothing was copied.
    Result<void> read(std::uint64_t offset, std::span<std::byte> out) const;
    Result<std::vector<std::byte>> read(std::uint64_t offset, std::uint64_t length) const;
    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) const;
    // Direct access. Valid until the guest runs or the memory grows.
    std::span<std::byte> data() const;

    explicit Memory(interp::MemoryInst* object) : object_(object) {}
    interp::MemoryInst* object() const { return object_; }
    friend bool operator==(Memory, Memory) = default;

private:
    interp::MemoryInst* object_;
};

class Table {
public:
    TableType type() const;
    std::uint64_t size() const;
    // Errors: Code::memory out of range, Code::type if the value does not fit.
    Result<Value> get(std::uint64_t index) const;
    Result<void> set(std::uint64_t index, const Value& value) const;
    Result<std::uint64_t> grow(std::uint64_t count, const Value& fill) const;

    explicit Table(interp::TableInst* object) : object_(object) {}
    interp::TableInst* object() const { return object_; }
    friend bool operator==(Table, Table) = default;

private:
    interp::TableInst* object_;
};

class Global {
public:
    GlobalType type() const;
    Value get() const;
    // Errors: Code::type if it is immutable or of another type.
    Result<void> set(const Value& value) const;

    explicit Global(interp::GlobalInst* object) : object_(object) {}
    interp::GlobalInst* object() const { return object_; }
    friend bool operator==(Global, Global) = default;

private:
    interp::GlobalInst* object_;
};

class Tag {
public:
    TagType type() const;
    explicit Tag(interp::TagInst* object) : object_(object) {}
    interp::TagInst* object() const { return object_; }
    friend bool operator==(Tag, Tag) = default;

private:
    interp::TagInst* object_;
};

using Extern = std::variant<Func, Table, Memory, Global, Tag>;  // in the order of ExternKind

// An instance of a module.
class Instance {
public:
    const Module& module() const;
    // By name. Errors: Code::export_not_found, naming what it is if of another kind.
    Result<Extern> get(std::string_view name) const;
    Result<Func> func(std::string_view name) const;
    template <class Signature>
    Result<TypedFunc<Signature>> func(std::string_view name) const;
    Result<Memory> memory(std::string_view name = "memory") const;
    Result<Table> table(std::string_view name) const;
    Result<Global> global(std::string_view name) const;
    // In the order of module().exports(). Requires: there are more than `index`.
    Extern export_at(std::size_t index) const;

    explicit Instance(interp::ModuleInst* object) : object_(object) {}
    interp::ModuleInst* object() const { return object_; }
    friend bool operator==(Instance, Instance) = default;

private:
    interp::ModuleInst* object_;
};

class Store {
public:
    explicit Store(const StoreLimits& limits = {});
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    // Links, allocates, initializes and runs the start function. Errors:
    // Code::instantiate (unlinkable, a limit, a trap in a segment or the start
    // function, a deadline or cancellation), Code::fuel_exhausted. As the specification
    // has it, writes made to imported memories and tables before a trap stay. Tables, and
    // arrays that constant expressions make, are paid for before the start function runs.
    Result<Instance> instantiate(const Module& module, const Imports& imports,
                                 const CallOptions& options = {});
    Result<Instance> instantiate(const Module& module);

    // Objects of the host's own. Errors: Code::instantiate if a limit forbids it or
    // the type is not one that a module could have; Code::type if the value does not
    // fit. A concrete type is given by the canonical id that the types of a module's
    // imports and exports show; it must be alive, which it is while the module or any
    // object with that type is, and the new object keeps it alive.
    Result<Memory> memory(const MemoryType& type);
    Result<Table> table(const TableType& type, const Value& fill);
    Result<Global> global(const GlobalType& type, const Value& value);
    Result<Tag> tag(const FuncType& type);

    // Frees what the guests made and nobody can reach. Happens by itself when
    // enough was made; never during a call that makes nothing.
    void collect_garbage();
    struct HeapUse {
        std::uint64_t collections;      // so far
        std::uint64_t live_bytes;       // after the last one
        std::uint64_t committed_bytes;  // memory in use for objects, live or not
    };
    HeapUse heap_use() const;
    // How much of limits().max_total_bytes is used.
    std::uint64_t held_bytes() const;

    const StoreLimits& limits() const;  // as they hold, none beyond the total
    interp::StoreImpl& impl() const { return *impl_; }

private:
    std::unique_ptr<interp::StoreImpl> impl_;
};

// An exception of the guest, kept alive. A host function throws one by returning
// error(), and lets one pass by returning the error that a call gave it. Copies
// share what is in it; they may be read and dropped on any thread, and outlive the
// store.
class Exception {
public:
    // Errors: Code::type if the values are not what the tag carries or something is of
    // another store, Code::memory.
    static Result<Exception> make(Store& store, Tag tag, std::span<const Value> values);
    // The one that nobody caught; none if the error is of another kind.
    static std::optional<Exception> of(const Error& error);

    Tag tag() const;  // a handle: valid as long as the store
    const std::vector<Value>& values() const;
    Ref ref() const;  // an exnref
    Error error() const;

    explicit Exception(std::shared_ptr<const interp::ExceptionState> state);

private:
    std::shared_ptr<const interp::ExceptionState> state_;
};

// What a host function sees of the call it serves. Valid during that call.
class Caller {
public:
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    // The calling instance; none if the host called the host function directly.
    std::optional<Instance> instance() const;
    // Memory 0 of the calling instance, as bytes; empty if it has none. Valid
    // until the guest runs or the memory grows.
    std::span<std::byte> memory() const;
    Result<Memory> memory_object() const;
    // True when the call was cancelled or is past its deadline: a host function
    // that waits should poll this and return interrupted().
    bool should_stop() const;
    static Error interrupted();
    // Charges the call for what the host function did on its behalf, if the call has limits:
    // so that what it may do in all is bounded. What the call has not got is owed: it ends for
    // lack of fuel, or is found past its deadline, as soon as the guest goes on.
    void consume_fuel(std::uint64_t units);
    std::optional<std::chrono::steady_clock::time_point> deadline() const;
    // The guest's activations, innermost first.
    std::vector<Frame> backtrace() const;
    // The value in a slot of that type, in two for a v128, to be kept as long as the
    // host likes; and back. Errors: Code::type, also for what belongs to another store.
    Value read(ValType type, const std::uint64_t* slots) const;
    Result<void> write(ValType type, const Value& value, std::uint64_t* slots) const;

    Caller(interp::Activation* activation, interp::ModuleInst* instance)
        : activation_(activation), instance_(instance) {}

private:
    interp::Activation* activation_;
    interp::ModuleInst* instance_;
};

// A function of the host: reads its arguments from `slots` and writes its
// results there, from the first slot on; 8 bytes each, v128 in two slots. An i32
// or f32 is the low half of its slot; the high half is anything. Nothing is checked:
// a reference is a word, good while the function runs. Caller::read makes a Value of
// it that can be kept, Caller::write is the only way to make one of a Value.
using HostCode = Result<void> (*)(void* environment, Caller& caller, std::uint64_t* slots);

struct HostFunction {
    FuncType type;
    HostCode code;
    std::shared_ptr<void> environment;
};

// What a module may import, by module name and name. One Imports can serve many
// stores, but objects put in with define() belong to theirs: linking them in another
// one is an error, also when theirs is dead. A later definition of the same name
// replaces the earlier one.
class Imports {
public:
    // Any C++ callable: parameters and result are integers of 32 or 64 bits,
    // float, double, Ref (as externref), V128; the result may also be void, a
    // std::tuple of those, or a Result of any of these. A first parameter of
    // type Caller& gives access to the calling instance. An error it returns
    // becomes the error of the call, as a trap that the guest cannot catch,
    // unless it is an Exception's.
    template <class F>
    void func(std::string module, std::string name, F&& callable);
    void func(std::string module, std::string name, HostFunction function);
    void define(std::string module, std::string name, Extern object);
    // All exports of an instance under a module name.
    void instance(const std::string& module, const Instance& instance);

    struct Object {
        Extern handle;
        detail::HoldPtr store;  // whose it is
    };
    using Item = std::variant<HostFunction, Object>;
    // What find() found elsewhere.
    void define(std::string module, std::string name, Item item);
    const Item* find(std::string_view module, std::string_view name) const;

private:
    // Trees, because names are chosen by others and could all have the same hash.
    using Items = std::map<std::string, Item, std::less<>>;
    std::map<std::string, Items, std::less<>> items_;  // by module, then name
};

}  // namespace waxwing
#pragma GCC visibility pop

#include "waxwing/detail/callable.hpp"  // IWYU pragma: export
