// By how much a guest may make the files of a directory grow, on the host and in
// memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

class QuotaTest : public StorageTest {
protected:
    Machine& with(std::optional<u64> bytes, std::optional<u64> entries = {}) {
        WasiConfig config = this->config();
        config.preopens[0].max_bytes = bytes;
        config.preopens[0].max_entries = entries;
        return limited_.emplace(config);
    }
    Machine& m() { return *limited_; }

    // How many bytes a new file may still get; it is gone again.
    u64 left() {
        const u32 fd = m().open("probe", {.oflags = creat | excl});
        u64 size = 0;
        while (m().call("fd_filestat_set_size", {fd, size + 1}) == Errno::success)
            ++size;
        EXPECT_EQ(m().at("path_unlink_file", "probe"), Errno::success);
        EXPECT_EQ(m().call("fd_close", {fd}), Errno::success);
        return size;
    }
    Errno pwrite(u32 fd, std::string_view bytes, u64 offset) {
        m().put(m().iov_at, Iovec{m().data_at, static_cast<u32>(bytes.size())});
        m().put_text(m().data_at, bytes);
        return m().call("fd_pwrite", {fd, m().iov_at, 1, offset, m().out_at});
    }
    u32 moved() { return m().get<u32>(m().out_at); }

private:
    std::optional<Machine> limited_;
};
INSTANTIATE_STORAGE_TESTS(QuotaTest);

TEST_P(QuotaTest, every_way_to_make_a_file_larger_counts) {
    with(10);
    const u32 fd = m().open("f", {.oflags = creat});
    EXPECT_EQ(m().write(fd, "12"), Errno::success);
    EXPECT_EQ(left(), 8u);
    EXPECT_EQ(pwrite(fd, "34", 2), Errno::success);
    EXPECT_EQ(left(), 6u);
    EXPECT_EQ(m().call("fd_filestat_set_size", {fd, 5}), Errno::success);
    EXPECT_EQ(left(), 5u);
    const u32 end = m().open("f", {.fdflags = 1});
    EXPECT_EQ(m().write(end, "x"), Errno::success);
    EXPECT_EQ(left(), 4u);
    EXPECT_EQ(pwrite(end, "y", 0), Errno::success);
    EXPECT_EQ(left(), 3u);
    EXPECT_EQ(m().call("fd_allocate", {fd, 3, 5}), Errno::success);
    EXPECT_EQ(left(), 2u);
    EXPECT_EQ(m().symlink("t", "link"), Errno::success);
    EXPECT_EQ(left(), 1u);
    EXPECT_EQ(pwrite(fd, "z", 8), Errno::success);
    EXPECT_EQ(left(), 0u);

    EXPECT_EQ(m().write(end, "x"), Errno::dquot);
    EXPECT_EQ(pwrite(end, "x", 0), Errno::dquot);
    EXPECT_EQ(pwrite(fd, "x", 9), Errno::dquot);
    EXPECT_EQ(m().call("fd_filestat_set_size", {fd, 10}), Errno::dquot);
    EXPECT_EQ(m().call("fd_allocate", {fd, 0, 10}), Errno::dquot);
    EXPECT_EQ(m().symlink("t", "other"), Errno::dquot);
    EXPECT_FALSE(exists_inside("other"));
    ASSERT_EQ(m().call("fd_seek", {fd, 100, 0, m().out_at}), Errno::success);
    EXPECT_EQ(m().write(fd, "x"), Errno::dquot);
    EXPECT_EQ(read_inside("f").size(), 9u);
}

TEST_P(QuotaTest, what_does_not_grow_is_free) {
    with(0);
    const u32 fd = m().open("in.txt", {});
    EXPECT_EQ(m().write(fd, "INSIDE"), Errno::success);
    EXPECT_EQ(m().call("fd_allocate", {fd, 0, 6}), Errno::success);
    EXPECT_EQ(m().call("fd_filestat_set_size", {fd, 6}), Errno::success);
    EXPECT_EQ(m().write(fd, "!"), Errno::dquot);
    EXPECT_EQ(m().rename("in.txt", "sub/in"), Errno::success);
    EXPECT_EQ(m().link("sub/in", "again"), Errno::success);
    EXPECT_EQ(read_inside("again"), "INSIDE");
}

