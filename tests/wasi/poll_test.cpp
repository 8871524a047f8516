// poll_oneoff.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "poll.hpp"

namespace waxwing::wasi {
namespace {

TEST(Poll, of_nothing_is_invalid) {
    Poll poll;
    EXPECT_EQ(poll.run(), Errno::inval);
    EXPECT_EQ(poll.m.call("poll_oneoff", {in_at, events_at, 1u << 28, 0x100}), Errno::inval);
    EXPECT_TRUE(poll.m.traps("poll_oneoff", {Machine::size - 47, events_at, 1, 0x100}));
    EXPECT_TRUE(poll.m.traps("poll_oneoff", {in_at, Machine::size - 31, 1, 0x100}));
    EXPECT_TRUE(poll.m.traps("poll_oneoff", {in_at, events_at, 4096, Machine::size}));
    EXPECT_TRUE(poll.m.traps("poll_oneoff", {Machine::size - 48 * 4, events_at, 5, 0x100}));
}

TEST(Poll, a_relative_clock_is_never_early) {
    for (const u32 id : {0u, 1u}) {
        Poll poll;
        ASSERT_EQ(poll.clock(7, id, 30'000'000).run(), Errno::success);
        ASSERT_EQ(poll.events.size(), 1u);
        EXPECT_EQ(poll.events[0].userdata, 7u);
        EXPECT_EQ(poll.events[0].type, EventType::clock);
        EXPECT_EQ(poll.events[0].error, Errno::success);
        EXPECT_GE(poll.elapsed, std::chrono::milliseconds(30));
        EXPECT_LT(poll.elapsed, std::chrono::milliseconds(300));
    }
}

TEST(Poll, an_absolute_clock_waits_for_its_time_and_the_past_is_now) {
    Poll poll;
    for (const u32 id : {0u, 1u}) {
        ASSERT_EQ(poll.m.call("clock_time_get", {id, 0, 0x100}), Errno::success);
        const u64 now = poll.m.get<u64>(0x100);
        ASSERT_EQ(poll.clock(1, id, now + 20'000'000, 1).run(), Errno::success);
        EXPECT_GE(poll.elapsed, std::chrono::milliseconds(15));
        ASSERT_EQ(poll.m.call("clock_time_get", {id, 0, 0x100}), Errno::success);
        EXPECT_GE(poll.m.get<u64>(0x100), now + 20'000'000);
        ASSERT_EQ(poll.clock(1, id, 1, 1).run(), Errno::success);
        EXPECT_LT(poll.elapsed, std::chrono::milliseconds(10));
    }
}

TEST(Poll, only_the_clock_that_is_due_fires) {
    Poll poll;
    ASSERT_EQ(poll.clock(1, 1, ~0ull).clock(2, 1, 1'000'000).clock(3, 0, ~0ull - 1).run(),
              Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);
}

TEST(Poll, a_clock_that_nobody_can_wait_for_is_an_error_of_its_event) {
    Poll poll;
    ASSERT_EQ(poll.clock(1, 2, 0).clock(2, 9, 0).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 2u);
    EXPECT_EQ(poll.events[0].error, Errno::notsup);
    EXPECT_EQ(poll.events[1].error, Errno::inval);
    EXPECT_EQ(poll.clock(1, 1, 0, 2).run(), Errno::inval);
    EXPECT_EQ(poll.add({.tag = 3}).run(), Errno::inval);
}

TEST(Poll, streams_without_a_descriptor_and_files_are_always_ready) {
    const Tree tree;
    WasiConfig config = config_for(tree);
    config.stdin_stream = Stream::buffer(std::make_shared<std::string>("12345"));
    Poll poll(config);
    const u32 fd = poll.m.open("in.txt", {});
    ASSERT_EQ(poll.m.read(fd, 2), "in");
    ASSERT_EQ(poll.readable(1, 0)
                  .writable(2, 1)
                  .writable(3, 2)
                  .readable(4, fd)
                  .writable(5, fd)
                  .clock(6, 1, 1'000'000'000)
                  .run(),
              Errno::success);
    ASSERT_EQ(poll.events.size(), 5u);
    EXPECT_EQ(poll.events[0].nbytes, 5u);
    EXPECT_EQ(poll.events[1].type, EventType::fd_write);
    EXPECT_EQ(poll.events[3].nbytes, 4u);
    EXPECT_EQ(poll.events[3].userdata, 4u);
    EXPECT_LT(poll.elapsed, std::chrono::milliseconds(100));
}

TEST(Poll, a_descriptor_that_is_not_open_for_that_fails_the_call) {
    const Tree tree;
    Poll poll(config_for(tree));
    EXPECT_EQ(poll.clock(1, 1, 0).readable(2, 99).run(), Errno::badf);
    EXPECT_EQ(poll.readable(2, 1).run(), Errno::badf);
    EXPECT_EQ(poll.writable(2, 0).run(), Errno::badf);
    EXPECT_EQ(poll.readable(2, 3).run(), Errno::badf);
    const u32 fd = poll.m.open("in.txt", {.base = 2});
    EXPECT_EQ(poll.readable(2, fd).run(), Errno::notcapable);
}

TEST(Poll, a_pipe_is_ready_when_there_is_something_or_nobody_left) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(ends[0]);
    Poll poll(config);
    ASSERT_EQ(poll.readable(1, 0).clock(2, 1, 20'000'000).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);

    std::thread writer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        EXPECT_EQ(::write(ends[1], "abc", 3), 3);
    });
    ASSERT_EQ(poll.readable(1, 0).clock(2, 1, 5'000'000'000).run(), Errno::success);
    writer.join();
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 1u);
    EXPECT_EQ(poll.events[0].nbytes, 3u);
    EXPECT_FALSE(poll.events[0].flags.has(Eventrwflag::hangup));
    EXPECT_LT(poll.elapsed, std::chrono::seconds(1));

    ::close(ends[1]);
    EXPECT_EQ(poll.m.read(0), "abc");
    ASSERT_EQ(poll.readable(1, 0).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_TRUE(poll.events[0].flags.has(Eventrwflag::hangup));
    ::close(ends[0]);
}

TEST(Poll, gives_way_when_the_guest_is_to_stop) {
    Poll poll;
    poll.clock(1, 1, ~0ull);
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        poll.m.engine.stop = true;
    });
    const auto start = steady_clock::now();
    const auto outcome = poll.m.try_call("poll_oneoff", {in_at, events_at, 1, 0x100});
    stopper.join();
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->kind(), ErrorKind::interrupted);
    EXPECT_LT(steady_clock::now() - start, std::chrono::milliseconds(150));
}

