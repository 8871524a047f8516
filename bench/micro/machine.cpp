#include "machine.hpp"

#include <cstdio>
#include <cstdlib>

#include "waxwing/text.hpp"

namespace waxwing::bench {
namespace {

template <class T>
T must(Result<T> result) {
    if (result) return *std::move(result);
    std::fprintf(stderr, "%s\n", result.error().format().c_str());
    std::exit(1);
}

Instance instantiate(Store& store, std::string_view wat) {
    return must(store.instantiate(must(Module::load(must(parse_wat(wat))))));
}

}  // namespace

Machine::Machine(std::string_view wat, const StoreLimits& limits)
    : store_(limits), instance_(instantiate(store_, wat)) {}

TypedFunc<void(std::int32_t)> Machine::function(const char* name) const {
    return must(instance_.func<void(std::int32_t)>(name));
}

void run(const TypedFunc<void(std::int32_t)>& function, std::int32_t count) {
    const auto done = function(count);
    if (done) return;
    std::fprintf(stderr, "%s\n", done.error().format().c_str());
    std::exit(1);
}

void measure(benchmark::State& state, std::string_view wat) {
    constexpr std::int32_t rounds = 200'000;
    Machine machine(wat);
    const auto function = machine.function("run");
    for (auto _ : state)
        run(function, rounds);
    state.counters["each"] = benchmark::Counter(
        rounds, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace waxwing::bench
