// A guest that is to be deterministic sees nothing that differs from run to run.
// That files of the host and in memory then are the same to the byte:
// memory_equals_host_test.cpp.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

WasiConfig steady(const Tree& tree) {
    WasiConfig config = config_for(tree);
    config.deterministic = true;
    return config;
}

// All that a program can learn from calls which it repeats often, as bytes.
std::string everything_seen(const WasiConfig& config) {
    Machine m(config);
    std::string seen;
    const auto see = [&](Errno code, u32 at, u32 length) {
        seen += to_string(code);
        seen += m.text(at, length);
    };
    const auto see_stat = [&](const char* path) { see(m.stat(path, false), m.out_at, 64); };
    for (int round = 0; round < 3; ++round) {
        for (u64 clock = 0; clock < 4; ++clock) {
            see(m.call("clock_time_get", {clock, 0, m.out_at}), m.out_at, 8);
            see(m.call("clock_res_get", {clock, m.out_at}), m.out_at, 8);
        }
        see(m.call("random_get", {m.data_at, 32}), m.data_at, 32);
        see(m.call("fd_readdir", {3, m.data_at, 4096, 0, m.out_at}), m.data_at, 4096);
        for (const char* path : {"in.txt", "sub", "sub/f", ".", "none", "sub/../in.txt"})
            see_stat(path);
        for (const u64 fd : {0, 1, 2, 3})
            see(m.call("fd_filestat_get", {fd, m.out_at}), m.out_at, 64);
        const u32 fd = m.open("new", {.oflags = creat});
        EXPECT_EQ(m.write(fd, "bytes"), Errno::success);
        see_stat("new");
        EXPECT_EQ(m.times("new", 77 + static_cast<u64>(round), true), Errno::success);
        see_stat("new");
        see(m.call("fd_filestat_set_times", {fd, 0, 0, 2 | 8}), m.out_at, 1);
        see(m.call("fd_filestat_get", {fd, m.out_at}), m.out_at, 64);
        EXPECT_EQ(m.link("new", "linked"), Errno::success);
        see_stat("linked");
        EXPECT_EQ(m.at("path_unlink_file", "new"), Errno::success);
        EXPECT_EQ(m.rename("linked", "in.txt"), Errno::success);
        see_stat("in.txt");
        EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
        m.put(0x4000, Subscription{.subject = 1, .timeout = 5'000'000});
        see(m.call("poll_oneoff", {0x4000, 0x5000, 1, m.out_at}), 0x5000, 32);
    }
    return seen;
}

TEST(Deterministic, two_directories_of_the_same_content_cannot_be_told_apart) {
    Tree one, two;
    for (int i = 0; i < 30; ++i) {
        one.write("P/" + std::to_string(i), "x");
        two.write("P/" + std::to_string(29 - i), "x");
    }
    const timespec old[] = {{1000, 1}, {2000, 2}};
    ASSERT_EQ(::utimensat(AT_FDCWD, two.path("P/in.txt").c_str(), old, 0), 0);
    const FileTree files = in_memory(two.preopen());
    WasiConfig memory = steady(two);
    memory.preopens[0].host.clear();
    memory.preopens[0].files = files;
    WasiConfig walking = steady(two);
    walking.force_path_walk = true;

    const std::string seen = everything_seen(steady(one));
    EXPECT_TRUE(seen == everything_seen(memory));
    EXPECT_TRUE(seen == everything_seen(walking));
    WasiConfig real = config_for(one);
    EXPECT_TRUE(everything_seen(real) != seen) << "the test would not notice";
}

TEST(Deterministic, names_are_sorted_and_numbers_are_counted) {
    const Tree tree;
    for (const char* name : {"P/z", "P/b", "P/a"})
        tree.write(name, "");
    Machine m(steady(tree));
    std::string names;
    std::vector<u64> numbers;
    ASSERT_EQ(m.call("fd_readdir", {3, 0x8000, 4096, 0, 0x100}), Errno::success);
    for (u32 at = 0x8000; at < 0x8000 + m.get<u32>(0x100);) {
        const auto entry = m.get<Dirent>(at);
        names += m.text(at + 24, entry.name_len) + " ";
        numbers.push_back(entry.ino);
        at += 24 + entry.name_len;
    }
    EXPECT_EQ(names, ". .. a b in.txt sub z ");
    EXPECT_EQ(numbers, (std::vector<u64>{1, 1, 2, 3, 4, 5, 6}));
    ASSERT_EQ(m.stat("b", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).ino, 3u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).dev, 1u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 946'684'800'000'000'000u);
    ASSERT_EQ(m.stat("sub", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).size, 0u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).nlink, 1u);
}

TEST(Deterministic, a_number_is_not_used_again_though_the_hosts_is) {
    const Tree tree;
    Machine m(steady(tree));
    const auto number = [&](const char* name) {
        EXPECT_EQ(m.stat(name, false), Errno::success);
        return m.get<Filestat>(m.out_at).ino;
    };
    u64 last = 0;
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(m.call("fd_close", {m.open("f", {.oflags = creat})}), Errno::success);
        const u64 now = number("f");
        EXPECT_GT(now, last);
        last = now;
        if (i % 2 == 0)
            EXPECT_EQ(m.at("path_unlink_file", "f"), Errno::success);
        else
            EXPECT_EQ(m.rename("f", "g"), Errno::success);
    }
    EXPECT_EQ(number("g"), last) << "it was renamed";
}

