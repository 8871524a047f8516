// While a guest resolves paths, somebody exchanges a directory with a link that
// leads out, again and again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>

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
        attacker_ = std::thread([this, swap, out] {
            while (!stop_)
                ::renameat2(AT_FDCWD, swap.c_str(), AT_FDCWD, out.c_str(), RENAME_EXCHANGE);
        });
    }
    void TearDown() override {
        stop_ = true;
        if (attacker_.joinable()) attacker_.join();
        if (!IsSkipped()) {
            EXPECT_EQ(tree.outside(), before_) << "something outside has changed";
        }
    }

    // Calls again and again for a while.
    template <class Body>
    void hammer(Body body) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
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

}  // namespace
}  // namespace waxwing::wasi
