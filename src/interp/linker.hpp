// Linking: what a module imports is found by its names and checked for its type.
// Source: specification, "Execution / Modules / Instantiation", external typing.
#pragma once

#include <vector>

#include "interp/objects.hpp"

namespace waxwing::interp {

// The objects for the imports of `module`, in their order; host functions become objects of the
// store. Errors: Code::instantiate, kind unlinkable, naming what is missing or has another type.
Result<std::vector<Extern>> link(StoreImpl& store, const Module::Impl& module,
                                 const Imports& imports);

}  // namespace waxwing::interp
