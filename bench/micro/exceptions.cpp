// What throwing costs, and what try_table and casts cost when nothing is thrown.
#include <benchmark/benchmark.h>

#include <string>

#include "machine.hpp"

namespace waxwing::bench {
namespace {

// Each round computes $x := $x + 1, or what `body` makes of it.
std::string loop_of(const std::string& definitions, const std::string& body) {
    return definitions + R"((func (export "run") (param $n i32) (local $x i32) (local $e exnref)
        (loop $again
          )" +
           body +
           R"(
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))";
}

constexpr const char* step = "(local.set $x (i32.add (local.get $x) (i32.const 1)))";
const std::string tag = "(tag $t (param i32))";

void plain(benchmark::State& state) { measure(state, loop_of("", step)); }

void try_without_throw(benchmark::State& state) {
    measure(state,
            loop_of(tag, std::string("(block $caught (result i32) (try_table (catch $t $caught) ") +
                             step + ") (i32.const 0)) drop"));
}

void throw_in_frame(benchmark::State& state) {
    measure(state, loop_of(tag, R"((local.set $x (block $caught (result i32)
        (try_table (catch $t $caught) (throw $t (local.get $x))) unreachable)))"));
}

// The functions $f0 to $fN, each of which calls the one before; $f0 throws.
std::string callers(std::int64_t count) {
    std::string text = tag + "(func $f0 (param i32) (throw $t (local.get 0)))";
    for (std::int64_t i = 1; i <= count; ++i)
        text += "(func $f" + std::to_string(i) + " (param i32) (call $f" + std::to_string(i - 1) +
                " (local.get 0)))";
    return text;
}

void throw_through_calls(benchmark::State& state) {
    const std::string outer = "$f" + std::to_string(state.range(0) - 1);
    measure(state, loop_of(callers(state.range(0) - 1),
                           "(local.set $x (block $caught (result i32) (try_table (catch $t "
                           "$caught) (call " +
                               outer + " (local.get $x))) unreachable))"));
}

void throw_ref(benchmark::State& state) {
    measure(state, loop_of(tag, R"((local.set $e (block $caught (result exnref)
        (try_table (catch_all_ref $caught)
          (throw_ref (block $inner (result exnref)
            (try_table (catch_all_ref $inner) (throw $t (local.get $x))) unreachable)))
        unreachable)))"));
}

const std::string family = R"((type $a (sub (struct (field i32))))
    (type $b (sub $a (struct (field i32)))) (type $c (sub $b (struct (field i32 i32))))
    (global $object (ref $a) (struct.new $c (i32.const 1) (i32.const 2))) )";

void without_cast(benchmark::State& state) {
    measure(state, loop_of(family, "(local.set $x (struct.get $a 0 (global.get $object)))"));
}
void with_cast(benchmark::State& state) {
    measure(state, loop_of(family, "(local.set $x (struct.get $b 0 (ref.cast (ref $b) "
                                   "(global.get $object))))"));
}

BENCHMARK(plain)->Unit(benchmark::kMillisecond);
BENCHMARK(try_without_throw)->Unit(benchmark::kMillisecond);
BENCHMARK(throw_in_frame)->Unit(benchmark::kMillisecond);
BENCHMARK(throw_through_calls)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(throw_ref)->Unit(benchmark::kMillisecond);
BENCHMARK(without_cast)->Unit(benchmark::kMillisecond);
BENCHMARK(with_cast)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace waxwing::bench
