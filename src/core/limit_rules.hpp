// Which limits tables and memories can have, whether a module or the host makes them
// (specification, "Validation / Types").
#pragma once

#include <optional>
#include <string>

#include "core/fault.hpp"
#include "core/int.hpp"
#include "waxwing/types.hpp"

namespace waxwing::core {

struct LimitFault {
    Fault fault;
    std::string detail;  // for make_error
};

// What is wrong with the limits, with the page size, or with being shared.
std::optional<LimitFault> find_limit_fault(const TableType& type);
std::optional<LimitFault> find_limit_fault(const MemoryType& type);

}  // namespace waxwing::core
