// Limits of tables and memories (specification, "Validation / Types").
#pragma once

#include "core/int.hpp"
#include "waxwing/error.hpp"
#include "waxwing/types.hpp"

namespace waxwing {

Result<void> check_limits(const TableType& type, u32 offset);
Result<void> check_limits(const MemoryType& type, u32 offset);

}  // namespace waxwing
