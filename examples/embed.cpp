// The example of README.md, as a whole program.
//
//   embed add.wasm
#include <waxwing/runtime.hpp>

#include <cstdio>

int report(const waxwing::Error& error) {
    std::fprintf(stderr, "%s\n", error.format().c_str());
    return 1;
}

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const char* file = argv[1];
    // README begin
    waxwing::Runtime runtime;
    auto module = runtime.compile_file(file);
    if (!module) return report(module.error());
    auto instance = runtime.instantiate(*module);
    if (!instance) return report(instance.error());
    auto sum = instance->call("add", 40, 2);
    if (!sum) return report(sum.error());
    std::printf("%d\n", sum->front().as_i32());
    // README end
    return runtime.drop_module(*module) ? 0 : 1;
}
