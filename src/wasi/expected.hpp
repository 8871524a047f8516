// How a preview1 function fails: with a number for the guest, or with an Error
// that ends the guest's call (a trap, an exit, an interrupt).
#pragma once

#include <expected>
#include <type_traits>
#include <utility>
#include <variant>

#include "wasi/errno.hpp"
#include "waxwing/error.hpp"

namespace waxwing::wasi {

class Failure {
public:
    Failure(Errno code) : what_(code) {}
    Failure(Error error) : what_(std::move(error)) {}

    // Null if this is an Error.
    const Errno* code() const { return std::get_if<Errno>(&what_); }
    bool is(Errno code) const { return this->code() && *this->code() == code; }
    // Requires: code() is null.
    Error& error() { return *std::get_if<Error>(&what_); }

private:
    std::variant<Errno, Error> what_;
};

template <class T>
using Expected = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(Errno code) { return std::unexpected<Failure>(code); }
// What the last system call failed with.
inline std::unexpected<Failure> fail_with_errno() { return fail(last_errno()); }

template <class T, class E>
T take(std::expected<T, E>&& result) {
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace waxwing::wasi

// TRY(e): the value of an Expected, or return its failure from this function.
// Use it as a whole statement, an initializer or a right-hand side.
#define TRY(...)                                                    \
    __extension__({                                                 \
        auto&& try_result_ = (__VA_ARGS__);                         \
        if (!try_result_) [[unlikely]]                              \
            return std::unexpected(std::move(try_result_).error()); \
        ::waxwing::wasi::take(std::move(try_result_));              \
    })
