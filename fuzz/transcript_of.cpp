// What a module does in a small world, with little fuel. Compiled twice: see execute.cpp.
#include "../tests/differential/transcript.hpp"
#include "target.hpp"

namespace waxwing {

std::string transcript_of(std::span<const std::byte> bytes, bool collect_always);

std::string transcript_of(std::span<const std::byte> bytes, bool collect_always) {
    const auto module = Module::load(bytes, {.features = Features::all()});
    if (!module) return "invalid";
    differential::Options options{.fuel = 5'000, .vectors = true};
    options.limits.max_memory_bytes = 16 << 20;
    options.limits.max_table_elements = 10'000;
    options.limits.max_stack_bytes = 64 << 10;
    options.limits.max_heap_bytes = 1 << 20;
    options.limits.collect_always = collect_always;
    const auto metered = differential::run(*module, options);
    if (metered.complete) {
        options.fuel.reset();
        const std::string plain = differential::run(*module, options).text;
        fuzz::insist(plain == metered.text, "enough fuel changes nothing",
                     metered.text + "---- without:\n" + plain);
    }
    return metered.text;
}

}  // namespace waxwing
