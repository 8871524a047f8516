// What a call costs: into the guest by every way of the interface, out of it, and within.
#include <benchmark/benchmark.h>

#include <string>

#include "machine.hpp"
#include "waxwing/runtime.hpp"
#include "waxwing/text.hpp"

namespace waxwing::bench {
namespace {

constexpr const char* empty = R"((func (export "empty")))";

void into_typed(benchmark::State& state) {
    Machine machine(empty);
    const auto function = must(machine.instance().func<void()>("empty"));
    for (auto _ : state)
        must(function());
}

void into_func(benchmark::State& state) {
    Machine machine(empty);
    const Func function = must(machine.instance().func("empty"));
    for (auto _ : state)
        must(function.call());
}

void into_raw(benchmark::State& state) {
    Machine machine(empty);
    const Func function = must(machine.instance().func("empty"));
    std::uint64_t slots[1] = {};
    for (auto _ : state)
        must(function.call_raw(slots));
}

void into_instance_by_name(benchmark::State& state) {
    Runtime runtime;
    const ModuleId module = must(runtime.compile(must(parse_wat(empty))));
    const InstanceRef instance = must(runtime.instantiate(module));
    for (auto _ : state)
        must(instance.call("empty"));
}

void into_id_by_name(benchmark::State& state) {
    Runtime runtime;
    const ModuleId module = must(runtime.compile(must(parse_wat(empty))));
    const InstanceId instance = must(runtime.instantiate(module)).id();
    for (auto _ : state)
        must(runtime.call(instance, "empty"));
}

// Rounds of `body`, between definitions.
std::string loop_of(const std::string& definitions, const std::string& body) {
    return definitions + R"((func (export "run") (param $n i32) (loop $again )" + body +
           "(br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))";
}

// The loop itself, to be subtracted.
void empty_loop(benchmark::State& state) { measure(state, loop_of("", "")); }

void out_to_host(benchmark::State& state) {
    Imports imports;
    imports.func("host", "add", [](std::int32_t a, std::int32_t b) { return a + b; });
    measure(state,
            loop_of(R"((import "host" "add" (func $add (param i32 i32) (result i32))))",
                    "(drop (call $add (local.get $n) (i32.const 2)))"),
            imports);
}

void guest_to_guest(benchmark::State& state) { measure(state, loop_of("(func $f)", "(call $f)")); }

void guest_to_guest_by_table(benchmark::State& state) {
    measure(state, loop_of("(type $t (func)) (table funcref (elem $f)) (func $f)",
                           "(call_indirect (type $t) (i32.const 0))"));
}

BENCHMARK(into_typed);
BENCHMARK(into_func);
BENCHMARK(into_raw);
BENCHMARK(into_instance_by_name);
BENCHMARK(into_id_by_name);
BENCHMARK(empty_loop)->Unit(benchmark::kMillisecond);
BENCHMARK(out_to_host)->Unit(benchmark::kMillisecond);
BENCHMARK(guest_to_guest)->Unit(benchmark::kMillisecond);
BENCHMARK(guest_to_guest_by_table)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace waxwing::bench
