// The host module "spectest" that the official test scripts import from.
#pragma once

#include "waxwing/features.hpp"
#include "waxwing/store.hpp"

namespace waxwing::cli {

// Makes the module's table, memory and globals in `store` and puts them, with
// its print functions, into `imports`. The functions print nothing. The shared
// memory is there only if `features` has threads.
Result<void> add_spectest(Store& store, Imports& imports, const Features& features);

}  // namespace waxwing::cli
