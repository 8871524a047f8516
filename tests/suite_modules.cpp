#include "suite_modules.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "text/script.hpp"

namespace waxwing::test {
namespace {

namespace fs = std::filesystem;
using Kind = text::Command::Kind;
using Contents = std::vector<std::byte>;

std::string text_of(const text::ScriptModule& module) {
    using enum text::ScriptModule::Kind;
    if (module.kind == quote) return module.payload;
    if (module.kind == binary) return {};
    return std::string(module.source.substr(module.begin, module.end - module.begin));
}

void collect(const fs::path& path, std::set<Contents>& seen, std::vector<SuiteModule>& modules) {
    std::ifstream file(path, std::ios::binary);
    const std::string source(std::istreambuf_iterator<char>(file), {});
    const auto script = text::parse_script(source);
    ASSERT_TRUE(script) << path;
    TextOptions options;
    options.annotations = path.parent_path().filename() == "custom";
    for (const text::Command& command : script->commands) {
        if (!command.module || command.kind == Kind::assert_malformed ||
            command.kind == Kind::assert_malformed_custom ||
            command.kind == Kind::assert_invalid_custom)
            continue;
        auto encoded = text::encode(*command.module, options);
        ASSERT_TRUE(encoded) << path << ":" << command.line;
        Contents bytes = *std::move(encoded);
        if (!seen.insert(bytes).second) continue;
        modules.push_back({path.filename().string() + ":" + std::to_string(command.line),
                           command.module->kind != text::ScriptModule::Kind::binary,
                           text_of(*command.module), std::move(bytes)});
    }
}

}  // namespace

bool has_suite() { return std::getenv("WASM_TESTSUITE") != nullptr; }

const std::vector<SuiteModule>& suite_modules() {
    static const std::vector<SuiteModule> all = [] {
        std::vector<SuiteModule> found;
        std::set<Contents> seen;
        for (const auto& entry : fs::recursive_directory_iterator(std::getenv("WASM_TESTSUITE"))) {
            const std::string path = entry.path().string();
            const bool foreign = path.find("/legacy/") != path.npos ||
                                 path.find("/custom-descriptors/") != path.npos;
            if (entry.path().extension() == ".wast" && !foreign) collect(entry.path(), seen, found);
        }
        return found;
    }();
    return all;
}

}  // namespace waxwing::test
