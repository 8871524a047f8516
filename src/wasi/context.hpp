// The state of one guest.
#pragma once

#include <memory>

#include "wasi/fd_table.hpp"
#include "wasi/string_list.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

struct Context {
    static constexpr u32 max_fds = 1024;  // half of what the host allows, if that is less

    StringList args;
    StringList env;  // "name=value"
    FdTable fds{max_fds};
};

// Errors: Code::wasi, naming the field.
Result<std::shared_ptr<Context>> make_context(const WasiConfig& config);

}  // namespace waxwing::wasi
