// What one guest may take: at each limit, and one beyond.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "poll.hpp"

namespace waxwing::wasi {
namespace {

class LimitsTest : public ::testing::Test {
protected:
    WasiConfig config() const { return config_for(tree); }
    Tree tree;
};

TEST_F(LimitsTest, are_those_that_are_documented) {
    const WasiLimits limits = WasiConfig().limits;
    EXPECT_EQ(limits.descriptors, 1024u);
    EXPECT_EQ(limits.path_bytes, 4095u);
    EXPECT_EQ(limits.iovecs, 1024u);
    EXPECT_EQ(limits.subscriptions, 4096u);
    EXPECT_EQ(limits.random_bytes, 64u << 20);
}

TEST_F(LimitsTest, descriptors) {
    WasiConfig config = this->config();
    config.limits.descriptors = 6;
    Machine m(config);
    const usize before = open_descriptors();
    EXPECT_EQ(m.open("in.txt", {.base = 2}), 4u);
    EXPECT_EQ(m.open("in.txt", {.base = 2}), 5u);
    EXPECT_EQ(m.try_open("in.txt", {.base = 2}), Errno::mfile);
    EXPECT_EQ(m.try_open("new", {.oflags = 1}), Errno::mfile);
    EXPECT_FALSE(tree.exists("P/new"));
    EXPECT_EQ(open_descriptors(), before + 2);
    ASSERT_EQ(m.call("fd_renumber", {5, 4}), Errno::success);
    EXPECT_EQ(m.open("in.txt", {.base = 2}), 5u);
}

TEST_F(LimitsTest, bytes_of_a_path) {
    WasiConfig config = this->config();
    config.limits.path_bytes = 10;
    Machine m(config);
    EXPECT_EQ(m.stat("././in.txt", true), Errno::success);
    EXPECT_EQ(m.stat("./././in.txt", true), Errno::nametoolong);
    EXPECT_EQ(m.symlink("0123456789", "l1"), Errno::success);
    EXPECT_EQ(m.symlink("0123456789a", "l2"), Errno::nametoolong);
    EXPECT_EQ(m.symlink("x", "0123456789a"), Errno::nametoolong);
    EXPECT_EQ(m.rename("in.txt", "0123456789a"), Errno::nametoolong);
    EXPECT_EQ(m.link("in.txt", "0123456789a"), Errno::nametoolong);
    EXPECT_TRUE(tree.exists("P/in.txt"));

    Machine standard(this->config());
    std::string path(4095, '/');
    path.replace(0, 2, "./");
    path.replace(4089, 6, "in.txt");
    EXPECT_EQ(standard.stat(path, true), Errno::success);
    EXPECT_EQ(standard.stat("." + path, true), Errno::nametoolong);
}

TEST_F(LimitsTest, buffers_of_a_transfer) {
    WasiConfig config = this->config();
    const auto out = std::make_shared<std::string>();
    config.stdout_stream = Stream::buffer(out);
    config.limits.iovecs = 3;
    Machine m(config);
    m.put_text(m.data_at, "abcd");
    for (u32 i = 0; i < 4; ++i)
        m.put(m.iov_at + i * 8, Iovec{m.data_at + i, 1});
    ASSERT_EQ(m.call("fd_write", {1, m.iov_at, 3, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 3u);
    ASSERT_EQ(m.call("fd_write", {1, m.iov_at, 4, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 3u);
    EXPECT_EQ(*out, "abcabc");
}

TEST_F(LimitsTest, subscriptions_of_a_poll) {
    WasiConfig config;
    config.limits.subscriptions = 2;
    Poll poll(config);
    EXPECT_EQ(poll.clock(1, 0, 0).clock(2, 0, 0).run(), Errno::success);
    EXPECT_EQ(poll.clock(1, 0, 0).clock(2, 0, 0).clock(3, 0, 0).run(), Errno::inval);

    Poll standard;
    for (u32 i = 0; i < 1024; ++i)
        standard.clock(i, 0, 0);
    EXPECT_EQ(standard.run(), Errno::success);
    EXPECT_EQ(standard.m.call("poll_oneoff", {0, 0, 4097, 0x100}), Errno::inval);
}

TEST_F(LimitsTest, random_bytes) {
    WasiConfig config;
    config.limits.random_bytes = 100;
    Machine m(config);
    EXPECT_EQ(m.call("random_get", {0x8000, 100}), Errno::success);
    m.clear();
    EXPECT_EQ(m.call("random_get", {0x8000, 101}), Errno::inval);
    EXPECT_EQ(m.text(0x8000, 2), "??");
}

sighandler_t handler_of(int signal) {
    struct sigaction action{};
    return ::sigaction(signal, nullptr, &action) == 0 ? action.sa_handler : SIG_ERR;
}

// What belongs to the whole process stays as it was, whatever the guest does.
TEST_F(LimitsTest, the_process_is_left_as_it_was) {
    const ::mode_t mask = ::umask(027);
    const std::string directory = std::filesystem::current_path().string();
    sigset_t blocked_before, blocked_after;
    ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_before), 0);
    // The sanitizers have handlers of their own: the same, not the default, is what counts.
    std::array<sighandler_t, 32> handlers_before{};
    for (int signal = 1; signal < 32; ++signal)
        handlers_before[static_cast<std::size_t>(signal)] = handler_of(signal);
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const OwnedFd writer(ends[1]);
    ::close(ends[0]);

    WasiConfig config = this->config();
    config.stdout_stream = Stream::descriptor(writer.get());
    Machine m(config);
    EXPECT_EQ(m.write(1, "nobody reads"), Errno::pipe);
    m.open("made", {.oflags = 1, .base = Rights(Right::fd_write).bits});
    EXPECT_EQ(m.at("path_create_directory", "sub/dir"), Errno::success);
    for (u32 signal = 0; signal < 31; ++signal)
        EXPECT_EQ(m.call("proc_raise", {signal}), Errno::nosys);

    EXPECT_EQ(::umask(mask), 027u);
    EXPECT_EQ(std::filesystem::current_path().string(), directory);
    ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_after), 0);
    for (int signal = 1; signal < 32; ++signal) {
        EXPECT_EQ(::sigismember(&blocked_before, signal), ::sigismember(&blocked_after, signal));
        EXPECT_EQ(handler_of(signal), handlers_before[static_cast<std::size_t>(signal)]) << signal;
    }
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
    struct stat status;
    ASSERT_EQ(::stat(tree.path("P/made").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);
}

}  // namespace
}  // namespace waxwing::wasi
