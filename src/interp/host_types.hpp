// The types of objects that the host makes, checked by the rules for modules. Errors:
// Code::instantiate, in the words that the decoder or the validator would use.
#pragma once

#include "core/type_registry.hpp"
#include "waxwing/error.hpp"

namespace waxwing::interp {

// These give what keeps the types alive that are referred to.
Result<core::CanonicalTypes> check_host_type(const FuncType& type);
Result<core::CanonicalTypes> check_host_type(const TagType& type);
Result<core::CanonicalTypes> check_host_type(const TableType& type);
Result<core::CanonicalTypes> check_host_type(const GlobalType& type);
Result<void> check_host_type(const MemoryType& type);

}  // namespace waxwing::interp
