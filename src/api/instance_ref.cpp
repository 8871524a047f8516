// What can be done with an instance: calls and memory.
#include <array>

#include "api/registry.hpp"
#include "core/guard.hpp"
#include "core/try.hpp"

namespace waxwing {
namespace detail {

Error invalid_instance(std::string_view id) {
    return Error(Code::invalid_instance, ErrorKind::usage,
                 "invalid instance: " + (id.empty()
                                             ? "it was dropped"
                                             : std::string(id) + " is unknown or was dropped"));
}

Result<std::shared_ptr<InstanceRecord>> live(const std::weak_ptr<InstanceRecord>& record,
                                             std::string_view id) {
    auto owned = record.lock();
    if (!owned || owned->dropped.load(std::memory_order_acquire))
        return std::unexpected(invalid_instance(id));
    return owned;
}

Result<InstanceRecord::Lock> InstanceRecord::enter(const CallOptions& options) {
    Lock lock(busy, std::defer_lock);
    if (!options.deadline && !options.cancel) {
        lock.lock();
    } else {
        while (!lock.try_lock_for(std::chrono::milliseconds(5))) {
            const bool late =
                options.deadline && std::chrono::steady_clock::now() >= *options.deadline;
            if (late || (options.cancel && options.cancel->cancelled()))
                return std::unexpected(Caller::interrupted());
        }
    }
    if (dropped.load(std::memory_order_acquire)) return std::unexpected(invalid_instance(id));
    return lock;
}

Result<InstanceRecord::Lock> InstanceRecord::try_enter() {
    Lock lock(busy, std::try_to_lock);
    if (!lock)
        return std::unexpected(
            Error(Code::call, ErrorKind::interrupted, "instance " + id + " is busy"));
    if (dropped.load(std::memory_order_acquire)) return std::unexpected(invalid_instance(id));
    return lock;
}

Result<std::vector<Value>> NamedCall::operator()(InstanceRecord& record) const {
    const auto lock = TRY(wait ? record.enter(options) : record.try_enter());
    if (record.exit_status) {
        return std::unexpected(Error(Code::call, ErrorKind::usage,
                                     "the instance has finished: its guest exited with status " +
                                         std::to_string(*record.exit_status)));
    }
    const Func func = TRY(record.instance->func(name));
    const FuncType& type = func.type();
    TRY(check_arg_count(type, args.size()));
    std::array<Value, 8> few;
    std::vector<Value> many(args.size() > few.size() ? args.size() : 0);
    Value* const values = many.empty() ? few.data() : many.data();
    TRY(fit_args(type, args, typing, values));

    Result<std::vector<Value>> results = func.call({values, args.size()}, options);
    if (!results && results.error().exit_status()) {
        record.exit_status = results.error().exit_status();
        if (*record.exit_status == 0) return std::vector<Value>{};
    }
    return results;
}

}  // namespace detail

Result<std::vector<Value>> InstanceRef::call_with(std::string_view name, std::span<const Arg> args,
                                                  const CallOptions& options, ArgTyping typing,
                                                  bool wait) const {
    return guard(Code::call, [&]() -> Result<std::vector<Value>> {
        // The record outlives the lock: a call in progress keeps it alive.
        const auto record = TRY(detail::live(record_, id_));
        return detail::NamedCall{name, args, options, typing, wait}(*record);
    });
}

Result<InfoList<ExportInfo>> InstanceRef::get_exports() const {
    return guard(Code::invalid_instance, [&]() -> Result<InfoList<ExportInfo>> {
        const auto record = TRY(detail::live(record_, id_));
        // Immutable, so that no turn needs to be waited for.
        return record->instance->module().exports();
    });
}

Result<void> InstanceRef::drop() const {
    return guard(Code::invalid_instance, [&]() -> Result<void> {
        const auto record = TRY(detail::live(record_, id_));
        const auto runtime = record->runtime.lock();
        if (!runtime) return std::unexpected(detail::invalid_instance(id_));
        return runtime->drop(id_);
    });
}

Result<std::optional<int>> InstanceRef::exit_status() const {
    return guard(Code::invalid_instance, [&]() -> Result<std::optional<int>> {
        const auto record = TRY(detail::live(record_, id_));
        const auto lock = TRY(record->enter());
        return record->exit_status;
    });
}

namespace {

Error memory_error(std::string message) {
    return Error(Code::memory, ErrorKind::usage, std::move(message));
}

// Runs `use` on the memory, in the instance's turn.
template <class Use>
auto with_memory(const std::weak_ptr<detail::InstanceRecord>& weak, Use use)
    -> decltype(use(std::declval<const Memory&>())) {
    return guard(Code::memory, [&]() -> decltype(use(std::declval<const Memory&>())) {
        const auto record = TRY(detail::live(weak, {}));
        const auto lock = TRY(record->enter());
        if (!record->memory)
            return std::unexpected(
                memory_error("no memory: instance " + record->id + " exports none"));
        return use(*record->memory);
    });
}

Result<void> check_range(const Memory& memory, u64 offset, u64 length) {
    const u64 size = memory.byte_size();
    if (length <= size && offset <= size - length) return {};
    return std::unexpected(memory_error("out of bounds: offset " + std::to_string(offset) +
                                        ", length " + std::to_string(length) + ", memory of " +
                                        std::to_string(size) + " bytes"));
}

}  // namespace

Result<std::vector<std::byte>> InstanceMemory::read(u64 offset, u64 length) const {
    return with_memory(record_, [&](const Memory& memory) -> Result<std::vector<std::byte>> {
        TRY(check_range(memory, offset, length));
        return memory.read(offset, length);
    });
}

Result<void> InstanceMemory::read(u64 offset, std::span<std::byte> out) const {
    return with_memory(record_, [&](const Memory& memory) -> Result<void> {
        TRY(check_range(memory, offset, out.size()));
        return memory.read(offset, out);
    });
}

Result<void> InstanceMemory::write(u64 offset, std::span<const std::byte> bytes) const {
    return with_memory(record_, [&](const Memory& memory) -> Result<void> {
        TRY(check_range(memory, offset, bytes.size()));
        return memory.write(offset, bytes);
    });
}

Result<std::string> InstanceMemory::read_string(u64 offset, u64 length) const {
    return with_memory(record_, [&](const Memory& memory) -> Result<std::string> {
        TRY(check_range(memory, offset, length));
        std::string text(length, '\0');
        TRY(memory.read(offset, std::as_writable_bytes(std::span(text))));
        return text;
    });
}

Result<void> InstanceMemory::write_string(u64 offset, std::string_view text) const {
    return write(offset, std::as_bytes(std::span(text)));
}

Result<u64> InstanceMemory::size() const {
    return with_memory(record_, [](const Memory& memory) -> Result<u64> { return memory.size(); });
}

Result<u64> InstanceMemory::byte_size() const {
    return with_memory(record_,
                       [](const Memory& memory) -> Result<u64> { return memory.byte_size(); });
}

Result<u64> InstanceMemory::grow(u64 pages) const {
    return with_memory(record_,
                       [&](const Memory& memory) -> Result<u64> { return memory.grow(pages); });
}

}  // namespace waxwing
