// Every module of the specification's tests, printed and parsed again. Set
// WASM_TESTSUITE to their folder; without it these tests are skipped.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "text/script.hpp"
#include "waxwing/module.hpp"

namespace waxwing {
namespace {

namespace fs = std::filesystem;
using Kind = text::Command::Kind;
using Contents = std::vector<std::byte>;

struct Sample {
    std::string where;
    bool is_text = false;  // else given as bytes
    Contents bytes;
};

void collect(const fs::path& path, std::set<Contents>& seen, std::vector<Sample>& samples) {
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
        const auto encoded = text::encode(*command.module, options);
        ASSERT_TRUE(encoded) << path << ":" << command.line;
        const auto* const data = reinterpret_cast<const std::byte*>(encoded->data());
        Contents bytes(data, data + encoded->size());
        if (!seen.insert(bytes).second) continue;
        samples.push_back({path.filename().string() + ":" + std::to_string(command.line),
                           command.module->kind != text::ScriptModule::Kind::binary,
                           std::move(bytes)});
    }
}

const std::vector<Sample>& samples() {
    static const std::vector<Sample> all = [] {
        std::vector<Sample> found;
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

class PrintedSuite : public testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        if (!std::getenv("WASM_TESTSUITE")) GTEST_SKIP() << "WASM_TESTSUITE is not set";
        ASSERT_GT(samples().size(), 3500u);
    }
};

TEST_P(PrintedSuite, is_parsed_to_the_same_bytes) {
    const PrintOptions options{.fold = GetParam(), .offsets = GetParam()};
    const PrintOptions plain{.annotations = false};
    usize same = 0, other = 0, refused = 0;
    for (const Sample& sample : samples()) {
        const auto printed = print_wat(sample.bytes, options);
        if (!printed) {
            // Invalid, and only found to be so in binary form.
            EXPECT_FALSE(Module::validate(sample.bytes, Features::all())) << sample.where;
            ++refused;
            continue;
        }
        const auto parsed = parse_wat(*printed);
        ASSERT_TRUE(parsed) << sample.where << ": " << parsed.error().message() << "\n" << *printed;
        if (*parsed == sample.bytes) {
            ++same;
            continue;
        }
        // Bytes that nobody would write on purpose become those that everybody writes.
        EXPECT_FALSE(sample.is_text) << sample.where << "\n" << *printed;
        EXPECT_EQ(*print_wat(*parsed, plain), *print_wat(sample.bytes, plain)) << sample.where;
        const auto again = print_wat(*parsed, options);
        ASSERT_TRUE(again) << sample.where;
        EXPECT_EQ(parse_wat(*again).value(), *parsed) << sample.where;
        ++other;
    }
    EXPECT_GT(same, 3500u);
    EXPECT_LT(other + refused, 60u);
}

INSTANTIATE_TEST_SUITE_P(, PrintedSuite, testing::Bool(),
                         [](const auto& param) { return param.param ? "folded" : "flat"; });

}  // namespace
}  // namespace waxwing
