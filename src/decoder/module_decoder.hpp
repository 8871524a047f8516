// Decodes a module: its sections, up to but not including the instructions of
// functions, which an InstrReader reads.
#pragma once

#include "core/module.hpp"
#include "waxwing/error.hpp"
#include "waxwing/features.hpp"

namespace waxwing {

// The module keeps `bytes`. A malformed module is an error, as is one beyond the
// limits of core/limits.hpp or in need of a feature that is off; but functions
// may still hold malformed instructions, and nothing has been validated.
Result<core::Module> decode_module(core::ModuleBytes bytes, Features features);

}  // namespace waxwing
