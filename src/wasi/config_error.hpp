// How it is said that a WasiConfig is wrong.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "wasi/int.hpp"
#include "waxwing/error.hpp"

namespace waxwing::wasi {

inline std::unexpected<Error> wrong(const std::string& field, const std::string& what) {
    return std::unexpected(
        Error(Code::wasi, ErrorKind::usage, "invalid WASI configuration: " + field + ": " + what));
}

// What the last system call, which `path` was for, failed with.
inline std::string host_reason(const std::string& path) {
    return "\"" + path + "\": " + std::generic_category().message(errno);
}

}  // namespace waxwing::wasi
