// Hands files to a target, without libFuzzer:
//
//   replay_TARGET FILE-OR-FOLDER...
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "target.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(path))
        files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

}  // namespace

int main(int count, char** arguments) {
    int passed = 0, unreadable = 0;
    for (int i = 1; i < count; ++i) {
        for (const fs::path& file : files_in(arguments[i])) {
            std::fprintf(stderr, "%s\n", file.c_str());
            std::ifstream in(file, std::ios::binary);
            const std::string input(std::istreambuf_iterator<char>(in), {});
            if (!in) {
                ++unreadable;
                continue;
            }
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()),
                                   input.size());
            ++passed;
        }
    }
    std::printf("%d passed, %d failed\n", passed, unreadable);
    return unreadable != 0 || passed == 0;
}
