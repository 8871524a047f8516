// Clocks and random bytes of the embedder's choice.
#include <gtest/gtest.h>

#include <thread>

#include "poll.hpp"

namespace waxwing::wasi {
namespace {

WasiConfig with(const Clock& clock) {
    WasiConfig config;
    config.clock = clock;
    return config;
}

u64 time_of(Machine& m, u32 id) {
    EXPECT_EQ(m.call("clock_time_get", {id, 0, 0x100}), Errno::success);
    return m.get<u64>(0x100);
}
u64 resolution_of(Machine& m, u32 id) {
    EXPECT_EQ(m.call("clock_res_get", {id, 0x100}), Errno::success);
    return m.get<u64>(0x100);
}

TEST(Clock, a_fixed_one_shows_one_time_and_nobody_sleeps) {
    Poll poll(with(Clock::fixed(12345)));
    for (u32 id = 0; id < 4; ++id) {
        EXPECT_EQ(time_of(poll.m, id), 12345u);
        EXPECT_EQ(resolution_of(poll.m, id), 1u);
    }
    ASSERT_EQ(poll.clock(1, 1, 3'600'000'000'000).clock(2, 0, 99).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);
    EXPECT_LT(poll.elapsed, std::chrono::seconds(5));
    EXPECT_EQ(time_of(poll.m, 0), 12345u);
}

TEST(Clock, a_stepped_one_moves_with_every_look_and_with_sleep) {
    Poll poll(with(Clock::stepped(1000, 10)));
    EXPECT_EQ(resolution_of(poll.m, 1), 10u);
    EXPECT_EQ(time_of(poll.m, 0), 1000u);
    EXPECT_EQ(time_of(poll.m, 1), 1010u);
    EXPECT_EQ(time_of(poll.m, 3), 1020u);
    ASSERT_EQ(poll.clock(1, 0, 1'000'000, 1).clock(2, 0, 3'600'000'000'000, 1).run(),
              Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 1u);
    EXPECT_LT(poll.elapsed, std::chrono::seconds(5));
    EXPECT_EQ(time_of(poll.m, 0), 1'000'000u);
    EXPECT_EQ(time_of(poll.m, 0), 1'000'010u);
}

TEST(Clock, a_stepped_one_stays_at_its_end) {
    Machine m(with(Clock::stepped(~u64{0} - 1, 10)));
    EXPECT_EQ(time_of(m, 0), ~u64{0} - 1);
    EXPECT_EQ(time_of(m, 0), ~u64{0});
    EXPECT_EQ(time_of(m, 0), ~u64{0});
}

TEST(Clock, a_descriptor_that_is_ready_comes_before_a_clock_that_stands_still) {
    Poll poll(with(Clock::stepped(0, 1)));
    ASSERT_EQ(poll.clock(1, 1, 1'000'000'000).writable(2, 1).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);
    EXPECT_LT(time_of(poll.m, 0), 1'000'000u);
}

TEST(Clock, one_of_the_embedder_is_asked) {
    std::atomic<u64> shown = 7;
    Poll poll(with(Clock::callback([&] { return shown.load(); })));
    EXPECT_EQ(time_of(poll.m, 0), 7u);
    shown = 9;
    EXPECT_EQ(time_of(poll.m, 1), 9u);
    std::thread mover([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        shown = 1'000'000'000;
    });
    ASSERT_EQ(poll.clock(1, 0, 900'000'000).run(), Errno::success);
    EXPECT_GE(poll.elapsed, std::chrono::milliseconds(30));
    mover.join();

    poll.m.engine.stop = true;
    poll.m.put(in_at, Subscription{.timeout = 5});
    const auto outcome = poll.m.try_call("poll_oneoff", {in_at, events_at, 1, 0x100});
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->kind(), ErrorKind::interrupted);
}

std::string random_bytes(Machine& m, u32 length) {
    EXPECT_EQ(m.call("random_get", {0x8000, length}), Errno::success);
    return m.text(0x8000, length);
}

TEST(Random, a_seed_gives_the_same_bytes_each_time) {
    WasiConfig config;
    config.random = Random::seeded(0);
    Machine first(config), second(config);
    // What SplitMix64 begins with for the seed 0.
    constexpr u64 words[] = {0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4};
    const std::string bytes = random_bytes(first, 16);
    EXPECT_EQ(std::memcmp(bytes.data(), words, 16), 0);
    EXPECT_EQ(random_bytes(second, 16), bytes);
    EXPECT_EQ(random_bytes(first, 13), random_bytes(second, 13));
    EXPECT_EQ(random_bytes(first, 3), random_bytes(second, 3));
    config.random = Random::seeded(1);
    Machine other(config);
    EXPECT_NE(random_bytes(other, 16), bytes);
}

TEST(Random, a_seed_fills_all_of_the_buffer_and_nothing_else) {
    WasiConfig config;
    config.random = Random::seeded(5);
    Machine m(config);
    ASSERT_EQ(m.call("random_get", {0x101, 7}), Errno::success);
    EXPECT_EQ(m.text(0x100, 1) + m.text(0x108, 8), "?????????");
    EXPECT_NE(m.text(0x101, 7), "???????");
}

TEST(Random, may_be_denied) {
    WasiConfig config;
    config.random = Random::denied();
    Machine m(config);
    EXPECT_EQ(m.call("random_get", {0x100, 1}), Errno::perm);
    EXPECT_EQ(m.text(0x100, 1), "?");
}

}  // namespace
}  // namespace waxwing::wasi
