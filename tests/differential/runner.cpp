// Runs modules and says what they do (transcript.hpp): to be compared with what
// another engine makes of them.
//
//   diff_runner SUPPORT.wasm < list of files
//
// Each module runs three times, metered, plain, and with a collection at every
// allocation; if these differ, a line `mode NAME` begins the other transcript.
// What takes too long is `too long`, and then nothing is to be compared.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "transcript.hpp"
#include "waxwing/module.hpp"

namespace waxwing::differential {
namespace {

constexpr std::uint64_t most_fuel = 20'000'000;
constexpr std::uint64_t most_stress_fuel = 200'000;

std::string examine(const Module& module, const Module& support) {
    const StoreLimits limits{.max_total_bytes = std::uint64_t{1} << 40,
                             .max_memory_bytes = std::uint64_t{16} << 30};
    StoreLimits stressful = limits;
    stressful.collect_always = true;
    const Transcript metered = run(module, support, {.fuel = most_fuel, .limits = limits});
    if (!metered.complete) return "too long\n";
    std::string text = metered.text;
    const Transcript plain = run(module, support, {.limits = limits});
    if (plain.text != metered.text) text += "mode plain\n" + plain.text;
    const Transcript stress = run(module, support, {.fuel = most_stress_fuel, .limits = stressful});
    if (stress.complete && stress.text != metered.text) text += "mode stress\n" + stress.text;
    return text;
}

int serve(const char* support_file) {
    LoadOptions options;
    options.features = Features().with(Feature::threads);
    const auto support = Module::load_file(support_file, options);
    if (!support) {
        std::fprintf(stderr, "%s\n", support.error().format().c_str());
        return 2;
    }
    for (std::string file; std::getline(std::cin, file);) {
        std::printf("module %s\n", file.c_str());
        std::fflush(stdout);
        const auto module = Module::load_file(file, options);
        const std::string text = module ? examine(*module, *support)
                                        : "invalid " + std::string(module.error().message()) + '\n';
        std::fputs(text.c_str(), stdout);
        std::puts("end");
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace waxwing::differential

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: diff_runner SUPPORT.wasm < list of files\n", stderr);
        return 2;
    }
    return waxwing::differential::serve(arguments[1]);
}
