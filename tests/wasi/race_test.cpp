// While a guest resolves paths, somebody exchanges a directory with a link that
// leads out, again and again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/stat.h>

#include <thread>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

class RaceTest : public PathTest {
protected:
    void SetUp() override {
        PathTest::SetUp();
        if (IsSkipped()) return;
        std::filesystem::create_directory(tree.root / "P/swap");
        tree.write("P/swap/inner", "inner");
        tree.link("../outdir", "P/out");
        before_ = tree.outside();
        const std::string swap = tree.path("P/swap"), out = tree.path("P/out");
        attacker_ = std::thread([this, swap, out] { exchange(swap, out); });
    }
    void stop() { stop_ = true; }
    void TearDown() override {
        stop();
        if (attacker_.joinable()) attacker_.join();
        if (!IsSkipped()) {
            EXPECT_EQ(tree.outside(), before_) << "something outside has changed";
        }
    }

    // Until the test ends.
    void exchange(const std::string& a, const std::string& b) const {
        while (!stop_)
            ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
    }
    // Calls again and again for a while.
    template <class Body>
    void hammer(Body body) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
        while (std::chrono::steady_clock::now() < end && !HasFailure())
            body();
    }

private:
    std::string before_;
    std::atomic<bool> stop_ = false;
    std::thread attacker_;
};

INSTANTIATE_PATH_TESTS(RaceTest);

TEST_P(RaceTest, nothing_outside_is_ever_opened) {
    Machine& m = machine();
    hammer([&] {
        EXPECT_NE(m.try_open("swap/secret2", {.base = 2}), Errno::success);
        EXPECT_NE(m.try_open("swap/../../secret.txt", {.base = 2}), Errno::success);
        for (const u32 lookup : {0u, 1u})
            for (const char* path : {"swap/", "swap"}) {
                if (m.try_open(path,
                               {.oflags = 2, .base = ~rights::writing.bits, .lookup = lookup}) !=
                    Errno::success)
                    continue;
                const u32 fd = m.get<u32>(m.out_at);
                EXPECT_EQ(m.try_open("secret2", {.base = 2, .dir = fd}), Errno::noent);
                EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
            }
        if (m.try_open("swap/../in.txt", {.base = 2}) == Errno::success) {
            const u32 fd = m.get<u32>(m.out_at);
            EXPECT_EQ(m.read(fd), "inside");
            EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
        }
    });
}

TEST_P(RaceTest, nothing_outside_is_ever_changed) {
    Machine& m = machine();
    hammer([&] {
        m.at("path_create_directory", "swap/mk");
        m.at("path_remove_directory", "swap/mk");
        m.at("path_unlink_file", "swap/victim2");
        m.symlink("x", "swap/s");
        m.at("path_unlink_file", "swap/s");
        m.times("swap/secret2", 1, true);
        m.times("swap/secret2", 1, false);
        EXPECT_NE(m.link("swap/secret2", "stolen"), Errno::success);
        EXPECT_NE(m.rename("swap/secret2", "stolen"), Errno::success);
        if (m.try_open("swap/x", {.oflags = 5}) == Errno::success) {
            EXPECT_EQ(m.call("fd_close", {m.get<u32>(m.out_at)}), Errno::success);
        }
        m.at("path_unlink_file", "swap/x");
    });
}

// Exchanges two names of the guest's own while the test runs.
class ExchangeTest : public RaceTest {
protected:
    void start(const char* a, const char* b) {
        second_ = std::thread([this, a = tree.path(a), b = tree.path(b)] { exchange(a, b); });
    }
    void TearDown() override {
        stop();
        if (second_.joinable()) second_.join();
        RaceTest::TearDown();
    }

private:
    std::thread second_;
};
INSTANTIATE_PATH_TESTS(ExchangeTest);

TEST_P(ExchangeTest, a_link_that_is_followed_is_never_what_is_found) {
    tree.link("in.txt", "P/link");
    tree.write("P/file", "");
    start("P/link", "P/file");
    Machine& m = machine();
    hammer([&] {
        ASSERT_EQ(m.stat("link", true), Errno::success);
        EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::regular_file);
    });
}

TEST_P(ExchangeTest, a_slash_renames_nothing_but_a_directory) {
    tree.write("P/file", "");
    std::filesystem::create_directory(tree.root / "P/dir");
    start("P/file", "P/dir");
    Machine& m = machine();
    hammer([&] {
        if (m.rename("file/", "moved") != Errno::success) return;
        ASSERT_EQ(m.stat("moved", false), Errno::success);
        EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::directory);
        m.rename("moved", "file");
        m.rename("moved", "dir");
    });
}

TEST_P(ExchangeTest, a_fifo_in_the_place_of_a_file_holds_nobody_up) {
    tree.write("P/file", "");
    ASSERT_EQ(::mkfifo(tree.path("P/fifo").c_str(), 0600), 0);
    start("P/file", "P/fifo");
    Machine& m = machine();
    hammer([&] {
        for (const u64 base : {0x02, 0x40, 0x42}) {
            const Errno code = m.try_open("file", {.base = base});
            ASSERT_TRUE(code == Errno::success || code == Errno::nxio) << to_string(code);
            if (code == Errno::success) m.call("fd_close", {m.get<u32>(m.out_at)});
        }
    });
}

TEST_P(ExchangeTest, a_file_that_shrinks_while_it_is_read_is_a_short_read) {
    const std::string path = tree.path("P/file");
    std::ofstream(path) << std::string(65536, 'x');
    Machine& m = machine();
    const u32 fd = m.open("file", {});
    m.put(m.iov_at, Iovec{0x10000, 65536});
    std::atomic<bool> stop = false;
    std::thread shrinker([&] {
        while (!stop) {
            EXPECT_EQ(::truncate(path.c_str(), 0), 0);
            EXPECT_EQ(::truncate(path.c_str(), 65536), 0);
        }
    });
    hammer([&] {
        ASSERT_EQ(m.call("fd_pread", {fd, m.iov_at, 1, 0, m.out_at}), Errno::success);
        EXPECT_LE(m.get<u32>(m.out_at), 65536u);
    });
    stop = true;
    shrinker.join();
}

}  // namespace
}  // namespace waxwing::wasi
