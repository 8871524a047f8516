// What is wrong with a configuration is said, by field.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

void expect_wrong(const WasiConfig& config, std::string_view words) {
    const auto context = make_context(config);
    ASSERT_FALSE(context.has_value()) << words;
    EXPECT_EQ(context.error().code(), Code::wasi);
    EXPECT_EQ(context.error().kind(), ErrorKind::usage);
    EXPECT_EQ(context.error().message(), "invalid WASI configuration: " + std::string(words));
}

TEST(Config, a_preopen_must_be_a_directory_of_the_host) {
    const Tree tree;
    WasiConfig config;
    config.preopens = {{"/", tree.preopen()}, {"/x", tree.path("nothing")}};
    expect_wrong(config,
                 "preopens[1].host: \"" + tree.path("nothing") + "\": No such file or directory");
    config.preopens[1].host = tree.path("secret.txt");
    expect_wrong(config, "preopens[1].host: \"" + tree.path("secret.txt") + "\": Not a directory");
    config.preopens[1].host = std::string("a\0b", 3);
    expect_wrong(config, "preopens[1].host: contains a NUL byte");
}

TEST(Config, files_in_memory_and_a_directory_of_the_host_are_two_things) {
    const Tree tree;
    WasiConfig config;
    config.preopens = {{.guest = "/", .host = tree.preopen(), .files = FileTree()}};
    expect_wrong(config, "preopens[0].host: there are files in memory, too");
    config.preopens = {{.guest = "/", .host = tree.preopen(), .overlay = true}};
    expect_wrong(config, "preopens[0].overlay: only files in memory can have one");
}

TEST(Config, the_guest_names_of_preopens_are_there_and_differ) {
    const Tree tree;
    WasiConfig config;
    config.preopens = {{"/a", tree.preopen()}, {"/a", tree.path("outdir")}};
    expect_wrong(config, "preopens[1].guest: \"/a\" is given twice");
    config.preopens[1].guest = "";
    expect_wrong(config, "preopens[1].guest: empty");
    config.preopens[1].guest = std::string("\0", 1);
    expect_wrong(config, "preopens[1].guest: contains a NUL byte");
    config.preopens[1].guest = "a/../b";
    expect_wrong(config, "preopens[1].guest: \"a/../b\" contains \"..\"");
}

TEST(Config, strings_hold_no_nul) {
    WasiConfig config;
    config.args = {"ok", std::string("a\0b", 3)};
    expect_wrong(config, "args[1]: contains a NUL byte");
    config.args.clear();
    config.argv0 = std::string("\0", 1);
    expect_wrong(config, "argv0: contains a NUL byte");
    config.argv0.reset();
    config.env = {{"A", "b"}, {"B", std::string("\0", 1)}};
    expect_wrong(config, "env[1]: contains a NUL byte");
    config.env[1] = {"B=", "c"};
    expect_wrong(config, "env[1]: name contains '='");
    config.env[1] = {"", "c"};
    expect_wrong(config, "env[1]: empty name");
}

TEST(Config, a_stream_must_be_usable) {
    const Tree tree;
    WasiConfig config;
    config.stdin_stream = Stream::file(tree.path("nothing"));
    expect_wrong(config,
                 "stdin_stream: \"" + tree.path("nothing") + "\": No such file or directory");
    config.stdin_stream = Stream::file(tree.preopen());
    expect_wrong(config, "stdin_stream: \"" + tree.preopen() + "\": is a directory");
    config.stdin_stream = Stream::callback([](std::string_view) {});
    expect_wrong(config, "stdin_stream: a callback cannot be read from");
    config.stdin_stream = Stream::null();
    config.stdout_stream = Stream::descriptor(-1);
    expect_wrong(config, "stdout_stream: descriptor -1 is not open");
    config.stdout_stream = Stream::null();
    config.stderr_stream = Stream::buffer(nullptr);
    expect_wrong(config, "stderr_stream: buffer is null");
    config.stderr_stream = Stream::callback({});
    expect_wrong(config, "stderr_stream: callback is empty");
    config.stderr_stream = Stream::source([](usize) { return std::string(); });
    expect_wrong(config, "stderr_stream: a source cannot be written to");
    config.stderr_stream = Stream::null();
    config.stdin_stream = Stream::source({});
    expect_wrong(config, "stdin_stream: callback is empty");
}

TEST(Config, a_listener_must_listen) {
    WasiConfig config;
    config.listeners = {Listener::tcp("127.0.0.1:0"), Listener::tcp("127.0.0.1")};
    expect_wrong(config, "listeners[1]: \"127.0.0.1\": expected HOST:PORT");
    for (const char* address :
         {"::1:80", "[]:80", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "x:-1", ""}) {
        config.listeners[1] = Listener::tcp(address);
        expect_wrong(config, "listeners[1]: \"" + std::string(address) + "\": expected HOST:PORT");
    }
    config.listeners[1] = Listener::tcp("example.org:80");  // no name is looked up
    EXPECT_FALSE(make_context(config).has_value());
    config.listeners[1] = Listener::tcp("192.0.2.1:80");  // a documentation address
    expect_wrong(config, "listeners[1]: \"192.0.2.1:80\": Cannot assign requested address");
    config.listeners[1] = Listener::descriptor(0);
    expect_wrong(config, "listeners[1]: descriptor 0 is no listening socket");
}

TEST(Config, limits_are_within_what_the_host_can_do) {
    WasiConfig config;
    config.limits.path_bytes = 4096;
    expect_wrong(config, "limits.path_bytes: more than 4095");
    config.limits = {};
    config.limits.iovecs = 1025;
    expect_wrong(config, "limits.iovecs: more than 1024");
    config.limits.iovecs = 0;
    expect_wrong(config, "limits.iovecs: none");
    config.limits = {};
    config.limits.descriptors = 2;
    expect_wrong(config, "stderr_stream: too many descriptors");
    config.limits = {};
    config.clock = Clock::callback({});
    expect_wrong(config, "clock: callback is empty");
}

TEST(Config, a_failed_one_leaves_no_descriptor_open) {
    const Tree tree;
    WasiConfig config = config_for(tree);
    config.stdin_stream = Stream::file(tree.path("secret.txt"));
    config.preopens.push_back({"/b", tree.path("nothing")});
    const usize before = open_descriptors();
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(make_context(config).has_value());
    EXPECT_EQ(open_descriptors(), before);
}

TEST(Config, preopens_are_numbered_from_3_in_their_order) {
    const Tree tree;
    WasiConfig config;
    config.preopens = {{"/b", tree.preopen()}, {"a", tree.path("outdir")}};
    Machine m(config);
    ASSERT_EQ(m.call("fd_prestat_dir_name", {3, 0x100, 2}), Errno::success);
    EXPECT_EQ(m.text(0x100, 2), "/b");
    ASSERT_EQ(m.call("fd_prestat_dir_name", {4, 0x100, 1}), Errno::success);
    EXPECT_EQ(m.text(0x100, 1), "a");
    EXPECT_EQ(m.call("fd_prestat_get", {5, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_prestat_get", {0, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_prestat_dir_name", {1, 0x100, 9}), Errno::badf);
}

}  // namespace
}  // namespace waxwing::wasi
