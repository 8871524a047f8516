#include "interp/exception.hpp"

#include <cstring>
#include <utility>

#include "core/try.hpp"
#include "interp/compiled_module.hpp"

namespace waxwing {
namespace interp {

const Layout& TagInst::layout() {
    if (!made_layout) made_layout = make_exception_layout(*this);
    return *made_layout;
}

Activation::~Activation() {
    if (roots) std::erase(roots->resumable, this);
}

Error uncaught(StoreImpl& store, u64 exception) { return store.exception(exception).error(); }

Exception StoreImpl::exception(u64 word) { return {*this, Ref::from_word(word)}; }

u64 exception_in(const std::optional<Error>& error, const StoreImpl& store) {
    if (!error || !error->exception()) return 0;
    return store.exception_of(*error);
}

u64 StoreImpl::exception_of(const Error& error) const {
    const std::optional<Exception> exception = Exception::of(error);
    return exception && exception->store_ == this ? exception->ref().word() : 0;
}

}  // namespace interp

// Root --------------------------------------------------------------------------------

Root::Root(const Store& store, Ref ref) : Root(store.impl().roots, ref) {}

Root::Root(std::shared_ptr<interp::RootTable> table, Ref ref) : table_(std::move(table)) {
    if (table_->unused.empty()) {
        index_ = static_cast<u32>(table_->words.size());
        table_->words.push_back(ref.word());
    } else {
        index_ = table_->unused.back();
        table_->unused.pop_back();
        table_->words[index_] = ref.word();
    }
}

Root::Root(const Root& other) {
    if (other.table_) *this = Root(other.table_, other.ref());
}

Root::Root(Root&& other) noexcept
    : table_(std::move(other.table_)), index_(std::exchange(other.index_, 0)) {}

Root& Root::operator=(Root other) noexcept {
    std::swap(table_, other.table_);
    std::swap(index_, other.index_);
    return *this;
}

Root::~Root() {
    if (!table_) return;
    table_->words[index_] = 0;
    table_->unused.push_back(index_);
}

Ref Root::ref() const { return table_ ? Ref::from_word(table_->words[index_]) : Ref(); }

// Exception -----------------------------------------------------------------------------

static interp::ExceptionObject* object_of(Ref exception) {
    return static_cast<interp::ExceptionObject*>(interp::object_at(exception.word()));
}

Exception::Exception(interp::StoreImpl& store, Ref ref) : store_(&store), root_(store.roots, ref) {}

Result<Exception> Exception::make(Store& store, Tag tag, std::span<const Value> values) {
    interp::StoreImpl& impl = store.impl();
    const interp::Layout& layout = tag.object()->layout();
    std::vector<u64> slots(layout.slots);
    TRY(interp::write_args(tag.object()->type.type, values, slots.data()));
    const interp::Heap::Scope scope(impl.heap, slots);
    interp::Object* object = impl.heap.make(layout);
    if (!object) {
        return std::unexpected(
            Error(Code::memory, ErrorKind::limit, to_string(Trap::out_of_memory)));
    }
    if (!slots.empty())
        std::memcpy(object->at(sizeof(interp::Object)), slots.data(), slots.size() * sizeof(u64));
    return Exception(impl, Ref::from_word(reinterpret_cast<u64>(object)));
}

std::optional<Exception> Exception::of(const Error& error) {
    if (error.kind() != ErrorKind::exception || !error.exception()) return std::nullopt;
    return *static_cast<const Exception*>(error.exception().get());
}

Tag Exception::tag() const {
    return Tag(const_cast<interp::TagInst*>(object_of(ref())->layout->tag));
}

std::vector<Value> Exception::values() const {
    std::vector<Value> values;
    const u64* slots = object_of(ref())->values();
    for (const ValType type : tag().object()->type.type.params) {
        if (type.is_vector()) {
            V128 vector;
            std::memcpy(vector.bytes.data(), slots, 16);
            values.push_back(Value::v128(vector));
            slots += 2;
            continue;
        }
        const bool narrow = type == i32 || type == f32;
        values.push_back(Value::number(type, narrow ? *slots & 0xFFFFFFFF : *slots));
        ++slots;
    }
    return values;
}

Error Exception::error() const {
    std::string message = "uncaught exception";
    for (const Value& value : values())
        message += " " + to_string(value.type()) + ":" + to_string(value);
    Error error(Code::call, ErrorKind::exception, std::move(message));
    error.with_exception(std::make_shared<const Exception>(*this));
    return error;
}

}  // namespace waxwing
