// Exceptions between the guest and the host.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "interp/objects.hpp"

namespace waxwing::interp {

// What an Exception is: copied, so that it can be read on any thread, and when the
// store has died.
struct ExceptionState {
    Tag tag;
    std::vector<Value> values;
    Ref ref;
};

// The exception in a slot, kept alive.
Exception make_exception(const StoreImpl& store, u64 word);
// What a call ends with when nobody caught the exception, which it keeps alive; or the trap for
// want of memory to keep it.
Error uncaught(const StoreImpl& store, u64 exception) noexcept;
// The exception of this store that an error carries; 0 if there is none.
u64 exception_in(const std::optional<Error>& error, const StoreImpl& store) noexcept;

}  // namespace waxwing::interp
