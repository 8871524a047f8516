// One module written as text, instantiated in a store of its own, to be measured.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>

#include "waxwing/store.hpp"

namespace waxwing::bench {

class Machine {
public:
    // Ends the program with a message if the module is not right.
    explicit Machine(std::string_view wat, const StoreLimits& limits = {});

    TypedFunc<void(std::int32_t)> function(const char* name) const;
    Store& store() { return store_; }

private:
    Store store_;
    Instance instance_;
};

// Calls `function` with `count`, and ends the program if that fails.
void run(const TypedFunc<void(std::int32_t)>& function, std::int32_t count);

// Measures one round of the loop that the module's function "run" is.
void measure(benchmark::State& state, std::string_view wat);

}  // namespace waxwing::bench
