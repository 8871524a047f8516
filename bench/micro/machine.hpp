// One module written as text, instantiated in a store of its own, to be measured.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>

#include "waxwing/store.hpp"

namespace waxwing::bench {

// The value, or the end of the program with a message.
template <class T>
T must(Result<T> result) {
    if (result) {
        if constexpr (std::is_void_v<T>)
            return;
        else
            return *std::move(result);
    }
    std::fprintf(stderr, "%s\n", result.error().format().c_str());
    std::exit(1);
}

// The module that a text describes.
Module module_of(std::string_view wat);

class Machine {
public:
    // Ends the program with a message if the module is not right.
    explicit Machine(std::string_view wat, const StoreLimits& limits = {},
                     const Imports& imports = {});

    TypedFunc<void(std::int32_t)> function(const char* name) const;
    Store& store() { return store_; }
    const Instance& instance() const { return instance_; }

private:
    Store store_;
    Instance instance_;
};

// Calls `function` with `count`, and ends the program if that fails.
void run(const TypedFunc<void(std::int32_t)>& function, std::int32_t count);

// Measures one round of the loop that the module's function "run" is.
void measure(benchmark::State& state, std::string_view wat, const Imports& imports = {});

}  // namespace waxwing::bench
