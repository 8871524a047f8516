#include "wasi/system.hpp"

#include "wasi/raw_calls.hpp"

namespace waxwing::wasi::sys {

#define CALL(result, name, parameters, ...) \
    result name parameters { return static_cast<result>(__VA_ARGS__); }
#include "wasi/system.def"

}  // namespace waxwing::wasi::sys
