// Calls from the host: Func, Invocation, Caller, and the Activation behind them.
#include <algorithm>
#include <cstring>
#include <utility>

#include "core/fault.hpp"
#include "core/guard.hpp"
#include "core/native_stack.hpp"
#include "core/try.hpp"
#include "interp/backtrace.hpp"
#include "interp/compiled_module.hpp"
#include "interp/exception.hpp"
#include "interp/handlers.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"
#include "interp/references.hpp"

namespace waxwing {
namespace interp {
namespace {

// Cancellation and deadlines are looked at once per slice of fuel.
constexpr u64 fuel_slice = 50'000;

usize index_of(Mode mode) { return static_cast<usize>(mode); }

Error out_of_fuel() { return Error(Code::fuel_exhausted, ErrorKind::fuel, "all fuel consumed"); }

// Of an error that the call ends with. A guest pays for it, as it may go on: an exception can pass
// through a host function to another guest.
std::vector<Frame> paid_backtrace(Activation& activation) {
    u64 units = 0;
    std::vector<Frame> frames = backtrace(activation, units);
    activation.consume(units);
    return frames;
}

// Nobody pays for this one: there is nothing left to pay with, and the guest stops.
Error placed(Error error, const Activation& activation) {
    u64 units = 0;
    error.with_backtrace(backtrace(activation, units));
    return error;
}

Error error_of(Activation& activation) {
    switch (activation.status) {
    case Status::out_of_fuel: return placed(out_of_fuel(), activation);
    case Status::interrupted: return placed(Caller::interrupted(), activation);
    case Status::failed: {
        Error error = *activation.error;
        const bool has_place = error.kind() != ErrorKind::exit;
        if (has_place && error.backtrace().empty())
            error.with_backtrace(paid_backtrace(activation));
        return error;
    }
    default: break;
    }
    std::string detail;
    if (activation.trap == Trap::uninitialized_element)
        detail = std::to_string(activation.trap_detail);
    else if (activation.trap == Trap::undefined_element)
        detail = std::to_string(activation.trap_detail) + " of the table";
    Error error = Error::trapped(activation.trap, std::move(detail));
    std::vector<Frame> frames = paid_backtrace(activation);
    if (!frames.empty()) error.with_offset(frames[0].offset).with_function(frames[0].func_index);
    error.with_backtrace(std::move(frames));
    return error;
}

// A call from the host goes deeper: into the store, whose limit makes the depth
// the same on every thread, and into the native stack, which several stores may share.
bool is_too_deep(const StoreImpl& store) {
    return store.host_depth >= store.limits.max_host_depth || !core::has_native_stack();
}

Error too_deep(const StoreImpl& store) {
    const bool in_store = store.host_depth >= store.limits.max_host_depth;
    return Error::trapped(Trap::call_stack_exhausted, in_store ? "" : "(native stack)");
}

// Makes `activation` the store's running call while it lives.
class Running {
public:
    explicit Running(Activation& activation) : activation_(activation), store_(*activation.store) {
        activation.outer = store_.current;
        store_.current = &activation;
        ++store_.host_depth;
    }
    ~Running() {
        store_.current = activation_.outer;
        --store_.host_depth;
        activation_.outer = nullptr;  // it may end before a call that can be resumed
    }

private:
    Activation& activation_;
    StoreImpl& store_;
};

// The activation that the store keeps for calls at the present depth.
struct Borrowed {
    explicit Borrowed(StoreImpl& store) : activation(at_depth(store)) { activation.begin(); }
    ~Borrowed() { activation.finish(); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    static Activation& at_depth(StoreImpl& store) {
        while (store.activations.size() <= store.host_depth) {
            store.activations.push_back(std::make_unique<Activation>());
            store.activations.back()->store = &store;
        }
        return *store.activations[store.host_depth];
    }

    Activation& activation;
};

// Runs the machine in an instance and puts back what the instance knew before:
// it may be in the middle of an outer call.
void run_in(Activation& activation, ModuleInst& inst) {
    Activation* const before = inst.activation;
    u64* const stack_end = inst.stack_end;
    activation.inst->activation = &activation;
    activation.inst->stack_end = activation.stack_end;
    run(activation);
    inst.activation = before;
    inst.stack_end = stack_end;
}

// Few, as a rule: not worth a call of memcpy.
void copy_slots(u64* to, const u64* from, u32 count) {
    for (u32 i = 0; i < count; ++i)
        to[i] = from[i];
}

// Puts the first frame on the stack. False if there is no room.
bool prepare(Activation& activation, FuncInst& func, const u64* args) {
    const FuncEntry& entry = *func.entry[index_of(activation.mode)];
    const Cell* cells = cells_of(entry);  // before its frame's size is read
    u64* frame = activation.stack_begin;
    const u64 needed = std::max(func.param_slots, func.result_slots);
    if (frame + needed > activation.stack_end) return false;
    copy_slots(frame, args, func.param_slots);
    if (!push_frame(entry, frame, leave_call_code, nullptr, activation.stack_end)) return false;
    activation.fp = frame;
    activation.pc = cells;
    activation.inst = func.inst;
    return true;
}

// Trap::none, or why there is no stack.
Trap open_stack(StoreImpl& store, Activation& activation) {
    if (const Activation* outer = store.current) {
        activation.stack_begin = outer->host_top;
        activation.stack_end = outer->stack_end;
        return activation.stack_begin ? Trap::none : Trap::call_stack_exhausted;
    }
    if (!store.stack) {
        const u64 slots = store.limits.max_stack_bytes / sizeof(u64);
        store.stack.reset(new (std::nothrow) u64[slots]);
        if (!store.stack) return Trap::out_of_memory;
        store.stack_end = store.stack.get() + slots;
    }
    activation.stack_begin = store.stack.get();
    activation.stack_end = store.stack_end;
    return Trap::none;
}

// The slots that the function works on are on the stack, where the collector sees them.
Result<void> call_host_function(FuncInst& func, Activation& activation, u64* slots) {
    u64* const frame = activation.stack_begin;
    activation.host_top = frame + std::max(func.param_slots, func.result_slots);
    if (activation.host_top > activation.stack_end)
        return std::unexpected(Error::trapped(Trap::call_stack_exhausted));
    copy_slots(frame, slots, func.param_slots);
    Caller caller(&activation, nullptr);
    Result<void> done =
        guard(Code::call, [&] { return func.code(func.environment, caller, frame); });
    if (done) copy_slots(slots, frame, func.result_slots);
    return done;
}

}  // namespace

void Activation::begin() {
    status = Status::running;
    trap = Trap::none;
    pc = nullptr;
    inst = nullptr;
    acc = 0;
    host_top = nullptr;
    next = nullptr;
    search.reset();
}

void Activation::finish() {
    if (mode == Mode::metered) {
        set_options({});
        fuel_paid = 0;
        mode = Mode::plain;
    }
    switches.clear();
    error.reset();
}

void Activation::set_options(const CallOptions& options) {
    deadline = options.deadline;
    cancel = options.cancel;
    fuel_limited = options.fuel.has_value();
    fuel_given = fuel_limited ? *options.fuel : 0;
    fuel_reserve = fuel_given;
    fuel = 0;
    if (fuel_limited || deadline || cancel) mode = Mode::metered;
}

bool Activation::should_stop() const {
    for (const Activation* a = this; a; a = a->outer) {
        if (a->cancel && a->cancel->cancelled()) return true;
        if (a->deadline && std::chrono::steady_clock::now() >= *a->deadline) return true;
    }
    return false;
}

u64 Activation::fuel_left() const {
    if (fuel >= 0) return fuel_reserve + static_cast<u64>(fuel);
    const u64 owed = u64{0} - static_cast<u64>(fuel);
    return fuel_reserve - std::min(fuel_reserve, owed);
}

Status Activation::refuel(s64 needed) {
    if (should_stop()) return Status::interrupted;
    fuel += std::exchange(fuel_paid, 0);
    if (!fuel_limited) {
        fuel = std::max(needed, static_cast<s64>(fuel_slice));
        return Status::running;
    }
    const u64 missing = fuel < needed ? static_cast<u64>(needed - fuel) : 0;
    if (missing > fuel_reserve) {
        // All that is left counts as used, so that small slices add up.
        fuel_paid = static_cast<s64>(fuel_reserve) + fuel;
        fuel_reserve = 0;
        fuel = 0;
        return Status::out_of_fuel;
    }
    const u64 slice = std::min(fuel_reserve, std::max(missing, fuel_slice));
    fuel_reserve -= slice;
    fuel += static_cast<s64>(slice);
    return Status::running;
}

void Activation::consume(u64 units) {
    constexpr s64 most = s64{1} << 60;  // far from where sums would wrap
    if (mode != Mode::metered) return;
    fuel = std::max(fuel - static_cast<s64>(std::min(units, static_cast<u64>(most))), -most);
}

Result<void> Activation::pay(u64 units) {
    if (mode != Mode::metered) return {};
    const auto cost = static_cast<s64>(units);
    if (fuel < cost) {
        status = refuel(cost);
        if (status != Status::running)
            return std::unexpected(status == Status::interrupted ? Caller::interrupted()
                                                                 : out_of_fuel());
    }
    fuel -= cost;
    return {};
}

// A call without fuel of its own made from within a call is paid for by that one.
void Activation::inherit(const Activation& from) {
    if (from.mode == Mode::metered) mode = Mode::metered;
    if (!from.fuel_limited || fuel_limited) return;
    fuel_limited = true;
    fuel = from.fuel;
    fuel_reserve = from.fuel_reserve;
    fuel_given = from.fuel_left();
}

void settle(const Activation& activation, Activation* outer, const CallOptions* options) {
    if (options && options->fuel_used)
        *options->fuel_used = activation.fuel_given - activation.fuel_left();
    if (outer && outer->fuel_limited && !(options && options->fuel)) {
        outer->fuel_reserve = activation.fuel_reserve;
        outer->fuel = activation.fuel;
    }
}

Result<void> invoke(FuncInst& func, u64* slots, const CallOptions* options) {
    StoreImpl& store = *func.store;
    if (options && options->fuel_used) *options->fuel_used = 0;
    if (is_too_deep(store)) [[unlikely]]
        return std::unexpected(too_deep(store));
    const Borrowed borrowed(store);
    Activation& activation = borrowed.activation;
    if (options && (options->fuel || options->deadline || options->cancel))
        activation.set_options(*options);
    Activation* const outer = store.current;
    if (outer) activation.inherit(*outer);
    if (const Trap why = open_stack(store, activation); why != Trap::none)
        return std::unexpected(Error::trapped(why));
    const Running running(activation);
    if (!func.inst) {
        Result<void> done = call_host_function(func, activation, slots);
        settle(activation, outer, options);
        const bool owes = activation.fuel < 0 && activation.fuel_left() == 0;
        if (done && owes && activation.fuel_limited) return std::unexpected(out_of_fuel());
        return done;
    }
    if (!prepare(activation, func, slots))
        return std::unexpected(Error::trapped(Trap::call_stack_exhausted));
    run_in(activation, *func.inst);
    if (activation.status != Status::done) [[unlikely]] {
        Error error = error_of(activation);  // which is work too
        settle(activation, outer, options);
        return std::unexpected(std::move(error));
    }
    settle(activation, outer, options);
    copy_slots(slots, activation.stack_begin, func.result_slots);
    return {};
}

}  // namespace interp

using interp::Status;

// Func ----------------------------------------------------------------------------

namespace {

// Room for a call's arguments and results, on the host's stack where it suffices.
class Slots {
public:
    explicit Slots(const interp::FuncInst& func) {
        const usize size = std::max(func.param_slots, func.result_slots);
        if (size > few_.size()) many_.resize(size);
    }
    u64* data() { return many_.empty() ? few_.data() : many_.data(); }

private:
    std::array<u64, 16> few_;
    std::vector<u64> many_;
};

}  // namespace

Result<std::vector<Value>> Func::call(std::span<const Value> args,
                                      const CallOptions& options) const {
    return guard(Code::call, [&]() -> Result<std::vector<Value>> {
        Slots slots(*object_);
        const interp::StoreImpl& store = *object_->store;
        TRY(interp::write_args(store, *object_->type, args, slots.data()));
        TRY(interp::invoke(*object_, slots.data(), &options));
        return interp::read_values(store, object_->type->results, slots.data());
    });
}

Result<void> Func::call_raw(std::uint64_t* slots) const {
    return guard(Code::call, [&] { return interp::invoke(*object_, slots, nullptr); });
}

const FuncType& Func::type() const { return *object_->type; }
Ref Func::ref() const { return interp::func_ref(*object_); }

Result<Func> Func::from_ref(const Ref& ref) {
    if (interp::FuncInst* func = interp::live_func(ref)) return Func(func);
    return std::unexpected(
        Error(Code::type, ErrorKind::usage, "not a reference to a function of a live store"));
}

Value Func::read(ValType type, const std::uint64_t* slots) const {
    return interp::read_as(*object_->store, type, slots);
}
Result<void> Func::write(ValType type, const Value& value, std::uint64_t* slots) const {
    return interp::put_as(*object_->store, type, value, slots);
}

Error detail::foreign_reference(Code code) {
    const ErrorKind kind = code == Code::call ? ErrorKind::host : ErrorKind::usage;
    return Error(code, kind, "wrong value type: not an externref of this store");
}

Error detail::signature_mismatch(const FuncType& expected, const FuncType& given) {
    return Error(Code::type, ErrorKind::usage,
                 "the function's type is " + to_string(expected) + ", not " + to_string(given));
}

// Invocation ------------------------------------------------------------------------

Result<Invocation> Func::start(std::span<const Value> args, const CallOptions& options) const {
    return guard(Code::call, [&]() -> Result<Invocation> {
        auto activation = std::make_shared<interp::Activation>();
        interp::StoreImpl& store = *object_->store;
        activation->store = &store;
        activation->func = object_;
        store.roots->add(*activation);
        activation->roots = store.roots;
        activation->mode = interp::Mode::metered;
        if (!object_->inst) {
            return std::unexpected(
                Error(Code::type, ErrorKind::usage, "a host function cannot be called resumably"));
        }
        std::vector<u64> slots(std::max<usize>(object_->param_slots, 1));
        TRY(interp::write_args(store, *object_->type, args, slots.data()));
        const u64 size = store.limits.max_stack_bytes / sizeof(u64);
        activation->own_stack.reset(new (std::nothrow) u64[size]);
        if (!activation->own_stack) return std::unexpected(Error::trapped(Trap::out_of_memory));
        activation->stack_begin = activation->own_stack.get();
        activation->stack_end = activation->stack_begin + size;
        if (!interp::prepare(*activation, *object_, slots.data())) {
            activation->status = Status::trapped;
            activation->trap = Trap::call_stack_exhausted;
            return Invocation(std::move(activation));
        }
        activation->status = Status::out_of_fuel;
        Invocation invocation(std::move(activation));
        TRY(invocation.resume(options));
        return invocation;
    });
}

Invocation::Invocation(std::shared_ptr<interp::Activation> activation)
    : activation_(std::move(activation)) {}
Invocation::Invocation(Invocation&&) noexcept = default;
Invocation& Invocation::operator=(Invocation&&) noexcept = default;
Invocation::~Invocation() = default;

static Error store_is_gone() {
    return Error(Code::call, ErrorKind::usage, "the store of the call is gone");
}

Invocation::State Invocation::state() const {
    if (!activation_->roots->is_alive()) return State::failed;
    switch (activation_->status) {
    case Status::done: return State::done;
    case Status::out_of_fuel: return State::out_of_fuel;
    case Status::interrupted: return State::interrupted;
    default: return State::failed;
    }
}

Result<void> Invocation::resume(const CallOptions& options) {
    return guard(Code::call, [&]() -> Result<void> {
        if (!activation_->roots->is_alive()) return std::unexpected(store_is_gone());
        if (state() != State::out_of_fuel && state() != State::interrupted)
            return std::unexpected(Error(Code::call, ErrorKind::usage, "the call is over"));
        // A host function may drop this Invocation.
        const std::shared_ptr<interp::Activation> kept = activation_;
        interp::Activation& activation = *kept;
        activation.set_options(options);
        if (activation.fuel_paid < 0) activation.fuel = std::exchange(activation.fuel_paid, 0);
        activation.error.reset();
        if (interp::is_too_deep(*activation.store))
            return std::unexpected(interp::too_deep(*activation.store));
        const interp::Running running(activation);
        interp::run_in(activation, *activation.inst);
        if (options.fuel_used) *options.fuel_used = activation.fuel_given - activation.fuel_left();
        activation.deadline.reset();  // not of results()
        activation.cancel.reset();
        return {};
    });
}

Result<std::vector<Value>> Invocation::results() const {
    return guard(Code::call, [&]() -> Result<std::vector<Value>> {
        if (!activation_->roots->is_alive()) return std::unexpected(store_is_gone());
        if (state() != State::done) return std::unexpected(interp::error_of(*activation_));
        return interp::read_values(*activation_->store, activation_->func->type->results,
                                   activation_->stack_begin);
    });
}

// Caller ------------------------------------------------------------------------------

std::optional<Instance> Caller::instance() const {
    if (!instance_) return std::nullopt;
    return Instance(instance_);
}

std::span<std::byte> Caller::memory() const {
    if (!instance_ || !instance_->memory0) return {};
    const interp::MemoryBlock& block = instance_->memory0->block;
    return {reinterpret_cast<std::byte*>(block.base()), block.size()};
}

Result<Memory> Caller::memory_object() const {
    if (!instance_ || !instance_->memory0)
        return std::unexpected(Error(Code::memory, ErrorKind::usage, "the caller has no memory"));
    return Memory(instance_->memory0);
}

Value Caller::read(ValType type, const std::uint64_t* slots) const {
    return interp::read_as(*activation_->store, type, slots);
}
Result<void> Caller::write(ValType type, const Value& value, std::uint64_t* slots) const {
    return interp::put_as(*activation_->store, type, value, slots);
}

bool Caller::should_stop() const { return activation_->should_stop(); }
void Caller::consume_fuel(std::uint64_t units) { activation_->consume(units); }

std::optional<std::chrono::steady_clock::time_point> Caller::deadline() const {
    std::optional<std::chrono::steady_clock::time_point> first;
    for (const interp::Activation* a = activation_; a; a = a->outer)
        if (a->deadline && (!first || *a->deadline < *first)) first = a->deadline;
    return first;
}

Error Caller::interrupted() { return Error(Code::call, ErrorKind::interrupted, "interrupted"); }

std::vector<Frame> Caller::backtrace() const {
    std::uint64_t units = 0;
    return interp::backtrace(*activation_, units);
}

}  // namespace waxwing
