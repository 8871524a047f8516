// Where the library ends: what was thrown inside becomes an error here.
//
// Inside, the C++ library throws when the host has no memory: std::bad_alloc, or std::length_error
// for a size that no host has. Nobody catches these on the way; what an operation held is given
// back by destructors. Whatever can be called from outside passes its work through guard(), so
// that callers, who may be compiled without exceptions, see a Result.
#pragma once

#include <expected>
#include <utility>

#include "waxwing/error.hpp"

namespace waxwing {

// Kind limit, "out of memory". Needs no memory itself.
[[gnu::cold]] Error out_of_memory(Code code) noexcept;

// Requires: an exception is being handled. out_of_memory(), or kind host with the text of an
// exception that code of the embedder has thrown.
[[gnu::cold]] Error error_of_exception(Code code) noexcept;

// What `work` returns, a Result; what it throws becomes an error with this code.
template <class Work>
auto guard(Code code, Work&& work) noexcept -> decltype(work()) {
    try {
        return work();
    } catch (...) {
        return std::unexpected(error_of_exception(code));
    }
}

}  // namespace waxwing
