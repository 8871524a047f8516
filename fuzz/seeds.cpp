// Makes inputs to begin with of the specification's tests (WASM_TESTSUITE):
//
//   fuzz_seeds FOLDER
//
// FOLDER/binary gets the modules, FOLDER/text their texts, as they are and as we
// print them, and FOLDER/words the keywords of the text format, as a dictionary.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/opcode.hpp"
#include "suite_modules.hpp"
#include "waxwing/text.hpp"

namespace {

namespace fs = std::filesystem;
using namespace waxwing;

// Larger ones only slow the search down.
constexpr std::size_t most_bytes = 2000;

void write(const fs::path& file, std::string_view content) {
    if (content.size() <= most_bytes) std::ofstream(file, std::ios::binary) << content;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2 || !test::has_suite()) {
        std::fputs("usage: fuzz_seeds FOLDER, with WASM_TESTSUITE set\n", stderr);
        return 2;
    }
    const fs::path folder = arguments[1];
    fs::create_directories(folder / "binary");
    fs::create_directories(folder / "text");
    unsigned number = 0;
    for (const test::SuiteModule& module : test::suite_modules()) {
        const std::string name = std::to_string(number++);
        write(folder / "binary" / name,
              {reinterpret_cast<const char*>(module.bytes.data()), module.bytes.size()});
        if (const auto text = print_wat(module.bytes, {.fold = number % 2 == 0}))
            write(folder / "text" / (name + "-printed"), *text);
        if (module.is_text) write(folder / "text" / name, module.text);
    }
    std::string words;
    for (usize i = 0; i < opcode_count; ++i)
        words += '"' + std::string(info(static_cast<Opcode>(i)).name) + "\"\n";
    std::ofstream(folder / "words") << words;
    std::printf("%u modules\n", number);
}
