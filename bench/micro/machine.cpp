#include "machine.hpp"

#include "waxwing/text.hpp"

namespace waxwing::bench {
Module module_of(std::string_view wat) { return must(Module::load(must(parse_wat(wat)))); }

Machine::Machine(std::string_view wat, const StoreLimits& limits, const Imports& imports)
    : store_(limits), instance_(must(store_.instantiate(module_of(wat), imports))) {}

TypedFunc<void(std::int32_t)> Machine::function(const char* name) const {
    return must(instance_.func<void(std::int32_t)>(name));
}

void run(const TypedFunc<void(std::int32_t)>& function, std::int32_t count) {
    must(function(count));
}

void measure(benchmark::State& state, std::string_view wat, const Imports& imports) {
    constexpr std::int32_t rounds = 200'000;
    Machine machine(wat, {}, imports);
    const auto function = machine.function("run");
    for (auto _ : state)
        run(function, rounds);
    state.counters["each"] = benchmark::Counter(
        rounds, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace waxwing::bench
