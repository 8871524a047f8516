#include "loading.hpp"

#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "machine.hpp"

namespace waxwing::bench {
namespace {

std::vector<std::byte> read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> text(std::istreambuf_iterator<char>(in), {});
    if (text.empty()) {
        std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
        std::exit(1);
    }
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

}  // namespace

void add_loading(const std::filesystem::path& file) {
    const auto bytes = std::make_shared<const std::vector<std::byte>>(read(file));
    const std::string name = file.filename().string();
    const auto add = [&](const char* what, auto load) {
        const std::string title = std::string(what) + "/" + name;
        benchmark::RegisterBenchmark(title.c_str(), [bytes, load](benchmark::State& state) {
            for (auto _ : state)
                load(*bytes);
            state.SetBytesProcessed(static_cast<std::int64_t>(bytes->size()) * state.iterations());
        })->Unit(benchmark::kMillisecond);
    };
    add("validate", [](const auto& module) { must(Module::validate(module)); });
    add("load", [](const auto& module) { must(Module::load(module)); });
    add("load_eagerly", [](const auto& module) { must(Module::load(module, {.eager = true})); });
}

}  // namespace waxwing::bench
