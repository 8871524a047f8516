// Reading, writing, seeking; buffers of every wrong kind.
#include <gtest/gtest.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

class FdIoTest : public ::testing::Test {
protected:
    Tree tree;
    Machine m{config_for(tree)};

    u64 tell(u32 fd) {
        EXPECT_EQ(m.call("fd_tell", {fd, 0x100}), Errno::success);
        return m.get<u64>(0x100);
    }
};

TEST_F(FdIoTest, buffers_are_filled_in_order) {
    const u32 fd = m.open("in.txt", {});
    m.put(0x200, Iovec{0x8000, 2});
    m.put(0x208, Iovec{0x9000, 0});
    m.put(0x210, Iovec{0xA000, 10});
    ASSERT_EQ(m.call("fd_read", {fd, 0x200, 3, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 6u);
    EXPECT_EQ(m.text(0x8000, 3), "in?");
    EXPECT_EQ(m.text(0x9000, 1), "?");
    EXPECT_EQ(m.text(0xA000, 5), "side?");
    EXPECT_EQ(m.read(fd), "");
}

TEST_F(FdIoTest, written_buffers_follow_one_another) {
    const u32 fd = m.open("new", {.oflags = 1});
    m.put_text(0x8000, "hello, world");
    m.put(0x200, Iovec{0x8007, 5});
    m.put(0x208, Iovec{0x8000, 5});
    ASSERT_EQ(m.call("fd_write", {fd, 0x200, 2, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 10u);
    EXPECT_EQ(tree.read("P/new"), "worldhello");
    EXPECT_EQ(tell(fd), 10u);
}

TEST_F(FdIoTest, a_large_write_arrives_whole) {
    const u32 fd = m.open("new", {.oflags = 1});
    m.put(0x200, Iovec{0, 65536});
    ASSERT_EQ(m.call("fd_write", {fd, 0x200, 1, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 65536u);
    EXPECT_EQ(tree.read("P/new").size(), 65536u);
}

TEST_F(FdIoTest, positional_transfers_leave_the_cursor) {
    const u32 fd = m.open("in.txt", {});
    ASSERT_EQ(m.call("fd_seek", {fd, 1, 0, 0x100}), Errno::success);
    m.put(0x200, Iovec{0x8000, 100});
    ASSERT_EQ(m.call("fd_pread", {fd, 0x200, 1, 2, 0x100}), Errno::success);
    EXPECT_EQ(m.text(0x8000, m.get<u32>(0x100)), "side");
    ASSERT_EQ(m.call("fd_pread", {fd, 0x200, 1, 6, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 0u);
    m.put_text(0x8000, "XY");
    m.put(0x200, Iovec{0x8000, 2});
    ASSERT_EQ(m.call("fd_pwrite", {fd, 0x200, 1, 4, 0x100}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "insiXY");
    EXPECT_EQ(tell(fd), 1u);
    EXPECT_EQ(m.call("fd_pread", {fd, 0x200, 1, 1ull << 63, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("fd_pwrite", {fd, 0x200, 1, ~0ull, 0x100}), Errno::inval);
}

TEST_F(FdIoTest, seeking_goes_by_three_origins_and_not_before_the_start) {
    const u32 fd = m.open("in.txt", {});
    const auto seek = [&](s64 delta, u64 whence) {
        return m.call("fd_seek", {fd, static_cast<u64>(delta), whence, 0x100});
    };
    ASSERT_EQ(seek(-2, 2), Errno::success);
    EXPECT_EQ(m.get<u64>(0x100), 4u);
    ASSERT_EQ(seek(1, 1), Errno::success);
    EXPECT_EQ(m.get<u64>(0x100), 5u);
    EXPECT_EQ(seek(-6, 1), Errno::inval);
    EXPECT_EQ(seek(std::numeric_limits<s64>::min(), 0), Errno::inval);
    EXPECT_EQ(tell(fd), 5u);
    ASSERT_EQ(seek(1000, 0), Errno::success);
    EXPECT_EQ(m.write(fd, ""), Errno::success);
    EXPECT_EQ(tell(fd), 1000u);
    EXPECT_EQ(tree.read("P/in.txt"), "inside");
}

TEST_F(FdIoTest, telling_takes_less_than_seeking) {
    const u32 teller = m.open("in.txt", {.base = 0x22});
    EXPECT_EQ(m.call("fd_tell", {teller, 0x100}), Errno::success);
    EXPECT_EQ(m.call("fd_seek", {teller, 0, 1, 0x100}), Errno::success);
    EXPECT_EQ(m.call("fd_seek", {teller, 1, 1, 0x100}), Errno::notcapable);
    const u32 seeker = m.open("in.txt", {.base = 0x06});
    EXPECT_EQ(m.call("fd_tell", {seeker, 0x100}), Errno::success);
    const u32 neither = m.open("in.txt", {.base = 0x02});
    EXPECT_EQ(m.call("fd_tell", {neither, 0x100}), Errno::notcapable);
    EXPECT_EQ(m.call("fd_pread", {neither, 0x200, 0, 0, 0x100}), Errno::notcapable);
}

TEST_F(FdIoTest, a_descriptor_works_in_the_directions_it_was_opened_for) {
    const u32 reader = m.open("in.txt", {.base = 2});
    EXPECT_EQ(m.write(reader, ""), Errno::badf);
    EXPECT_EQ(m.write(reader, "x"), Errno::badf);
    const u32 writer = m.open("in.txt", {.base = 0x40});
    EXPECT_EQ(m.read(writer), "error: badf");
    EXPECT_EQ(m.write(writer, "X"), Errno::success);
    EXPECT_EQ(m.call("fd_write", {static_cast<u32>(-31337), 0x200, 0, 0x100}), Errno::badf);
}

TEST_F(FdIoTest, nothing_to_transfer_is_a_success) {
    const u32 fd = m.open("in.txt", {});
    for (const char* name : {"fd_read", "fd_write"}) {
        m.clear();
        ASSERT_EQ(m.call(name, {fd, 0x200, 0, 0x100}), Errno::success);
        EXPECT_EQ(m.get<u32>(0x100), 0u);
        EXPECT_EQ(m.call(name, {fd, Machine::size, 0, 0x100}), Errno::success);
    }
    m.put(0x200, Iovec{0xFFFFFFFF, 0});
    EXPECT_EQ(m.call("fd_read", {fd, 0x200, 1, 0x100}), Errno::success);
}

TEST_F(FdIoTest, everything_is_inside_memory_before_anything_happens) {
    const u32 fd = m.open("new", {.oflags = 1});
    m.put_text(0x100, "????");
    m.put_text(0x8000, "hello");
    m.put(0x200, Iovec{0x8000, 5});
    m.put(0x208, Iovec{Machine::size - 4, 5});
    EXPECT_TRUE(m.traps("fd_write", {fd, 0x200, 2, 0x100}));
    m.put(0x208, Iovec{0x8000, 0xFFFFFFFF});
    EXPECT_TRUE(m.traps("fd_write", {fd, 0x200, 2, 0x100}));
    EXPECT_TRUE(m.traps("fd_write", {fd, 0x200, 1, Machine::size - 3}));
    EXPECT_TRUE(m.traps("fd_write", {fd, Machine::size - 4, 1, 0x100}));
    EXPECT_TRUE(m.traps("fd_write", {fd, 0x200, 0x20000000, 0x100}));
    EXPECT_TRUE(m.traps("fd_pwrite", {fd, 0x208, 1, 0, 0x100}));
    EXPECT_EQ(tree.read("P/new"), "");
    EXPECT_EQ(m.text(0x100, 4), "????");

    const u32 in = m.open("in.txt", {});
    m.put_text(0x100, "????");
    m.put(0x200, Iovec{Machine::size - 4, 5});
    EXPECT_TRUE(m.traps("fd_read", {in, 0x200, 1, 0x100}));
    EXPECT_EQ(m.text(Machine::size - 4, 4), "????");
    EXPECT_EQ(m.read(in), "inside");
}

TEST_F(FdIoTest, very_many_buffers_are_a_short_transfer) {
    const u32 fd = m.open("new", {.oflags = 1});
    for (u32 i = 0; i < 2000; ++i)
        m.put(0x10000 + i * 8, Iovec{0x8000, 1});
    ASSERT_EQ(m.call("fd_write", {fd, 0x10000, 2000, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 1024u);
    for (u32 i = 0; i < 1999; ++i)
        m.put(0x10000 + i * 8, Iovec{0x8000, 0});
    ASSERT_EQ(m.call("fd_write", {fd, 0x10000, 2000, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 1u);
}

TEST_F(FdIoTest, the_list_of_buffers_may_be_read_over) {
    const u32 fd = m.open("in.txt", {});
    m.put(0x200, Iovec{0x200, 3});
    m.put(0x208, Iovec{0x8000, 3});
    ASSERT_EQ(m.call("fd_read", {fd, 0x200, 2, 0x100}), Errno::success);
    EXPECT_EQ(m.text(0x200, 3), "ins");
    EXPECT_EQ(m.text(0x8000, 3), "ide");
}

TEST_F(FdIoTest, a_total_beyond_31_bits_is_cut) {
    Machine null({});
    IoVectors vectors;
    Guest guest(null.engine, null.context().limits);
    for (u32 i = 0; i < 1024; ++i)
        null.put(0x10000 + i * 8, Iovec{0, Machine::size});
    ASSERT_TRUE(guest.gather({0x10000, 1024}, vectors).has_value());
    EXPECT_EQ(vectors.bytes(), 1024u * Machine::size);
    IoVectors huge;
    std::byte* none = nullptr;
    huge.add({none, 0xFFFFFFFF});
    EXPECT_EQ(huge.bytes(), IoVectors::max_bytes);
    EXPECT_EQ(huge.parts()[0].iov_len, IoVectors::max_bytes);
}

TEST_F(FdIoTest, appending_writes_at_the_end) {
    const u32 fd = m.open("in.txt", {.fdflags = 1});
    ASSERT_EQ(m.call("fd_seek", {fd, 0, 0, 0x100}), Errno::success);
    ASSERT_EQ(m.write(fd, "!"), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "inside!");
    EXPECT_EQ(tell(fd), 7u);
}

TEST_F(FdIoTest, a_file_without_a_name_can_still_be_read) {
    const u32 fd = m.open("in.txt", {});
    ASSERT_EQ(m.at("path_unlink_file", "in.txt"), Errno::success);
    EXPECT_EQ(m.read(fd), "inside");
    ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).nlink, 0u);
}

}  // namespace
}  // namespace waxwing::wasi