TEST(Deterministic, times_are_those_that_the_guest_has_set) {
    const Tree tree;
    Machine m(steady(tree));
    EXPECT_EQ(m.times("in.txt", 1'234'567'891, true), Errno::success);
    const u32 fd = m.open("in.txt", {});
    EXPECT_EQ(m.write(fd, "x"), Errno::success);
    ASSERT_EQ(m.call("fd_filestat_get", {fd, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 1'234'567'891u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).atim, 946'684'800'000'000'000u);
    // Now is the guest's, on the host too.
    ASSERT_EQ(m.call("fd_filestat_set_times", {fd, 0, 0, 8}), Errno::success);
    struct stat status;
    ASSERT_EQ(::stat(tree.path("P/in.txt").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, 946'684'800);
}

TEST(Deterministic, how_fast_a_pipe_is_does_not_show) {
    int in[2], out[2];
    ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    WasiConfig config;
    config.deterministic = true;
    config.stdin_stream = Stream::descriptor(in[0]);
    config.stdout_stream = Stream::descriptor(out[1]);
    Machine m(config);
    std::string received;
    std::thread slow([&] {
        for (const char* part : {"one", "two", "three"}) {
            EXPECT_GT(::write(in[1], part, std::strlen(part)), 0);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        ::close(in[1]);
        char buffer[1000];
        for (ssize_t count; (count = ::read(out[0], buffer, sizeof buffer)) > 0;)
            received.append(buffer, static_cast<usize>(count));
    });
    m.put(0x4000, Subscription{.tag = 1, .subject = 0});
    m.put(0x4000 + 48, Subscription{.subject = 1, .timeout = 1'000'000'000});
    ASSERT_EQ(m.call("poll_oneoff", {0x4000, 0x5000, 2, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 1u);
    EXPECT_EQ(m.get<Event>(0x5000).nbytes, 1u);
    EXPECT_EQ(m.read(0, 5), "onetw");
    ASSERT_EQ(m.call("fd_fdstat_set_flags", {0, 4}), Errno::success);
    EXPECT_EQ(m.read(0, 100), "othree");
    EXPECT_EQ(m.read(0, 100), "");

    std::string text;
    for (int i = 0; text.size() < 200'000; ++i)
        text += std::to_string(i);
    m.put_text(0x8000, text);
    m.put(m.iov_at, Iovec{0x8000, 70'001});
    m.put(m.iov_at + 8, Iovec{0x8000 + 70'001, static_cast<u32>(text.size()) - 70'001});
    ASSERT_EQ(m.call("fd_write", {1, m.iov_at, 2, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), text.size()) << "more than a pipe holds";
    ::close(out[1]);
    slow.join();
    EXPECT_TRUE(received == text);
    ::close(in[0]);
    ::close(out[0]);
}

// Each open directory has a listing: all of them together are limited.
TEST(Deterministic, listings_take_no_more_memory_than_all_of_them_may) {
    FileTree files(1 << 10);
    const std::string prefix(200, 'n');
    for (int i = 0; i < 20'000; ++i)
        ASSERT_TRUE(files.add_file(prefix + std::to_string(i), ""));
    WasiConfig config;
    config.deterministic = true;
    config.preopens.push_back({.guest = "/", .files = files});
    Machine m(config);
    std::vector<u32> listed;
    Errno code = Errno::success;
    while (listed.size() < 100) {
        const u32 fd = m.open(".", {.oflags = directory, .base = Rights(Right::fd_readdir).bits});
        code = m.call("fd_readdir", {fd, 0x8000, 100, 0, m.out_at});
        if (code != Errno::success) break;
        listed.push_back(fd);
    }
    EXPECT_EQ(code, Errno::nomem);
    EXPECT_GT(listed.size(), 10u);
    EXPECT_LT(listed.size(), 30u);
    // Going on does not take more, nor does starting again; closing gives back.
    EXPECT_EQ(m.call("fd_readdir", {listed[0], 0x8000, 100, 5, m.out_at}), Errno::success);
    EXPECT_EQ(m.call("fd_readdir", {listed[0], 0x8000, 100, 0, m.out_at}), Errno::success);
    EXPECT_EQ(m.call("fd_close", {listed[0]}), Errno::success);
    EXPECT_EQ(m.call("fd_readdir", {3, 0x8000, 100, 0, m.out_at}), Errno::success);
}

TEST(Deterministic, what_cannot_be_is_refused) {
    const auto why = [](const WasiConfig& config) {
        const auto made = make_context(config);
        return made ? std::string() : std::string(made.error().message());
    };
    WasiConfig config;
    config.deterministic = true;
    EXPECT_EQ(why(config), "");
    config.listeners = {Listener::tcp("127.0.0.1:0")};
    EXPECT_EQ(why(config),
              "invalid WASI configuration: listeners: a deterministic guest cannot have them");
    config.listeners.clear();
    config.limits.descriptors = 4'000'000'000;
    EXPECT_NE(why(config).find("limits.descriptors: the host allows no more than "),
              std::string::npos);
}

}  // namespace
}  // namespace waxwing::wasi