TEST_P(QuotaTest, a_write_is_short_at_the_limit_and_a_hole_counts) {
    with(4);
    const u32 fd = m().open("f", {.oflags = creat});
    m().put_text(m().data_at, "abcdef");
    m().put(m().iov_at, Iovec{m().data_at, 3});
    m().put(m().iov_at + 8, Iovec{m().data_at + 3, 3});
    EXPECT_EQ(m().call("fd_write", {fd, m().iov_at, 2, m().out_at}), Errno::success);
    EXPECT_EQ(moved(), 4u);
    EXPECT_EQ(read_inside("f"), "abcd");
    EXPECT_EQ(m().call("fd_filestat_set_size", {fd, 0}), Errno::success);
    EXPECT_EQ(pwrite(fd, "xyz", 2), Errno::success);
    EXPECT_EQ(moved(), 2u);
    EXPECT_EQ(pwrite(fd, "xyz", 4), Errno::dquot);
    EXPECT_EQ(read_inside("f"), std::string("\0\0xy", 4));
}

TEST_P(QuotaTest, what_is_cut_off_or_removed_counts_back) {
    with(10);
    const auto make = [&](const char* name) {
        const u32 fd = m().open(name, {.oflags = creat});
        EXPECT_EQ(m().write(fd, "0123456789"), Errno::success);
        return fd;
    };
    u32 fd = make("f");
    EXPECT_EQ(m().call("fd_filestat_set_size", {fd, 7}), Errno::success);
    EXPECT_EQ(left(), 3u);
    m().open("f", {.oflags = trunc, .base = 2});
    EXPECT_EQ(left(), 10u);
    fd = make("g");
    EXPECT_EQ(m().at("path_unlink_file", "g"), Errno::success);
    EXPECT_EQ(left(), 0u) << "it is still open";
    EXPECT_EQ(m().call("fd_close", {fd}), Errno::success);
    EXPECT_EQ(left(), 10u);
    EXPECT_EQ(m().call("fd_close", {make("g")}), Errno::success);
    EXPECT_EQ(m().rename("f", "g"), Errno::success);
    EXPECT_EQ(left(), 10u);
    EXPECT_EQ(m().symlink("0123456789", "l"), Errno::success);
    EXPECT_EQ(left(), 0u);
    EXPECT_EQ(m().at("path_unlink_file", "l"), Errno::success);
    EXPECT_EQ(left(), 10u);
}

TEST_P(QuotaTest, a_file_of_several_names_counts_once_until_the_last_is_gone) {
    with(10);
    const u32 fd = m().open("f", {.oflags = creat});
    EXPECT_EQ(m().write(fd, "012345"), Errno::success);
    EXPECT_EQ(m().call("fd_close", {fd}), Errno::success);
    EXPECT_EQ(m().link("f", "g"), Errno::success);
    EXPECT_EQ(left(), 4u);
    EXPECT_EQ(m().rename("f", "g"), Errno::success) << "which changes nothing";
    EXPECT_EQ(left(), 4u);
    EXPECT_EQ(m().at("path_unlink_file", "f"), Errno::success);
    EXPECT_EQ(left(), 4u);
    EXPECT_EQ(m().at("path_unlink_file", "g"), Errno::success);
    EXPECT_EQ(left(), 10u);
}

TEST_P(QuotaTest, making_away_with_what_was_there_before_earns_nothing) {
    with(5);
    EXPECT_EQ(m().call("fd_filestat_set_size", {m().open("in.txt", {}), 0}), Errno::success);
    EXPECT_EQ(left(), 5u);
    EXPECT_EQ(m().at("path_unlink_file", "in.txt"), Errno::success);
    EXPECT_EQ(m().at("path_unlink_file", "sub/f"), Errno::success);
    EXPECT_EQ(left(), 5u);
}

TEST_P(QuotaTest, every_new_name_counts) {
    with({}, 4);
    EXPECT_EQ(m().try_open("f", {.oflags = creat}), Errno::success);
    EXPECT_EQ(m().try_open("f", {.oflags = creat}), Errno::success) << "not new";
    EXPECT_EQ(m().at("path_create_directory", "d"), Errno::success);
    EXPECT_EQ(m().symlink("f", "l"), Errno::success);
    EXPECT_EQ(m().link("f", "g"), Errno::success);
    const auto expect_full = [&] {
        EXPECT_EQ(m().try_open("h", {.oflags = creat}), Errno::dquot);
        EXPECT_EQ(m().try_open("h", {.oflags = creat | excl}), Errno::dquot);
        EXPECT_EQ(m().at("path_create_directory", "h"), Errno::dquot);
        EXPECT_EQ(m().symlink("f", "h"), Errno::dquot);
        EXPECT_EQ(m().link("g", "h"), Errno::dquot);
        EXPECT_EQ(m().at("path_create_directory", "sub"), Errno::exist);
        EXPECT_EQ(m().symlink("f", "g"), Errno::exist);
        EXPECT_EQ(m().try_open("g", {.oflags = creat | excl}), Errno::exist);
        EXPECT_FALSE(exists_inside("h"));
    };
    expect_full();
    EXPECT_EQ(m().rename("f", "x"), Errno::success) << "no more names than before";
    expect_full();
    EXPECT_EQ(m().at("path_remove_directory", "d"), Errno::success);
    EXPECT_EQ(m().try_open("y", {.oflags = creat}), Errno::success);
    EXPECT_EQ(m().rename("y", "l"), Errno::success);
    EXPECT_EQ(m().at("path_create_directory", "d"), Errno::success);
    expect_full();
}

