#include "interp/host_types.hpp"

#include <string>
#include <utility>

#include "core/fault.hpp"
#include "core/limit_rules.hpp"
#include "core/limits.hpp"
#include "core/try.hpp"

namespace waxwing::interp {
namespace {

std::unexpected<Error> wrong(Fault fault, const std::string& detail) {
    const Error plain = make_error(fault, detail);
    return std::unexpected(
        Error(Code::instantiate, ErrorKind::usage, std::string(plain.message())));
}

// What the decoder makes of a value type: the host can put any bits into one.
bool is_value_type(ValType type) {
    if (type.is_ref()) return type.heap().kind() < HeapKind::bottom;
    return type.is_number() || type.is_vector();
}

Result<core::CanonicalTypes> retain_type(ValType type) {
    if (!is_value_type(type)) return wrong(Fault::malformed_value_type, to_string(type));
    if (!type.is_ref() || !type.heap().is_concrete()) return core::CanonicalTypes();
    const u32 id = type.heap().index();
    if (std::optional<core::CanonicalTypes> types = core::retain(id)) return *std::move(types);
    return wrong(Fault::unknown_type, std::to_string(id));
}

Result<void> check_list(const std::vector<ValType>& types, usize limit, const char* what) {
    if (types.size() > limit) {
        return std::unexpected(Error(Code::instantiate, ErrorKind::limit,
                                     std::string("too many ") + what + ": " +
                                         std::to_string(types.size()) + " (limit " +
                                         std::to_string(limit) + ")"));
    }
    for (const ValType type : types)
        if (!is_value_type(type)) return wrong(Fault::malformed_value_type, to_string(type));
    return {};
}

template <class Type>
Result<void> check_limits(const Type& type) {
    const std::optional<core::LimitFault> found = core::find_limit_fault(type);
    if (!found) return {};
    return wrong(found->fault, found->detail);
}

}  // namespace

Result<core::CanonicalTypes> check_host_type(const FuncType& type) {
    TRY(check_list(type.params, limits::function_params, "parameters"));
    TRY(check_list(type.results, limits::function_results, "results"));
    Result<core::CanonicalTypes> types = core::canonicalize(type);
    if (!types) {
        const Error& error = types.error();
        return std::unexpected(
            Error(Code::instantiate,
                  error.kind() == ErrorKind::limit ? ErrorKind::limit : ErrorKind::usage,
                  std::string(error.message())));
    }
    return types;
}

Result<core::CanonicalTypes> check_host_type(const TagType& type) {
    if (!type.type.results.empty()) return wrong(Fault::non_empty_tag_result, {});
    return check_host_type(type.type);
}

Result<core::CanonicalTypes> check_host_type(const TableType& type) {
    if (!type.element.is_ref())
        return wrong(Fault::malformed_reference_type, to_string(type.element));
    TRY(check_limits(type));
    return retain_type(type.element);
}

Result<core::CanonicalTypes> check_host_type(const GlobalType& type) {
    return retain_type(type.type);
}

Result<void> check_host_type(const MemoryType& type) { return check_limits(type); }

}  // namespace waxwing::interp
