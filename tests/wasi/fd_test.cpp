// Descriptors: numbers, rights, flags; and what is done to files through them.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

constexpr u64 bit(Right right) { return static_cast<u64>(right); }
constexpr u64 read_write = bit(Right::fd_read) | bit(Right::fd_write);

class FdTest : public ::testing::Test {
protected:
    Tree tree;
    Machine m{config_for(tree)};

    Fdstat fdstat(u32 fd) {
        EXPECT_EQ(m.call("fd_fdstat_get", {fd, 0x100}), Errno::success);
        return m.get<Fdstat>(0x100);
    }
};

TEST_F(FdTest, new_ones_get_the_lowest_free_number) {
    EXPECT_EQ(m.open("in.txt", {}), 4u);
    EXPECT_EQ(m.open("in.txt", {}), 5u);
    ASSERT_EQ(m.call("fd_close", {4}), Errno::success);
    EXPECT_EQ(m.open("in.txt", {}), 4u);
    EXPECT_EQ(m.call("fd_close", {6}), Errno::badf);
    EXPECT_EQ(m.call("fd_close", {0xFFFFFFFF}), Errno::badf);
}

TEST_F(FdTest, closing_a_preopen_leaves_what_was_opened_through_it) {
    const u32 fd = m.open("in.txt", {});
    ASSERT_EQ(m.call("fd_close", {3}), Errno::success);
    EXPECT_EQ(m.call("fd_prestat_get", {3, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_fdstat_get", {3, 0x100}), Errno::badf);
    EXPECT_EQ(m.read(fd), "inside");
    EXPECT_EQ(m.call("fd_close", {3}), Errno::badf);
}

TEST_F(FdTest, renumber_moves_everything_and_closes_the_target) {
    const u32 from = m.open("in.txt", {.base = 0x26});
    const u32 to = m.open("sub/f", {});
    ASSERT_EQ(m.call("fd_seek", {from, 2, 0, 0x100}), Errno::success);
    ASSERT_EQ(m.call("fd_renumber", {from, to}), Errno::success);
    EXPECT_EQ(m.call("fd_fdstat_get", {from, 0x100}), Errno::badf);
    EXPECT_EQ(fdstat(to).rights_base.bits, 0x26u);
    EXPECT_EQ(m.read(to), "side");
}

TEST_F(FdTest, renumber_needs_both_to_be_open) {
    const u32 fd = m.open("in.txt", {});
    for (const u64 bad : {77ull, 127ull, 1ull << 31, 0xFFFFFFFFull}) {
        EXPECT_EQ(m.call("fd_renumber", {fd, bad}), Errno::badf);
        EXPECT_EQ(m.call("fd_renumber", {bad, fd}), Errno::badf);
        EXPECT_EQ(m.call("fd_renumber", {bad, bad}), Errno::badf);
    }
    EXPECT_EQ(m.call("fd_renumber", {fd, fd}), Errno::success);
    EXPECT_EQ(m.read(fd), "inside");
}

TEST_F(FdTest, renumber_over_a_preopen_takes_its_name_away) {
    const u32 fd = m.open("sub", {.oflags = 2, .base = bit(Right::path_open)});
    ASSERT_EQ(m.call("fd_renumber", {fd, 3}), Errno::success);
    EXPECT_EQ(m.call("fd_prestat_get", {3, 0x100}), Errno::badf);
    EXPECT_EQ(m.try_open("f", {.base = 2}), Errno::success);
    EXPECT_TRUE(is_escape(m.try_open("../in.txt", {.base = 2})));
}

TEST_F(FdTest, a_file_is_no_directory) {
    const u32 fd = m.open("in.txt", {});
    EXPECT_EQ(m.try_open("x", {.dir = fd}), Errno::notdir);
    EXPECT_EQ(m.try_open("x", {.dir = 0}), Errno::notdir);
    EXPECT_EQ(m.try_open("x", {.dir = 99}), Errno::badf);
    EXPECT_EQ(m.call("fd_readdir", {fd, 0x200, 100, 0, 0x100}), Errno::notdir);
}

TEST_F(FdTest, a_directory_is_no_file) {
    EXPECT_EQ(m.read(3), "error: isdir");
    EXPECT_EQ(m.write(3, "x"), Errno::badf);
    EXPECT_EQ(m.call("fd_pread", {3, 0x200, 0, 0, 0x100}), Errno::isdir);
    EXPECT_EQ(m.call("fd_pwrite", {3, 0x200, 0, 0, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_seek", {3, 0, 1, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_tell", {3, 0x100}), Errno::badf);
    EXPECT_EQ(m.call("fd_allocate", {3, 0, 1}), Errno::badf);
    EXPECT_EQ(m.call("fd_advise", {3, 0, 1, 0}), Errno::badf);
    EXPECT_EQ(m.call("fd_filestat_set_size", {3, 0}), Errno::badf);
    EXPECT_EQ(m.call("fd_sync", {3}), Errno::success);
    ASSERT_EQ(m.call("fd_filestat_get", {3, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).filetype, Filetype::directory);
}

TEST_F(FdTest, rights_only_shrink) {
    const u32 fd = m.open("in.txt", {.base = 0x27});
    EXPECT_EQ(m.call("fd_fdstat_set_rights", {fd, 0x27, 0}), Errno::success);
    EXPECT_EQ(m.call("fd_fdstat_set_rights", {fd, 0x24, 0}), Errno::success);
    EXPECT_EQ(m.call("fd_fdstat_set_rights", {fd, 0x27, 0}), Errno::notcapable);
    EXPECT_EQ(m.call("fd_fdstat_set_rights", {fd, 0x24, 1}), Errno::notcapable);
    EXPECT_EQ(fdstat(fd).rights_base.bits, 0x24u);
    EXPECT_EQ(m.read(fd), "error: badf");
    EXPECT_EQ(m.call("fd_seek", {fd, 0, 2, 0x100}), Errno::success);
    EXPECT_EQ(m.call("fd_datasync", {fd}), Errno::notcapable);
    EXPECT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::notcapable);
}

TEST_F(FdTest, a_descriptor_has_the_rights_asked_for_that_its_type_can_have) {
    EXPECT_EQ(fdstat(m.open("in.txt", {.base = 0})).rights_base.bits, 0u);
    const Fdstat file = fdstat(m.open("in.txt", {}));
    EXPECT_EQ(file.rights_base, rights::regular_file);
    EXPECT_EQ(file.rights_inheriting.bits, 0u);
    const u64 not_writing = ~u64{0} & ~rights::writing.bits;
    const Fdstat dir = fdstat(m.open("sub", {.base = not_writing}));
    EXPECT_EQ(dir.rights_base, rights::directory);
    EXPECT_EQ(dir.rights_inheriting, rights::all);
    for (const Right never : {Right::fd_seek, Right::fd_write, Right::fd_filestat_set_size})
        EXPECT_FALSE(dir.rights_base.has(never));
}

TEST_F(FdTest, the_rights_a_preopen_reports_open_it_again) {
    const Fdstat stat = fdstat(3);
    EXPECT_EQ(stat.filetype, Filetype::directory);
    const u32 fd = m.open(".", {.oflags = 2,
                                .base = stat.rights_base.bits,
                                .inheriting = stat.rights_inheriting.bits,
                                .fdflags = 4});
    EXPECT_EQ(fdstat(fd).rights_base, stat.rights_base);
    EXPECT_EQ(m.try_open(".", {.oflags = 2, .base = read_write}), Errno::isdir);
}

TEST_F(FdTest, a_directory_hands_on_no_more_than_it_inherits) {
    const u32 dir = m.open("sub", {.base = bit(Right::path_open), .inheriting = 2});
    EXPECT_EQ(m.try_open("f", {.base = 2, .inheriting = 0, .dir = dir}), Errno::success);
    EXPECT_EQ(m.try_open("f", {.base = 0x40, .inheriting = 0, .dir = dir}), Errno::notcapable);
    EXPECT_EQ(m.try_open("f", {.base = 2, .inheriting = 4, .dir = dir}), Errno::notcapable);
    EXPECT_EQ(m.try_open("f", {.base = 2 | 1ull << 60, .inheriting = 0, .dir = dir}),
              Errno::success);
    EXPECT_EQ(m.try_open("n", {.oflags = 1, .base = 0, .inheriting = 0, .dir = dir}),
              Errno::notcapable);
    EXPECT_EQ(m.try_open("f", {.oflags = 8, .base = 0, .inheriting = 0, .dir = dir}),
              Errno::notcapable);
    EXPECT_EQ(tree.read("P/sub/f"), "f in sub");
    EXPECT_EQ(m.stat("f", true, dir), Errno::notcapable);
    EXPECT_EQ(m.at("path_unlink_file", "f", dir), Errno::notcapable);
}

TEST_F(FdTest, flags_can_change_but_not_those_of_synchronization) {
    const u32 fd = m.open("in.txt", {.fdflags = 1});
    EXPECT_EQ(fdstat(fd).flags.bits, 1);
    ASSERT_EQ(m.write(fd, "+"), Errno::success);
    ASSERT_EQ(m.call("fd_fdstat_set_flags", {fd, 4}), Errno::success);
    EXPECT_EQ(fdstat(fd).flags.bits, 4);
    ASSERT_EQ(m.call("fd_seek", {fd, 0, 0, 0x100}), Errno::success);
    ASSERT_EQ(m.write(fd, "I"), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "Inside+");
    for (const u64 flag : {2, 8, 16})
        EXPECT_EQ(m.call("fd_fdstat_set_flags", {fd, flag}), Errno::inval);
    EXPECT_EQ(m.call("fd_fdstat_set_flags", {fd, 32}), Errno::inval);
    EXPECT_EQ(m.call("fd_fdstat_set_flags", {fd, 0x10001}), Errno::inval);
    const u32 synced = m.open("in.txt", {.fdflags = 16});
    EXPECT_EQ(fdstat(synced).flags.bits, 16);
    EXPECT_EQ(m.call("fd_fdstat_set_flags", {synced, 17}), Errno::success);
}

TEST_F(FdTest, bits_that_no_parameter_has_are_refused) {
    m.path("in.txt");
    EXPECT_EQ(m.call("path_open", {3, 2, m.path_at, 6, 0, 2, 0, 0, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("path_open", {3, 0, m.path_at, 6, 16, 2, 0, 0, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("path_open", {3, 0, m.path_at, 6, 0, 2, 0, 32, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("path_open", {3, 0, m.path_at, 6, 0x10000, 2, 0, 0, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("fd_advise", {3, 0, 0, 6}), Errno::inval);
    EXPECT_EQ(m.call("fd_seek", {3, 0, 3, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("fd_seek", {3, 0, 0x100, 0x100}), Errno::inval);
}

TEST_F(FdTest, size_can_be_set_up_to_what_an_offset_says) {
    const u32 fd = m.open("in.txt", {});
    ASSERT_EQ(m.call("fd_filestat_set_size", {fd, 2}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "in");
    ASSERT_EQ(m.call("fd_filestat_set_size", {fd, 4}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), std::string("in\0\0", 4));
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 1ull << 63}), Errno::inval);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, ~0ull}), Errno::inval);
    const u32 reader = m.open("in.txt", {.base = 2});
    EXPECT_EQ(m.call("fd_filestat_set_size", {reader, 0}), Errno::notcapable);
    EXPECT_EQ(tree.read("P/in.txt").size(), 4u);
}

TEST_F(FdTest, times_are_set_to_the_nanosecond_or_now_but_not_both) {
    const u32 fd = m.open("in.txt", {});
    ASSERT_EQ(m.call("fd_filestat_set_times", {fd, 1234567890'000000001, 987654321'999999999, 5}),
              Errno::success);
    ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).atim, 1234567890'000000001u);
    EXPECT_EQ(m.get<Filestat>(0x100).mtim, 987654321'999999999u);
    ASSERT_EQ(m.call("fd_filestat_set_times", {fd, 5, 5, 0}), Errno::success);
    EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 5, 5, 3}), Errno::inval);
    EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 5, 5, 12}), Errno::inval);
    EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 5, 5, 16}), Errno::inval);
    ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).mtim, 987654321'999999999u);
    ASSERT_EQ(m.call("fd_filestat_set_times", {fd, 0, 0, 8}), Errno::success);
    ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).atim, 1234567890'000000001u);
    EXPECT_GT(m.get<Filestat>(0x100).mtim, 1'700'000'000'000'000'000u);
    EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 0, ~0ull, 4}), Errno::success);
    EXPECT_EQ(m.call("fd_filestat_set_times", {3, 0, 77, 4}), Errno::success);
    ASSERT_EQ(m.call("fd_filestat_get", {3, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).mtim, 77u);
}

