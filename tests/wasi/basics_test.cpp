// args, environ, clock, random, proc, sock.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

TEST(Args, are_packed_with_their_nuls_and_no_null_pointer_at_the_end) {
    WasiConfig config;
    config.argv0 = "tool";
    config.args = {"-v", "", "last one"};
    Machine m(config);
    ASSERT_EQ(m.call("args_sizes_get", {0x100, 0x104}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 4u);
    EXPECT_EQ(m.get<u32>(0x104), 5u + 3 + 1 + 9);
    ASSERT_EQ(m.call("args_get", {0x200, 0x300}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x200), 0x300u);
    EXPECT_EQ(m.get<u32>(0x204), 0x305u);
    EXPECT_EQ(m.get<u32>(0x208), 0x308u);
    EXPECT_EQ(m.get<u32>(0x20C), 0x309u);
    EXPECT_EQ(m.text(0x210, 4), "????");
    EXPECT_EQ(m.text(0x300, 19), std::string("tool\0-v\0\0last one\0?", 19));
}

TEST(Args, none_are_none) {
    Machine m({});
    ASSERT_EQ(m.call("args_sizes_get", {0x100, 0x104}), Errno::success);
    EXPECT_EQ(m.get<u64>(0x100), 0u);
    EXPECT_EQ(m.call("args_get", {0x200, Machine::size}), Errno::success);
    EXPECT_EQ(m.text(0x200, 4), "????");
}

TEST(Args, out_of_memory_is_a_trap_and_nothing_is_written) {
    WasiConfig config;
    config.args = {"name", "value"};
    Machine m(config);
    EXPECT_TRUE(m.traps("args_get", {0x200, Machine::size - 10}));
    EXPECT_TRUE(m.traps("args_get", {Machine::size - 7, 0x200}));
    EXPECT_EQ(m.text(Machine::size - 16, 16), std::string(16, '?'));
    EXPECT_EQ(m.text(0x200, 16), std::string(16, '?'));
    EXPECT_EQ(m.call("args_get", {Machine::size - 8, 0x200}), Errno::success);
}

TEST(Args, an_out_pointer_that_does_not_fit_is_a_trap_and_the_other_is_not_written) {
    Machine m({});
    EXPECT_TRUE(m.traps("args_sizes_get", {0x100, Machine::size - 3}));
    EXPECT_TRUE(m.traps("args_sizes_get", {0xFFFFFFFF, 0x100}));
    EXPECT_EQ(m.text(0x100, 4), "????");
}

TEST(Environ, holds_what_was_given_and_nothing_of_the_host) {
    WasiConfig config;
    config.env = {{"HOME", "/"}, {"QUOTE", "a \"b\"\n=c"}, {"EMPTY", ""}};
    Machine m(config);
    ASSERT_EQ(m.call("environ_sizes_get", {0x100, 0x104}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 3u);
    ASSERT_EQ(m.call("environ_get", {0x200, 0x300}), Errno::success);
    const std::string expected("HOME=/\0QUOTE=a \"b\"\n=c\0EMPTY=\0?", 30);
    EXPECT_EQ(m.get<u32>(0x104), expected.size() - 1);
    EXPECT_EQ(m.text(0x300, 30), expected);
    EXPECT_EQ(m.get<u32>(0x208), 0x300u + 22);
}

TEST(Clock, all_four_run_and_have_a_resolution) {
    Machine m({});
    for (u64 id = 0; id < 4; ++id) {
        ASSERT_EQ(m.call("clock_res_get", {id, 0x100}), Errno::success) << id;
        EXPECT_GT(m.get<u64>(0x100), 0u);
        ASSERT_EQ(m.call("clock_time_get", {id, 1, 0x108}), Errno::success) << id;
        EXPECT_GT(m.get<u64>(0x108), 0u);
    }
    EXPECT_EQ(m.call("clock_res_get", {4, 0x200}), Errno::inval);
    EXPECT_EQ(m.call("clock_time_get", {0xFFFFFFFF, 0, 0x200}), Errno::inval);
    EXPECT_EQ(m.text(0x200, 8), "????????");
}

TEST(Clock, realtime_is_now_and_monotonic_never_goes_back) {
    Machine m({});
    ASSERT_EQ(m.call("clock_time_get", {0, 0, 0x100}), Errno::success);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const double seconds = std::chrono::duration<double>(now).count();
    EXPECT_NEAR(static_cast<double>(m.get<u64>(0x100)) / 1e9, seconds, 5);
    u64 last = 0;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(m.call("clock_time_get", {1, 0, 0x100}), Errno::success);
        ASSERT_GE(m.get<u64>(0x100), last);
        last = m.get<u64>(0x100);
    }
}

TEST(Random, fills_all_of_the_buffer_and_nothing_else) {
    Machine m({});
    m.put_text(0x1000, std::string(1000, '\0'));
    ASSERT_EQ(m.call("random_get", {0x1000, 1000}), Errno::success);
    EXPECT_EQ(m.text(0xFFF, 1), "?");
    EXPECT_EQ(m.text(0x1000 + 1000, 1), "?");
    EXPECT_NE(m.text(0x1000, 16), m.text(0x1010, 16));
    EXPECT_NE(m.text(0x1000 + 984, 16), std::string(16, '\0'));
    EXPECT_EQ(m.call("random_get", {0x100, 0}), Errno::success);
    EXPECT_EQ(m.text(0x100, 1), "?");
}

TEST(Random, a_buffer_that_ends_outside_is_a_trap_and_its_beginning_is_not_written) {
    Machine m({});
    EXPECT_TRUE(m.traps("random_get", {Machine::size - 8, 16}));
    EXPECT_TRUE(m.traps("random_get", {0x100, 0xFFFFFF00}));
    EXPECT_EQ(m.text(Machine::size - 8, 8), "????????");
    EXPECT_EQ(m.text(0x100, 8), "????????");
}

TEST(Proc, exit_ends_the_call_with_its_status) {
    Machine m({});
    const auto outcome = m.try_call("proc_exit", {33});
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->kind(), ErrorKind::exit);
    EXPECT_EQ(outcome.error->exit_status(), 33);
    EXPECT_EQ(m.try_call("proc_exit", {0}).error->exit_status(), 0);
}