TEST(Poll, events_may_lie_over_the_subscriptions) {
    Poll poll;
    poll.clock(1, 1, 0).clock(2, 1, 0);
    ASSERT_EQ(poll.m.call("poll_oneoff", {in_at, in_at, 2, 0x100}), Errno::success);
    EXPECT_EQ(poll.m.get<u32>(0x100), 2u);
    EXPECT_EQ(poll.m.get<Event>(in_at).userdata, 1u);
    EXPECT_EQ(poll.m.get<Event>(in_at + 32).userdata, 2u);
}

// Runs `poll` while the process may open no more than `most` descriptors.
Errno run_with_descriptors(Poll& poll, rlim_t most) {
    rlimit before{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{most, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    const Errno code = poll.run();
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    return code;
}

// The kernel takes no more descriptors at a time than the process may open, and
// the guest can repeat one as often as it likes.
TEST(Poll, one_descriptor_may_be_waited_for_more_often_than_the_process_may_open_any) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const OwnedFd reader(ends[0]), writer(ends[1]);
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(reader.get());
    config.stdout_stream = Stream::descriptor(writer.get());
    config.stderr_stream = Stream::descriptor(writer.get());
    Poll poll(config);
    for (u64 i = 0; i < 100; ++i)
        poll.writable(i, 1 + i % 2).readable(1000 + i, 0);
    ASSERT_EQ(run_with_descriptors(poll, 64), Errno::success);
    ASSERT_EQ(poll.events.size(), 100u) << "nobody has written";
    for (u64 i = 0; i < 100; ++i) {
        EXPECT_EQ(poll.events[i].userdata, i);
        EXPECT_EQ(poll.events[i].type, EventType::fd_write);
    }
}

// Where the process has given its descriptors up meanwhile.
TEST(Poll, descriptors_that_the_kernel_does_not_take_are_an_error) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const OwnedFd reader(ends[0]), writer(ends[1]);
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(reader.get());
    config.stdout_stream = Stream::descriptor(writer.get());
    Poll poll(config);
    poll.readable(1, 0).writable(2, 1);
    EXPECT_EQ(run_with_descriptors(poll, 1), Errno::inval);
}

TEST(Poll, a_thousand_short_sleeps_are_quick) {
    Poll poll;
    const auto start = steady_clock::now();
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(poll.clock(1, 1, 1).run(), Errno::success);
    EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace waxwing::wasi