TEST_F(FdTest, allocate_grows_and_never_shrinks) {
    const u32 fd = m.open("in.txt", {});
    const Errno first = m.call("fd_allocate", {fd, 2, 8});
    if (first == Errno::notsup) GTEST_SKIP() << "this file system cannot";
    ASSERT_EQ(first, Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), std::string("inside\0\0\0\0", 10));
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 1}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt").size(), 10u);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 0}), Errno::inval);
    EXPECT_EQ(m.call("fd_allocate", {fd, ~0ull, 2}), Errno::inval);
    EXPECT_EQ(m.call("fd_allocate", {fd, 1, (1ull << 63) - 1}), Errno::inval);
}

TEST_F(FdTest, advice_changes_nothing) {
    const u32 fd = m.open("in.txt", {});
    for (u64 advice = 0; advice < 6; ++advice)
        EXPECT_EQ(m.call("fd_advise", {fd, 1, 100, advice}), Errno::success) << advice;
    EXPECT_EQ(m.call("fd_advise", {fd, ~0ull, 2, 0}), Errno::inval);
    EXPECT_EQ(tree.read("P/in.txt"), "inside");
}

TEST_F(FdTest, syncing_works_on_files) {
    const u32 fd = m.open("in.txt", {});
    EXPECT_EQ(m.call("fd_sync", {fd}), Errno::success);
    EXPECT_EQ(m.call("fd_datasync", {fd}), Errno::success);
    EXPECT_EQ(m.call("fd_sync", {99}), Errno::badf);
}

