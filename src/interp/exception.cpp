#include "interp/exception.hpp"

#include <cstring>
#include <new>
#include <utility>

#include "core/guard.hpp"
#include "core/try.hpp"
#include "interp/compiled_module.hpp"
#include "interp/references.hpp"

namespace waxwing {
namespace interp {

const Layout* TagInst::layout() noexcept {
    try {
        if (!made_layout) made_layout = make_exception_layout(*this);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
    return made_layout.get();
}

Activation::~Activation() {
    if (roots) roots->remove(*this);
}

static ExceptionObject& exception_at(u64 word) {
    return *static_cast<ExceptionObject*>(object_at(word));
}

Error uncaught(const StoreImpl& store, u64 exception) noexcept {
    try {
        return make_exception(store, exception).error();
    } catch (const std::bad_alloc&) {
        return Error::trapped(Trap::out_of_memory);
    }
}

Exception make_exception(const StoreImpl& store, u64 word) {
    ExceptionObject& object = exception_at(word);
    const TagInst& tag = *object.layout->tag;
    return Exception(std::make_shared<const ExceptionState>(
        Tag(const_cast<TagInst*>(&tag)),
        read_values(store, tag.defined->func()->params, object.values()), object_ref(store, word)));
}

u64 exception_in(const std::optional<Error>& error, const StoreImpl& store) noexcept {
    if (!error || !error->exception()) return 0;
    const std::optional<Exception> exception = Exception::of(*error);
    return exception ? word_of(store, exception->ref()) : 0;
}

}  // namespace interp

Exception::Exception(std::shared_ptr<const interp::ExceptionState> state)
    : state_(std::move(state)) {}

Result<Exception> Exception::make(Store& store, Tag tag, std::span<const Value> values) {
    return guard(Code::memory, [&]() -> Result<Exception> {
        interp::StoreImpl& impl = store.impl();
        if (tag.object()->store != &impl) {
            return std::unexpected(
                Error(Code::type, ErrorKind::usage, "the tag belongs to another store"));
        }
        const interp::Layout* made = tag.object()->layout();
        if (!made) return std::unexpected(out_of_memory(Code::memory));
        const interp::Layout& layout = *made;
        std::vector<u64> slots(layout.slots);
        TRY(interp::write_args(impl, *tag.object()->defined->func(), values, slots.data()));
        const interp::Heap::Scope scope(impl.heap, slots);
        interp::Object* object = impl.heap.make(layout);
        if (!object) {
            return std::unexpected(
                Error(Code::memory, ErrorKind::limit, to_string(Trap::out_of_memory)));
        }
        if (!slots.empty())
            std::memcpy(object->at(sizeof(interp::Object)), slots.data(),
                        slots.size() * sizeof(u64));
        return interp::make_exception(impl, reinterpret_cast<u64>(object));
    });
}

std::optional<Exception> Exception::of(const Error& error) {
    if (error.kind() != ErrorKind::exception || !error.exception()) return std::nullopt;
    return Exception(error.exception());
}

Tag Exception::tag() const { return state_->tag; }
const std::vector<Value>& Exception::values() const { return state_->values; }
Ref Exception::ref() const { return state_->ref; }

Error Exception::error() const {
    std::string message = "uncaught exception";
    for (const Value& value : values())
        message += " " + to_string(value.type()) + ":" + to_string(value);
    Error error(Code::call, ErrorKind::exception, std::move(message));
    error.with_exception(state_);
    return error;
}

}  // namespace waxwing
