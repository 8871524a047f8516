// What making objects costs, and how long a collection stops the guest.
#include <benchmark/benchmark.h>

#include <string>

#include "machine.hpp"

namespace waxwing::bench {
namespace {

// A loop around one expression that leaves a reference.
std::string loop_of(const std::string& types, const std::string& make) {
    return types + R"((func (export "run") (param $n i32) (local $kept anyref)
        (loop $again
          (local.set $kept )" +
           make + R"()
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))";
}

std::string repeat(const char* text, int count) {
    std::string result;
    while (count-- > 0)
        result += text;
    return result;
}

// The loop itself, to be subtracted.
void nothing(benchmark::State& state) { measure(state, loop_of("", "(ref.i31 (i32.const 1))")); }

void new_struct(benchmark::State& state) {
    const int fields = static_cast<int>(state.range(0)) / 8 - 1;
    measure(state, loop_of("(type $t (struct (field " + repeat("i64 ", fields) + ")))",
                           "(struct.new $t " + repeat("(i64.const 7)", fields) + ")"));
}

void new_struct_default(benchmark::State& state) {
    const int fields = static_cast<int>(state.range(0)) / 8 - 1;
    measure(state, loop_of("(type $t (struct (field " + repeat("i64 ", fields) + ")))",
                           "(struct.new_default $t)"));
}

void new_array(benchmark::State& state) {
    measure(state, loop_of("(type $t (array i8))", "(array.new_default $t (i32.const " +
                                                       std::to_string(state.range(0)) + "))"));
}

// Keeps objects alive, the words of 24 bytes each.
constexpr const char* shapes = R"((module
  (type $node (struct (field $left (mut (ref null $node))) (field $right (ref null $node))))
  (type $nodes (array (mut (ref null $node))))
  (global $kept (mut (ref null any)) (ref.null none))
  (func (export "list") (param $n i32) (local $head (ref null $node))
    (loop $again
      (local.set $head (struct.new $node (local.get $head) (ref.null $node)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.set $kept (local.get $head)))
  (func $tree (param $n i32) (result (ref null $node))
    (if (result (ref null $node)) (i32.eqz (local.get $n))
      (then (ref.null $node))
      (else (struct.new $node
        (call $tree (i32.shr_u (i32.sub (local.get $n) (i32.const 1)) (i32.const 1)))
        (call $tree (i32.shr_u (local.get $n) (i32.const 1)))))))
  (func (export "tree") (param $n i32)
    (global.set $kept (call $tree (local.get $n))))
  (func $array (export "array") (param $n i32) (local $all (ref $nodes))
    (local.set $all (array.new_default $nodes (local.get $n)))
    (global.set $kept (local.get $all))
    (loop $again
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (array.set $nodes (local.get $all) (local.get $n) (struct.new_default $node))
      (br_if $again (local.get $n))))
  ;; A list through all of the array's nodes, in no order.
  (func (export "shuffled") (param $n i32)
    (local $all (ref $nodes)) (local $i i32) (local $j i32) (local $node (ref null $node))
    (local $random i32)
    (call $array (local.get $n))
    (local.set $all (ref.cast (ref $nodes) (global.get $kept)))
    (local.set $i (local.get $n))
    (loop $again
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $random (i32.add (i32.mul (local.get $random) (i32.const 1664525))
                                  (i32.const 1013904223)))
      (local.set $j (i32.rem_u (i32.shr_u (local.get $random) (i32.const 3)) (local.get $n)))
      (local.set $node (array.get $nodes (local.get $all) (local.get $i)))
      (array.set $nodes (local.get $all) (local.get $i)
        (array.get $nodes (local.get $all) (local.get $j)))
      (array.set $nodes (local.get $all) (local.get $j) (local.get $node))
      (br_if $again (local.get $i)))
    (local.set $node (ref.null $node))
    (loop $again
      (struct.set $node $left (array.get $nodes (local.get $all) (local.get $i)) (local.get $node))
      (local.set $node (array.get $nodes (local.get $all) (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                              (local.get $n))))
    (global.set $kept (local.get $node))))
)";

// A full collection, while `count` objects live.
void collect(benchmark::State& state, const char* shape) {
    const auto count = static_cast<std::int32_t>(state.range(0));
    Machine machine(shapes);
    run(machine.function(shape), count);
    for (auto _ : state)
        machine.store().collect_garbage();
    state.counters["each"] = benchmark::Counter(
        count, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.counters["MB"] = static_cast<double>(machine.store().heap_use().live_bytes) / 1e6;
}

constexpr auto unit = benchmark::kMillisecond;
BENCHMARK(nothing)->Unit(unit);
BENCHMARK(new_struct)->Arg(16)->Arg(32)->Arg(64)->Unit(unit);
BENCHMARK(new_struct_default)->Arg(16)->Arg(32)->Arg(64)->Unit(unit);
BENCHMARK(new_array)->Arg(0)->Arg(16)->Arg(100)->Arg(10'000)->Unit(unit);
BENCHMARK_CAPTURE(collect, list, "list")->Arg(10'000)->Arg(1'000'000)->Unit(unit);
BENCHMARK_CAPTURE(collect, tree, "tree")->Arg(10'000)->Arg(1'000'000)->Unit(unit);
BENCHMARK_CAPTURE(collect, array, "array")->Arg(10'000)->Arg(1'000'000)->Unit(unit);
BENCHMARK_CAPTURE(collect, shuffled, "shuffled")->Arg(10'000)->Arg(1'000'000)->Unit(unit);

}  // namespace
}  // namespace waxwing::bench