TEST_P(QuotaTest, directories_of_different_quotas_do_not_exchange_names) {
    WasiConfig config = this->config();
    config.preopens.push_back(config.preopens[0]);
    config.preopens[0].max_bytes = 5;
    config.preopens[1].guest = "/free";
    Machine m(config);
    EXPECT_EQ(m.rename("in.txt", "x", 4, 3), Errno::xdev);
    EXPECT_EQ(m.link("in.txt", "x", 3, 4), Errno::xdev);
    const u32 sub = m.open("sub", {.oflags = directory, .base = rights::directory.bits});
    EXPECT_EQ(m.rename("in.txt", "x", 3, sub), Errno::success);
    const u32 fd = m.open("new", {.oflags = creat, .dir = sub});
    EXPECT_EQ(m.write(fd, "123456"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 5u) << "what is below has the same quota";
}

TEST_P(QuotaTest, many_calls_later_it_still_holds) {
    with(1000, 20);
    u64 largest = 0;
    for (u32 i = 0; i < 400; ++i) {
        const std::string name = "f" + std::to_string(i % 7);
        if (m().try_open(name, {.oflags = i % 3 == 0 ? creat | trunc : u32{creat}}) !=
            Errno::success)
            continue;
        const u32 fd = m().get<u32>(m().out_at);
        static_cast<void>(pwrite(fd, std::string(i * 37 % 200, 'x'), i * 91 % 300));
        if (i % 5 == 0) m().at("path_unlink_file", name);
        if (i % 4 == 0) m().link(name, "g" + std::to_string(i % 3));
        if (i % 6 == 0) m().rename(name, "f" + std::to_string(i % 5));
        m().call("fd_close", {fd});
        u64 total = 0;
        for (const char* kind : {"f", "g"})
            for (int k = 0; k < 7; ++k)
                if (const std::string each = kind + std::to_string(k); exists_inside(each))
                    total += read_inside(each).size();
        largest = std::max(largest, total);
    }
    EXPECT_GT(largest, 900u);
    // Names of one file are counted as often as there are names here.
    EXPECT_LT(largest, 3000u);
    for (const char* kind : {"f", "g"})
        for (int k = 0; k < 7; ++k)
            m().at("path_unlink_file", kind + std::to_string(k));
    EXPECT_EQ(left(), 1000u) << "no bytes were lost on the way";
}

// The process's own limit, which the kernel keeps with a signal.
class FileSizeLimit : public ::testing::Test {
protected:
    FileSizeLimit() {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{100, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FileSizeLimit() override { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(FileSizeLimit, is_an_error_and_not_the_end_of_the_host) {
    const Tree tree;
    WasiConfig config = config_for(tree);
    config.stdout_stream = Stream::file(tree.path("P/out"));
    Machine m(config);
    const u32 fd = m.open("f", {.oflags = creat});
    EXPECT_EQ(m.write(fd, std::string(90, 'x')), Errno::success);
    EXPECT_EQ(m.write(fd, std::string(20, 'y')), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 10u);
    EXPECT_EQ(m.write(fd, "z"), Errno::fbig);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 101}), Errno::fbig);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 100}), Errno::success);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 101}), Errno::fbig);
    m.put(m.iov_at, Iovec{m.data_at, 1});
    EXPECT_EQ(m.call("fd_pwrite", {fd, m.iov_at, 1, 100, m.out_at}), Errno::fbig);
    EXPECT_EQ(m.call("fd_pwrite", {fd, m.iov_at, 1, 99, m.out_at}), Errno::success);
    EXPECT_EQ(m.write(1, std::string(200, 'o')), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 100u);
    EXPECT_EQ(m.write(1, "o"), Errno::fbig);
    EXPECT_EQ(tree.read("P/f").size(), 100u);
}

}  // namespace
}  // namespace waxwing::wasi
