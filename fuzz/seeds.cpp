// Makes inputs to begin with of the specification's tests (WASM_TESTSUITE):
//
//   fuzz_seeds FOLDER
//
// FOLDER/binary gets the modules, FOLDER/text their texts, and FOLDER/words the
// keywords of the text format, as a dictionary.
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
    std::ofstream(file, std::ios::binary) << content;
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
        if (module.bytes.size() > most_bytes) continue;
        const std::string name = std::to_string(number++);
        write(folder / "binary" / name,
              {reinterpret_cast<const char*>(module.bytes.data()), module.bytes.size()});
        if (const auto text = print_wat(module.bytes, {.fold = number % 2 == 0}))
            if (text->size() <= most_bytes) write(folder / "text" / name, *text);
    }
    std::string words;
    for (usize i = 0; i < opcode_count; ++i)
        words += '"' + std::string(info(static_cast<Opcode>(i)).name) + "\"\n";
    write(folder / "words", words);
    std::printf("%u modules\n", number);
}