TEST(Proc, raise_is_not_there_and_yield_is) {
    Machine m({});
    EXPECT_EQ(m.call("proc_raise", {15}), Errno::nosys);
    EXPECT_EQ(m.call("proc_raise", {31}), Errno::inval);
    EXPECT_EQ(m.call("sched_yield", {}), Errno::success);
}

TEST(Sock, a_descriptor_is_not_open_or_not_a_socket) {
    Machine m({});
    EXPECT_EQ(m.call("sock_shutdown", {1, 3}), Errno::notsock);
    EXPECT_EQ(m.call("sock_shutdown", {3, 3}), Errno::badf);
    EXPECT_EQ(m.call("sock_shutdown", {1, 0}), Errno::inval);
    EXPECT_EQ(m.call("sock_shutdown", {1, 4}), Errno::inval);
    EXPECT_EQ(m.call("sock_accept", {3, 0, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("sock_accept", {0, 4, 0x100}), Errno::notsock);
    EXPECT_EQ(m.call("sock_recv", {0, 0x200, 0, 0, 0x100, 0x104}), Errno::notsock);
    EXPECT_EQ(m.call("sock_send", {1, 0x200, 0, 0, 0x100}), Errno::notsock);
    EXPECT_EQ(m.call("sock_send", {1, 0x200, 0, 1, 0x100}), Errno::inval);
    EXPECT_EQ(m.text(0x100, 8), "????????");
}

}  // namespace
}  // namespace waxwing::wasi
