// The specification's tests as texts: every script parses, every module encodes
// or fails as expected. Set WASM_TESTSUITE to their folder; without it these
// tests are skipped.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "text/script.hpp"

namespace waxwing::text {
namespace {

namespace fs = std::filesystem;
using Kind = Command::Kind;

std::vector<fs::path> scripts() {
    std::vector<fs::path> paths;
    const char* const root = std::getenv("WASM_TESTSUITE");
    if (!root) return paths;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
        const std::string path = entry.path().string();
        // Neither is part of 3.0, nor among the proposals the parser knows.
        const bool foreign =
            path.find("/legacy/") != path.npos || path.find("/custom-descriptors/") != path.npos;
        if (entry.path().extension() == ".wast" && !foreign) paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    return paths;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class Suite : public testing::Test {
protected:
    void SetUp() override {
        if (!std::getenv("WASM_TESTSUITE")) GTEST_SKIP() << "WASM_TESTSUITE is not set";
        ASSERT_GT(scripts().size(), 200u);
    }

    // Calls check(command, options, where) for each command of each script.
    template <class Check>
    void for_each_command(Check check) {
        for (const fs::path& path : scripts()) {
            const std::string source = read(path);
            const auto script = parse_script(source);
            ASSERT_TRUE(script) << path << ": " << script.error().message();
            TextOptions options;
            options.annotations = path.string().find("/custom/") != std::string::npos;
            options.u32_limits = path.string().find("/threads/") != std::string::npos;
            for (const Command& command : script->commands)
                check(command, options, path.string() + ":" + std::to_string(command.line));
        }
    }
};

TEST_F(Suite, every_script_parses_and_holds_the_known_number_of_commands) {
    usize commands = 0, returns = 0;
    for_each_command([&](const Command& command, const TextOptions&, const std::string&) {
        ++commands;
        returns += command.kind == Kind::assert_return;
    });
    EXPECT_GE(commands, 66000u);
    EXPECT_GE(returns, 52900u);
}

TEST_F(Suite, every_malformed_text_fails_with_the_official_words) {
    usize count = 0;
    for_each_command([&](const Command& command, const TextOptions& options,
                         const std::string& where) {
        const bool malformed =
            command.kind == Kind::assert_malformed || command.kind == Kind::assert_malformed_custom;
        const bool invalid_custom = command.kind == Kind::assert_invalid_custom;
        if (!malformed && !invalid_custom) return;
        if (malformed && command.module->kind == ScriptModule::Kind::binary) return;
        ++count;
        const auto bytes = encode(*command.module, options);
        ASSERT_FALSE(bytes) << where << " should fail: " << command.text << "\n"
                            << command.module->payload;
        EXPECT_TRUE(bytes.error().message().starts_with(command.text))
            << where << ": \"" << bytes.error().message() << "\" for \"" << command.text << "\"\n"
            << command.module->payload;
        EXPECT_EQ(bytes.error().kind(), invalid_custom ? ErrorKind::invalid : ErrorKind::malformed)
            << where;
    });
    EXPECT_GE(count, 1270u);
}

TEST_F(Suite, every_other_text_module_encodes) {
    usize count = 0;
    for_each_command(
        [&](const Command& command, const TextOptions& options, const std::string& where) {
            if (!command.module || command.kind == Kind::assert_malformed ||
                command.kind == Kind::assert_malformed_custom ||
                command.kind == Kind::assert_invalid_custom)
                return;
            ++count;
            const auto bytes = encode(*command.module, options);
            EXPECT_TRUE(bytes) << where << ": " << bytes.error().message();
        });
    EXPECT_GE(count, 5000u);
}

}  // namespace
}  // namespace waxwing::text
