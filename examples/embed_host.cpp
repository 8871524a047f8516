// A guest that calls the host, runs out of fuel, and is stopped when it is late.
#include <waxwing/runtime.hpp>
#include <waxwing/text.hpp>

#include <chrono>
#include <cstdio>

namespace {

constexpr const char* guest = R"((module
  (import "env" "log" (func $log (param i32)))
  (func (export "count") (param $to i32)
    (local $i i32)
    (loop $next
      (call $log (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $to)))))
  (func (export "spin") (loop br 0))))";

int report(const waxwing::Error& error) {
    std::fprintf(stderr, "%s\n", error.format().c_str());
    return 1;
}

}  // namespace

int main() {
    waxwing::Runtime runtime;
    runtime.func("env", "log", [](int value) { std::printf("guest says %d\n", value); });

    auto bytes = waxwing::parse_wat(guest);
    if (!bytes) return report(bytes.error());
    auto module = runtime.compile(*bytes);
    if (!module) return report(module.error());
    auto instance = runtime.instantiate(*module);
    if (!instance) return report(instance.error());
    if (auto done = instance->call("count", 3); !done) return report(done.error());

    auto spent = instance->call("spin", {}, {.fuel = 1'000'000});
    std::printf("%d: %s\n", static_cast<int>(spent.error().code()),
                std::string(spent.error().message()).c_str());

    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    auto late = instance->call("spin", {}, {.deadline = soon});
    std::printf("%d: %s\n", static_cast<int>(late.error().code()),
                std::string(late.error().message()).c_str());
    return 0;
}
