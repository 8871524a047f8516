// Stores and the handles of what lives in them.
#include <algorithm>
#include <cstring>
#include <utility>

#include "core/fault.hpp"
#include "core/guard.hpp"
#include "core/try.hpp"
#include "interp/backtrace.hpp"
#include "interp/compiled_module.hpp"
#include "interp/host_types.hpp"
#include "interp/module_impl.hpp"
#include "interp/objects.hpp"
#include "interp/references.hpp"

namespace waxwing {
namespace interp {
namespace {

Error limit(std::string message) {
    return Error(Code::instantiate, ErrorKind::limit, std::move(message));
}

// The next push_back() will not fail.
template <class T>
void make_room(std::vector<T>& list) {
    if (list.size() == list.capacity()) list.reserve(std::max<usize>(4, 2 * list.size()));
}

u64 most_pages(const MemoryType& type, const StoreLimits& limits) {
    const bool is_32 = type.address == AddressType::i32;
    const u64 bytes = std::min(limits.max_memory_bytes, u64{1} << (is_32 ? 32 : 63));
    // The size in pages must be an i32 too.
    const u64 pages = std::min(bytes >> type.page_size_log2, is_32 ? u64{0xFFFFFFFF} : ~u64{0});
    return std::min(type.limits.max.value_or(~u64{0}), pages);
}

u64 most_elements(const TableType& type, const StoreLimits& limits) {
    const u64 most = std::min(type.limits.max.value_or(~u64{0}), limits.max_table_elements);
    return type.address == AddressType::i32 ? std::min(most, u64{0xFFFFFFFF}) : most;
}

// A stack of the default size must not use up a small total.
StoreLimits within_total(StoreLimits limits) {
    const u64 total = limits.max_total_bytes;
    limits.max_stack_bytes = std::min(limits.max_stack_bytes, total / 4);
    limits.max_heap_bytes = std::min(limits.max_heap_bytes, total);
    limits.max_memory_bytes = std::min(limits.max_memory_bytes, total);
    limits.max_table_elements = std::min(limits.max_table_elements, total / sizeof(u64));
    return limits;
}

}  // namespace

StoreImpl::StoreImpl(const StoreLimits& given)
    : limits(within_total(given)), budget(limits.max_total_bytes),
      heap(*this, limits.max_heap_bytes, limits.collect_always) {
    budget.charge(limits.max_stack_bytes);
}

Result<void> StoreImpl::take(u64 bytes, std::string_view what) {
    if (budget.take(bytes)) return {};
    return std::unexpected(limit(std::string(what) + " takes " + std::to_string(bytes) +
                                 " bytes, but " + std::to_string(budget.left()) +
                                 " are left of the store's " + std::to_string(budget.most())));
}

std::optional<u64> MemoryInst::grow(u64 delta) noexcept {
    const u64 before = pages;
    if (delta == 0) return before;
    if (delta > max_pages || before > max_pages - delta) return std::nullopt;
    const u64 bytes = delta << type.page_size_log2;
    if (!store->budget.take(bytes)) return std::nullopt;
    if (!block.grow((before + delta) << type.page_size_log2)) {
        store->budget.give_back(bytes);
        return std::nullopt;
    }
    pages = before + delta;
    return before;
}

std::optional<u64> TableInst::grow(u64 delta, u64 fill) noexcept {
    if (!begin_growth(delta, nullptr)) return std::nullopt;
    make(delta, fill);
    return finish_growth();
}

bool TableInst::begin_growth(u64 delta, const Activation* by) noexcept {
    const u64 most = most_elements(type, store->limits);
    if (delta > most || size > most - delta) return false;
    const u64 bytes = (size + delta) * sizeof(u64);
    if (bytes > block.size()) {  // if no other call began to grow it and did not finish
        const u64 more = bytes - block.size();
        if (!store->budget.take(more)) return false;
        if (!block.grow(bytes)) {
            store->budget.give_back(more);
            return false;
        }
    }
    elements = reinterpret_cast<u64*>(block.base());
    grower = by;
    made_ = 0;
    return true;
}

void TableInst::make(u64 count, u64 fill) noexcept {
    const u64 from = size + made_;
    made_ += count;
    if (fill == 0 && from >= written_) return;  // null is zero, as the block is
    std::fill_n(elements + from, count, fill);
    written_ = std::max(written_, from + count);
}

u64 TableInst::finish_growth() {
    grower = nullptr;
    const u64 before = size;
    size += std::exchange(made_, 0);
    return before;
}

FuncInst* ModuleInst::func_ref(u32 index) {
    if (funcs[index]) return funcs[index];
    const core::Module& decoded = compiled->module;
    FuncInst& func = store->funcs.emplace_back();
    const core::DefinedType* type = compiled->types[decoded.functions[index].type];
    func.inst = this;
    func.type_id = type->id;
    func.index = index;
    func.entry = {&compiled->entry(index, Mode::plain), &compiled->entry(index, Mode::metered)};
    func.defined = type;
    func.type = type->func();
    func.param_slots = static_cast<u16>(slot_count(func.type->params));
    func.result_slots = static_cast<u16>(slot_count(func.type->results));
    func.store = store;
    return funcs[index] = &func;
}

void ModuleInst::drop_elem(u32 segment) noexcept {
    store->budget.give_back(elems[segment].size() * sizeof(u64));
    elems[segment] = {};
}

Result<FuncInst*> StoreImpl::add_host_function(const HostFunction& function) {
    if (!function.code)
        return std::unexpected(Error(Code::instantiate, ErrorKind::usage, "there is no code"));
    core::CanonicalTypes types = TRY(check_host_type(function.type));
    TRY(take(sizeof(FuncInst), "function"));
    make_room(environments);
    make_room(host_types);
    FuncInst& func = funcs.emplace_back();
    func.defined = types[0];
    func.type_id = types[0]->id;
    func.type = types[0]->func();
    func.param_slots = static_cast<u16>(slot_count(func.type->params));
    func.result_slots = static_cast<u16>(slot_count(func.type->results));
    func.code = function.code;
    func.environment = function.environment.get();
    func.store = this;
    environments.push_back(function.environment);
    keep(std::move(types));
    return &func;
}

Result<void> StoreImpl::check(const MemoryType& type) const {
    const u64 most = most_pages(type, limits);
    if (type.limits.min <= most) return {};
    return std::unexpected(limit("memory size of " + std::to_string(type.limits.min) +
                                 " pages is beyond the limit of " + std::to_string(most)));
}

Result<MemoryInst*> StoreImpl::add_memory(const MemoryType& type, bool reserve) {
    if (memories.size() >= limits.max_memories) return std::unexpected(limit("too many memories"));
    TRY(check(type));
    const u64 bytes = type.limits.min << type.page_size_log2;
    const u64 most = most_pages(type, limits);
    TRY(take(bytes, "memory"));
    Budget::Lease lease(budget, bytes);
    MemoryBlock block;
    if (!block.allocate(bytes, most << type.page_size_log2,
                        reserve && limits.reserve_address_space))
        return std::unexpected(limit("the host has no room for the memory"));
    MemoryInst& memory = memories.emplace_back();
    memory.block = std::move(block);
    memory.type = type;
    memory.store = this;
    memory.pages = type.limits.min;
    memory.max_pages = most;
    lease.keep();
    return &memory;
}

Result<void> StoreImpl::check(const TableType& type) const {
    if (type.limits.min <= limits.max_table_elements) return {};
    return std::unexpected(limit("table size of " + std::to_string(type.limits.min) +
                                 " elements is beyond the limit of " +
                                 std::to_string(limits.max_table_elements)));
}

Result<TableInst*> StoreImpl::add_table(const TableType& type, u64 fill, bool reserve) {
    if (tables.size() >= limits.max_tables) return std::unexpected(limit("too many tables"));
    TRY(check(type));
    const u64 bytes = type.limits.min * sizeof(u64);
    TRY(take(bytes, "table"));
    Budget::Lease lease(budget, bytes);
    MemoryBlock block;
    if (!block.allocate(bytes, most_elements(type, limits) * sizeof(u64),
                        reserve && limits.reserve_address_space))
        return std::unexpected(limit("the host has no room for the table"));
    TableInst& table = tables.emplace_back();
    table.type = type;
    table.store = this;
    table.block = std::move(block);
    table.elements = reinterpret_cast<u64*>(table.block.base());
    table.size = type.limits.min;
    if (fill) std::fill_n(table.elements, table.size, fill);  // null is zero
    lease.keep();
    return &table;
}

namespace {

Error out_of_range(const char* what, u64 index, u64 size) {
    return Error(Code::memory, ErrorKind::usage,
                 std::string("out of bounds ") + what + " access: " + std::to_string(index) +
                     " of " + std::to_string(size));
}

}  // namespace
}  // namespace interp

Store::Store(const StoreLimits& limits) : impl_(std::make_unique<interp::StoreImpl>(limits)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;
const StoreLimits& Store::limits() const { return impl_->limits; }
void Store::collect_garbage() { impl_->heap.collect(); }
Store::HeapUse Store::heap_use() const {
    const interp::HeapCounts counts = impl_->heap.counts();
    return {counts.collections, counts.live_bytes, counts.committed_bytes};
}

std::uint64_t Store::held_bytes() const { return impl_->budget.used(); }

Result<Memory> Store::memory(const MemoryType& type) {
    return guard(Code::instantiate, [&]() -> Result<Memory> {
        TRY(interp::check_host_type(type));
        return Memory(TRY(impl_->add_memory(type)));
    });
}
Result<Table> Store::table(const TableType& type, const Value& fill) {
    return guard(Code::instantiate, [&]() -> Result<Table> {
        core::CanonicalTypes types = TRY(interp::check_host_type(type));
        u64 word[1];
        TRY(interp::put_value(*impl_, type.element, fill, word));
        impl_->keep(std::move(types));
        return Table(TRY(impl_->add_table(type, word[0])));
    });
}
Result<Global> Store::global(const GlobalType& type, const Value& value) {
    return guard(Code::instantiate, [&]() -> Result<Global> {
        core::CanonicalTypes types = TRY(interp::check_host_type(type));
        u64 bits[2] = {0, 0};
        TRY(interp::put_value(*impl_, type.type, value, bits));
        impl_->keep(std::move(types));
        interp::GlobalInst& global = impl_->globals.emplace_back();
        global.type = type;
        global.store = impl_.get();
        std::ranges::copy(bits, global.bits);
        return Global(&global);
    });
}
Result<Tag> Store::tag(const FuncType& type) {
    return guard(Code::instantiate, [&]() -> Result<Tag> {
        core::CanonicalTypes types = TRY(interp::check_host_type(TagType{type}));
        interp::make_room(impl_->host_types);
        interp::TagInst& tag = impl_->tags.emplace_back();
        tag.defined = types[0];
        tag.store = impl_.get();
        impl_->keep(std::move(types));
        return Tag(&tag);
    });
}

// Memory, Table, Global, Tag ----------------------------------------------------------

MemoryType Memory::type() const {
    MemoryType type = object_->type;
    type.limits.min = object_->pages;
    return type;
}
std::uint64_t Memory::size() const { return object_->pages; }
std::uint64_t Memory::page_size() const { return object_->page_size(); }
std::uint64_t Memory::byte_size() const { return object_->block.size(); }

Result<std::uint64_t> Memory::grow(std::uint64_t pages) const {
    return guard(Code::memory, [&]() -> Result<std::uint64_t> {
        if (const auto before = object_->grow(pages)) return *before;
        return std::unexpected(Error(Code::memory, ErrorKind::limit,
                                     "memory growth refused: " + std::to_string(pages) +
                                         " pages more than " + std::to_string(object_->pages) +
                                         " (most " + std::to_string(object_->max_pages) + ")"));
    });
}

static Result<std::byte*> memory_range(const interp::MemoryBlock& block, u64 offset, u64 length) {
    return guard(Code::memory, [&]() -> Result<std::byte*> {
        if (length > block.size() || offset > block.size() - length) {
            return std::unexpected(Error(Code::memory, ErrorKind::usage,
                                         "out of bounds memory access: " + std::to_string(length) +
                                             " bytes at " + std::to_string(offset) + " of " +
                                             std::to_string(block.size())));
        }
        return reinterpret_cast<std::byte*>(block.base()) + offset;
    });
}

Result<void> Memory::read(std::uint64_t offset, std::span<std::byte> out) const {
    const std::byte* from = TRY(memory_range(object_->block, offset, out.size()));
    if (!out.empty()) std::memcpy(out.data(), from, out.size());
    return {};
}
Result<std::vector<std::byte>> Memory::read(std::uint64_t offset, std::uint64_t length) const {
    const std::byte* from = TRY(memory_range(object_->block, offset, length));
    return guard(Code::memory, [&]() -> Result<std::vector<std::byte>> {
        return std::vector<std::byte>(from, from + length);
    });
}
Result<void> Memory::write(std::uint64_t offset, std::span<const std::byte> bytes) const {
    std::byte* to = TRY(memory_range(object_->block, offset, bytes.size()));
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return {};
}
std::span<std::byte> Memory::data() const {
    return {reinterpret_cast<std::byte*>(object_->block.base()), object_->block.size()};
}

TableType Table::type() const {
    TableType type = object_->type;
    type.limits.min = object_->size;
    return type;
}
std::uint64_t Table::size() const { return object_->size; }
Result<Value> Table::get(std::uint64_t index) const {
    return guard(Code::memory, [&]() -> Result<Value> {
        if (index >= object_->size)
            return std::unexpected(interp::out_of_range("table", index, object_->size));
        return interp::read_value(*object_->store, object_->type.element,
                                  object_->elements + index);
    });
}
Result<void> Table::set(std::uint64_t index, const Value& value) const {
    return guard(Code::memory, [&]() -> Result<void> {
        if (index >= object_->size)
            return std::unexpected(interp::out_of_range("table", index, object_->size));
        return interp::put_value(*object_->store, object_->type.element, value,
                                 object_->elements + index);
    });
}
Result<std::uint64_t> Table::grow(std::uint64_t count, const Value& fill) const {
    return guard(Code::memory, [&]() -> Result<std::uint64_t> {
        u64 word[1];
        TRY(interp::put_value(*object_->store, object_->type.element, fill, word));
        if (const auto before = object_->grow(count, word[0])) return *before;
        return std::unexpected(Error(Code::memory, ErrorKind::limit, "table growth refused"));
    });
}

GlobalType Global::type() const { return object_->type; }
Value Global::get() const {
    return interp::read_value(*object_->store, object_->type.type, object_->bits);
}
Result<void> Global::set(const Value& value) const {
    return guard(Code::type, [&]() -> Result<void> {
        if (!object_->type.is_mutable)
            return std::unexpected(Error(Code::type, ErrorKind::usage, "immutable global"));
        return interp::put_value(*object_->store, object_->type.type, value, object_->bits);
    });
}

TagType Tag::type() const { return {*object_->defined->func()}; }

// Instance ------------------------------------------------------------------------------

const Module& Instance::module() const { return object_->handle_module; }

static Extern export_of(interp::ModuleInst& inst, usize position) {
    const core::Export& e = inst.compiled->module.exports[position];
    const u32 index = e.index;
    switch (e.kind) {
    case ExternKind::func: return Func(inst.func_ref(index));
    case ExternKind::table: return Table(inst.tables[index]);
    case ExternKind::memory: return Memory(inst.memories[index]);
    case ExternKind::global: return Global(inst.globals[index]);
    case ExternKind::tag: break;
    }
    return Tag(inst.tags[index]);
}

Extern Instance::export_at(std::size_t index) const { return export_of(*object_, index); }

Result<Extern> Instance::get(std::string_view name) const {
    return guard(Code::export_not_found, [&]() -> Result<Extern> {
        const Module::Impl& module = *object_->module;
        if (const core::Export* found = module.find_export(name))
            return export_of(*object_, static_cast<usize>(found - module.module.exports.data()));
        return std::unexpected(Error(Code::export_not_found, ErrorKind::usage,
                                     "no export named \"" + std::string(name) + "\""));
    });
}

template <class T>
static Result<T> export_as(const Instance& instance, std::string_view name, ExternKind kind) {
    return guard(Code::export_not_found, [&]() -> Result<T> {
        Extern found = TRY(instance.get(name));
        if (T* object = std::get_if<T>(&found)) return *object;
        const auto given = static_cast<ExternKind>(found.index());
        return std::unexpected(Error(Code::export_not_found, ErrorKind::usage,
                                     "export \"" + std::string(name) + "\" is a " +
                                         to_string(given) + ", not a " + to_string(kind)));
    });
}
Result<Func> Instance::func(std::string_view name) const {
    return guard(Code::export_not_found, [&]() -> Result<Func> {
        const core::Export* found = object_->module->find_export(name);
        if (found && found->kind == ExternKind::func) [[likely]]
            return Func(object_->func_ref(found->index));
        return export_as<Func>(*this, name, ExternKind::func);
    });
}
Result<Memory> Instance::memory(std::string_view name) const {
    return export_as<Memory>(*this, name, ExternKind::memory);
}
Result<Table> Instance::table(std::string_view name) const {
    return export_as<Table>(*this, name, ExternKind::table);
}
Result<Global> Instance::global(std::string_view name) const {
    return export_as<Global>(*this, name, ExternKind::global);
}

}  // namespace waxwing
