// The clocks that a guest sees.
#pragma once

#include "wasi/abi.hpp"
#include "wasi/expected.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

class Clocks {
public:
    Clocks() = default;
    explicit Clocks(const Clock& config);

    // What a clock shows, in nanoseconds.
    Expected<Timestamp> now(ClockId id);
    Expected<Timestamp> resolution(ClockId id) const;

    Clock::Kind kind() const { return kind_; }
    // Makes a clock that is stepped show at least `until`.
    void pass(Timestamp until);

private:
    Clock::Kind kind_ = Clock::Kind::system;
    Timestamp time_ = 0;  // fixed, stepped
    Timestamp step_ = 0;
    std::function<std::uint64_t()> callback_;
};

}  // namespace waxwing::wasi
