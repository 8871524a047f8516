// What a module does when it is loaded and all it exports is called: as text,
// line by line, so that another engine can be asked for the same.
//
//   instantiate OUTCOME
//   call NAME ARGUMENT... : RESULT-TYPE...
//   log VALUE                  from within a call, also from the start function
//   OUTCOME
//   global NAME TYPE VALUE     at the end
//   memory NAME PAGES HASH
//   table NAME SIZE BITS
//
// OUTCOME is `ok VALUE...`, `trap TEXT`, `exception`, `fuel`, or another kind of
// error with its message. A value is written with its type, floats as their bits
// (all NaNs alike), references as what the host can know of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "waxwing/module.hpp"
#include "waxwing/store.hpp"

namespace waxwing::differential {

struct Options {
    std::optional<std::uint64_t> fuel;  // per call
    StoreLimits limits{};
    bool vectors = false;  // who is asked for the same can pass them, too
};

struct Transcript {
    std::string text;
    bool complete = true;  // no call ran out of fuel
};

// The arguments of the calls depend on the module's exports only.
// Imports come from `support`, which is support.wat, loaded.
Transcript run(const Module& module, const Module& support, const Options& options);
// Imported functions log their arguments and return zeros and null, other imports
// hold zeros and null.
Transcript run(const Module& module, const Options& options);

}  // namespace waxwing::differential
