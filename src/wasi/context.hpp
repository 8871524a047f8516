// The state of one guest.
#pragma once

#include <memory>
#include <optional>

#include "wasi/clock.hpp"
#include "wasi/fd_table.hpp"
#include "wasi/random.hpp"
#include "wasi/steady.hpp"
#include "wasi/string_list.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

struct Context {
    WasiLimits limits;  // within what the host allows
    StringList args;
    StringList env;                        // "name=value"
    Clocks clocks;                         // before what uses them
    std::optional<Identities> identities;  // of a guest that is to be deterministic
    FdTable fds{0};
    Random::Kind random = Random::Kind::system;
    SeededBytes seeded{0};
};

// Errors: Code::wasi, naming the field.
Result<std::shared_ptr<Context>> make_context(const WasiConfig& config);

}  // namespace waxwing::wasi