TEST_F(FdTest, too_many_are_refused_before_the_host_runs_out) {
    std::vector<u32> fds;
    Errno code;
    while ((code = m.try_open("in.txt", {.base = 2})) == Errno::success)
        fds.push_back(m.get<u32>(m.out_at));
    EXPECT_EQ(code, Errno::mfile);
    EXPECT_EQ(fds.size(), m.context().limits.descriptors - 4);
    EXPECT_TRUE(std::ifstream(tree.path("secret.txt")).is_open());
    ASSERT_EQ(m.call("fd_close", {fds[3]}), Errno::success);
    EXPECT_EQ(m.open("in.txt", {.base = 2}), fds[3]);
    EXPECT_EQ(m.try_open("new", {.oflags = 1}), Errno::mfile);
    EXPECT_FALSE(tree.exists("P/new"));
}

TEST_F(FdTest, no_call_leaks_a_descriptor_of_the_host) {
    m.open("in.txt", {});
    m.open("sub", {.base = bit(Right::path_open)});
    const usize before = open_descriptors();
    const u64 length = m.path("in.txt");
    for (int i = 0; i < 3000; ++i) {
        EXPECT_TRUE(m.traps("path_open", {3, 1, m.path_at, length, 0, 2, 0, 0, 0xFFFFFFFE}));
        EXPECT_EQ(m.try_open("sub/none", {}), Errno::noent);
        EXPECT_EQ(m.try_open("in.txt", {.oflags = 2}), Errno::notdir);
        EXPECT_EQ(m.try_open("sub", {}), Errno::isdir);
        EXPECT_TRUE(is_escape(m.try_open("sub/../../secret.txt", {})));
        const u32 fd = m.open("in.txt", {.base = 2});
        ASSERT_EQ(m.call("fd_renumber", {fd, 4}), Errno::success);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(FdTest, every_open_descriptor_is_closed_with_its_guest) {
    const usize before = open_descriptors();
    {
        Machine other(config_for(tree));
        for (int i = 0; i < 10; ++i)
            other.open("in.txt", {});
        EXPECT_EQ(open_descriptors(), before + 11);
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace waxwing::wasi
