// From bytes to a module that follows all rules of the specification.
#pragma once

#include <vector>

#include "core/module.hpp"
#include "validator/func_validator.hpp"
#include "validator/module_validator.hpp"
#include "waxwing/error.hpp"
#include "waxwing/features.hpp"

namespace waxwing {

Result<core::Module> decode_and_validate(core::ModuleBytes bytes, Features features);

// Its steps after decoding, in this order, for whoever wants to listen to the
// walk over the bodies: ModuleValidator::check(), then this, then, for each
// function, FuncValidator::begin_function() and walk_body().
Result<void> validate_const_exprs(const ModuleValidator& module, FuncValidator& validator);

}  // namespace waxwing
