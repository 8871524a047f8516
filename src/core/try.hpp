// TRY(e): the value of a Result, or return its error from this function.
#pragma once

#include <type_traits>
#include <utility>

#include "waxwing/error.hpp"

// A statement expression, so that it can be an initializer. Use it as a whole
// statement, an initializer or a right-hand side, never inside a larger
// expression.
#define TRY(...)                                                    \
    __extension__({                                                 \
        auto&& try_result_ = (__VA_ARGS__);                         \
        if (!try_result_) [[unlikely]]                              \
            return std::unexpected(std::move(try_result_).error()); \
        ::waxwing::detail::take(std::move(try_result_));            \
    })

namespace waxwing::detail {

template <class T>
T take(std::expected<T, Error>&& result) {
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace waxwing::detail
