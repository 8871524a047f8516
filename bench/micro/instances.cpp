// Making and freeing instances, the host's access to their memory, and two of them at once.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "machine.hpp"
#include "waxwing/runtime.hpp"
#include "waxwing/text.hpp"

namespace waxwing::bench {
namespace {

std::string with_data(std::int64_t bytes) {
    std::string text = R"((memory (export "memory") )" + std::to_string(bytes / 65536 + 1) + ")";
    if (bytes > 0)
        text +=
            "(data (i32.const 0) \"" + std::string(static_cast<std::size_t>(bytes), 'w') + "\")";
    return text;
}

// A store with one instance. The argument is the size of its data.
void instantiate(benchmark::State& state) {
    const Module module = module_of(with_data(state.range(0)));
    for (auto _ : state) {
        Store store;
        must(store.instantiate(module));
    }
}

void instantiate_in_runtime(benchmark::State& state) {
    Runtime runtime;
    const ModuleId module = must(runtime.compile(must(parse_wat(with_data(state.range(0))))));
    for (auto _ : state)
        must(must(runtime.instantiate(module)).drop());
}

void memory_read(benchmark::State& state) {
    Machine machine(with_data(1 << 20));
    const Memory memory = must(machine.instance().memory());
    std::vector<std::byte> out(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        must(memory.read(64, out));
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.range(0) * state.iterations());
}

void memory_write(benchmark::State& state) {
    Machine machine(with_data(1 << 20));
    const Memory memory = must(machine.instance().memory());
    const std::vector<std::byte> in(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state)
        must(memory.write(64, in));
    state.SetBytesProcessed(state.range(0) * state.iterations());
}

// Each thread runs its own instance of one module; the items are rounds of all threads.
void threads(benchmark::State& state) {
    static const Module module = module_of(R"((func (export "run") (param $n i32) (local $x i32)
        (loop $again
          (local.set $x (i32.mul (i32.add (local.get $x) (local.get $n)) (i32.const 31)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))");
    constexpr std::int32_t rounds = 1'000'000;
    Store store;
    const Instance instance = must(store.instantiate(module));
    const auto function = must(instance.func<void(std::int32_t)>("run"));
    for (auto _ : state)
        run(function, rounds);
    state.SetItemsProcessed(rounds * state.iterations());
}

BENCHMARK(instantiate)->Arg(0)->Arg(1 << 20);
BENCHMARK(instantiate_in_runtime)->Arg(0)->Arg(1 << 20);
BENCHMARK(memory_read)->Arg(8)->Arg(1 << 10)->Arg(1 << 20);
BENCHMARK(memory_write)->Arg(8)->Arg(1 << 10)->Arg(1 << 20);
BENCHMARK(threads)->Threads(1)->Threads(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace waxwing::bench
