// Exceptions between the guest and the host.
#pragma once

#include <span>

#include "interp/objects.hpp"

namespace waxwing::interp {

// What a call ends with when nobody caught the exception, which it keeps alive.
Error uncaught(StoreImpl& store, u64 exception);
// The exception of this store that an error carries; 0 if there is none.
u64 exception_in(const std::optional<Error>& error, const StoreImpl& store);

// Arguments into slots. Errors: Code::type.
Result<void> write_args(const FuncType& type, std::span<const Value> args, u64* slots);

}  // namespace waxwing::interp
