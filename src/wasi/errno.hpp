// The preview1 error numbers.
#pragma once

#include "wasi/int.hpp"

namespace waxwing::wasi {

enum class Errno : u16 {
#define ERRNO(ident, number, host) ident = number,
#include "wasi/errno.def"
};

// "noent"; "unknown" for a number that is none.
const char* to_string(Errno code);

// From a value of the host's errno; what preview1 has no name for is `io`.
Errno from_host(int host_errno);
// From the host's errno as the last system call left it.
Errno last_errno();

}  // namespace waxwing::wasi
