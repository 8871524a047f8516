// Programs in C, compiled for WASI, on files of the host and in memory. Where they
// are: the environment variable WASI_PROGRAMS.
#include <gtest/gtest.h>

#include "machine.hpp"
#include "waxwing/module.hpp"

namespace waxwing::wasi {
namespace {

struct Ended {
    int status = -1;
    std::string out, err;
};

Ended run(const std::string& program, WasiConfig config, std::string_view input = {}) {
    const auto out = std::make_shared<std::string>(), err = std::make_shared<std::string>();
    config.stdin_stream = Stream::buffer(std::make_shared<std::string>(input));
    config.stdout_stream = Stream::buffer(out);
    config.stderr_stream = Stream::buffer(err);
    config.argv0 = program;

    const char* folder = std::getenv("WASI_PROGRAMS");
    EXPECT_NE(folder, nullptr) << "run by meson test";
    std::ifstream file(std::filesystem::path(folder ? folder : ".") / (program + ".wasm"),
                       std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    const auto module = Module::load(std::as_bytes(std::span(bytes)));
    EXPECT_TRUE(module.has_value()) << module.error().message();
    Imports imports;
    EXPECT_TRUE(add_wasi(imports, config).has_value());
    Store store;
    auto instance = store.instantiate(*module, imports);
    EXPECT_TRUE(instance.has_value()) << instance.error().message();
    const auto result = instance->func("_start")->call();
    Ended ended{0, *out, *err};
    if (!result) {
        ended.status = result.error().exit_status().value_or(-1);
        if (ended.status == -1) ended.err += result.error().message();
    }
    return ended;
}

class ProgramTest : public StorageTest {
protected:
    // An empty directory, which is to be empty again afterwards.
    WasiConfig empty() {
        for (const char* name : {"P/in.txt", "P/sub/f", "P/sub"})
            std::filesystem::remove(tree.path(name));
        return config();
    }
    void expect_ok(const std::string& program, const WasiConfig& config) {
        const Ended ended = run(program, config);
        EXPECT_EQ(ended.status, 0) << ended.err;
        EXPECT_EQ(ended.out, program + ": ok\n");
        EXPECT_TRUE(std::filesystem::is_empty(tree.preopen()));
    }
};
INSTANTIATE_STORAGE_TESTS(ProgramTest);

TEST_P(ProgramTest, files_and_directories_are_as_the_c_library_expects) {
    for (const bool deterministic : {false, true}) {
        WasiConfig config = empty();
        config.deterministic = deterministic;
        expect_ok("files", config);
        expect_ok("directories", config);
    }
}

TEST_P(ProgramTest, opens_what_it_may) {
    const Tree other;
    WasiConfig config = empty();
    config.preopens.push_back({"/ro", other.preopen(), true});
    if (::access("/dev/null", W_OK) == 0 && ::access("/dev/full", W_OK) == 0) {
        config.preopens.push_back({"/dev", "/dev"});
        config.env = {{"DEVICES", "1"}};
    }
    expect_ok("opening", config);
    EXPECT_EQ(other.read("P/in.txt"), "inside");
}

TEST_P(ProgramTest, every_function_works_and_fails) {
    for (const bool with_quota : {false, true}) {
        WasiConfig config = empty();
        config.env = {{"A", "1"}};
        if (with_quota) config.preopens[0].max_bytes = 1000;
        expect_ok("functions", config);
    }
}

TEST(Program, has_arguments_environment_streams_clocks_and_a_status) {
    for (const bool deterministic : {false, true}) {
        WasiConfig config;
        config.deterministic = deterministic;
        config.args = {"one", "two words", ""};
        config.env = {{"A", "1"}, {"EMPTY", ""}};
        const Ended ended = run("process", config, "line\n");
        EXPECT_EQ(ended.status, 7) << ended.err;
        EXPECT_EQ(ended.out, "process: ok\n");
        EXPECT_EQ(ended.err, "to stderr\n");
    }
}

TEST(Program, that_is_deterministic_prints_the_same_over_two_directories_of_the_same_content) {
    const Tree one;
    std::filesystem::create_directory(one.path("P/sub/more"));  // other inodes from here on
    std::filesystem::remove(one.path("P/sub/more"));
    const Tree two;
    one.write("P/b", "");
    one.write("P/a", "");
    two.write("P/a", "");
    two.write("P/b", "");
    const auto observe = [](const Tree& tree, bool deterministic) {
        WasiConfig config = config_for(tree);
        config.deterministic = deterministic;
        const Ended ended = run("observe", config);
        EXPECT_EQ(ended.status, 0) << ended.err;
        return ended.out;
    };
    EXPECT_NE(observe(Tree(), false), observe(Tree(), false)) << "the test would not notice";
    const std::string first = observe(one, true);
    EXPECT_EQ(observe(two, true), first);
    EXPECT_NE(first.find(" a:2 b:3 in.txt:4 sub:5\n"), std::string::npos) << first;
}

}  // namespace
}  // namespace waxwing::wasi
