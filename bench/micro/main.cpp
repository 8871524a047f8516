// The program: all benchmarks of this folder. What follows the options are modules to load.
#include <benchmark/benchmark.h>

#include "loading.hpp"

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    for (int i = 1; i < argc; ++i)
        waxwing::bench::add_loading(argv[i]);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
