// The devices of memory in the host's /dev, and that all others are refused.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, excl = 4, trunc = 8 };
constexpr u64 reads = Rights(Right::fd_read).bits;
constexpr u64 writes = Rights(Right::fd_write).bits;

// The host's /dev, with both ways of resolving paths.
class DeviceTest : public ::testing::TestWithParam<Resolver> {
protected:
    void SetUp() override {
        if (GetParam() == Resolver::kernel && best_resolver(AT_FDCWD) != Resolver::kernel)
            GTEST_SKIP() << "this kernel has no openat2";
        for (const char* name : {"null", "zero", "full", "random", "urandom"}) {
            struct stat status;
            const std::string path = std::string("/dev/") + name;
            if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK | W_OK) != 0 ||
                major(status.st_rdev) != 1)
                GTEST_SKIP() << "this host has no " << path;
        }
    }
    WasiConfig config() const {
        WasiConfig config;
        config.preopens.push_back({.guest = "/dev", .host = "/dev"});
        config.force_path_walk = GetParam() == Resolver::walk;
        return config;
    }
};
INSTANTIATE_PATH_TESTS(DeviceTest);

TEST_P(DeviceTest, null_is_empty_and_swallows) {
    Machine m(config());
    // As programs open it that make the files they write.
    for (const u32 oflags : std::initializer_list<u32>{0, creat, trunc, creat | trunc}) {
        const u32 fd = m.open("null", {.oflags = oflags, .base = reads | writes});
        EXPECT_EQ(m.write(fd, "abc"), Errno::success);
        EXPECT_EQ(m.get<u32>(m.out_at), 3u);
        EXPECT_EQ(m.read(fd), "");
        EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
    }
    EXPECT_EQ(m.try_open("null", {.oflags = creat | excl}), Errno::exist);
    const u32 appending = m.open("null", {.fdflags = 1});
    EXPECT_EQ(m.write(appending, "abc"), Errno::success);
    EXPECT_EQ(m.read(m.open("null", {.base = writes})), "error: badf");
    EXPECT_EQ(m.write(m.open("null", {.base = reads}), "x"), Errno::badf);
}

TEST_P(DeviceTest, zero_and_full_are_zeros) {
    Machine m(config());
    for (const char* name : {"zero", "full"}) {
        const u32 fd = m.open(name, {});
        EXPECT_EQ(m.read(fd, 5), std::string(5, '\0')) << name;
        m.put(m.iov_at, Iovec{m.data_at, 3});
        m.put_text(m.data_at, "????");
        EXPECT_EQ(m.call("fd_pread", {fd, m.iov_at, 1, 1u << 20, m.out_at}), Errno::success);
        EXPECT_EQ(m.text(m.data_at, 4), std::string("\0\0\0?", 4));
    }
    EXPECT_EQ(m.write(m.open("zero", {.base = writes}), "abc"), Errno::success);
    EXPECT_EQ(m.write(m.open("full", {.base = writes}), "abc"), Errno::nospc);
}

TEST_P(DeviceTest, random_bytes_differ) {
    Machine m(config());
    for (const char* name : {"random", "urandom"}) {
        const u32 fd = m.open(name, {.base = reads});
        const std::string first = m.read(fd, 32), second = m.read(fd, 32);
        EXPECT_EQ(first.size(), 32u) << name;
        EXPECT_NE(first, second) << name;
    }
}

TEST_P(DeviceTest, is_a_character_device_that_no_library_takes_for_a_terminal) {
    Machine m(config());
    const u32 fd = m.open("null", {});
    ASSERT_EQ(m.call("fd_fdstat_get", {fd, m.out_at}), Errno::success);
    const auto stat = m.get<Fdstat>(m.out_at);
    EXPECT_EQ(stat.filetype, Filetype::character_device);
    EXPECT_TRUE(stat.rights_base.has_all(Right::fd_seek | Right::fd_tell));
    EXPECT_FALSE(stat.rights_base.has_any(Right::fd_allocate | Right::fd_filestat_set_size));
    EXPECT_EQ(stat.rights_inheriting.bits, 0u);
    EXPECT_EQ(m.call("fd_filestat_get", {fd, m.out_at}), Errno::success);
    struct stat host;
    ASSERT_EQ(::stat("/dev/null", &host), 0);
    const auto status = m.get<Filestat>(m.out_at);
    EXPECT_EQ(status.filetype, Filetype::character_device);
    EXPECT_EQ(status.ino, host.st_ino);
    EXPECT_EQ(status.size, 0u);
    EXPECT_EQ(m.call("fd_seek", {fd, 10, 0, m.out_at}), Errno::success);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 0}), Errno::notcapable);
    EXPECT_EQ(m.call("fd_sync", {fd}), Errno::success);
    EXPECT_EQ(m.call("fd_advise", {fd, 0, 0, 1}), Errno::success);
}

TEST_P(DeviceTest, moves_no_more_than_a_piece_at_a_time) {
    // So that whoever reads 2 GB of zeros comes by where it can be stopped.
    Machine m(config());
    m.engine.bytes.resize(8 << 20);
    m.put(m.iov_at, Iovec{m.data_at, 4 << 20});
    const u32 fd = m.open("zero", {});
    for (const char* transfer : {"fd_read", "fd_write"}) {
        ASSERT_EQ(m.call(transfer, {fd, m.iov_at, 1, m.out_at}), Errno::success);
        EXPECT_EQ(m.get<u32>(m.out_at), 1u << 20) << transfer;
    }
}

TEST_P(DeviceTest, in_a_read_only_directory_is_only_read) {
    WasiConfig config = this->config();
    config.preopens[0].read_only = true;
    Machine m(config);
    EXPECT_EQ(m.read(m.open("zero", {.base = reads}), 1), std::string(1, '\0'));
    EXPECT_EQ(m.try_open("null", {.base = writes}), Errno::perm);
    EXPECT_EQ(m.try_open("null", {.oflags = trunc, .base = reads}), Errno::perm);
}

TEST_P(DeviceTest, with_a_quota_takes_nothing_of_it) {
    WasiConfig config = this->config();
    config.preopens[0].max_bytes = 2;
    config.preopens[0].max_entries = 0;
    Machine m(config);
    const u32 fd = m.open("null", {.oflags = creat | trunc, .base = writes});
    EXPECT_EQ(m.write(fd, "abc"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 3u);
}

TEST_P(DeviceTest, of_random_bytes_is_refused_where_they_come_from_a_seed) {
    for (const bool deterministic : {false, true}) {
        WasiConfig config = this->config();
        config.deterministic = deterministic;
        if (!deterministic) config.random = Random::seeded(7);
        Machine m(config);
        EXPECT_EQ(m.try_open("random", {.base = reads}), Errno::perm);
        EXPECT_EQ(m.try_open("urandom", {.base = reads}), Errno::perm);
        const u32 fd = m.open("zero", {});
        EXPECT_EQ(m.read(fd, 3), std::string(3, '\0'));
        EXPECT_EQ(m.call("fd_seek", {fd, 0, 0, m.out_at}), Errno::success);
        EXPECT_EQ(m.call("fd_filestat_get", {fd, m.out_at}), Errno::success);
        EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::character_device);
        EXPECT_EQ(m.write(m.open("null", {.base = writes}), "abc"), Errno::success);
    }
}

TEST_P(DeviceTest, of_another_kind_is_refused) {
    Machine m(config());
    for (const char* name : {"tty", "ptmx", "kmsg", "mem", "port", "kvm", "fuse"}) {
        struct stat status;
        if (::stat((std::string("/dev/") + name).c_str(), &status) != 0) continue;
        EXPECT_NE(m.try_open(name, {.base = reads}), Errno::success) << name;
    }
    // A device is known by its number, not by its name.
    Tree tree;
    WasiConfig config = config_for(tree);
    config.force_path_walk = GetParam() == Resolver::walk;
    Machine other(config);
    const auto make = [&](const char* name, unsigned minor) {
        return ::mknod(tree.path(std::string("P/") + name).c_str(), S_IFCHR | 0666,
                       makedev(1, minor)) == 0;
    };
    if (!make("kmsg", 3) || !make("null", 11)) GTEST_SKIP() << "only the superuser makes devices";
    const Errno code = other.try_open("kmsg", {.base = reads});  // acces where devices are off
    EXPECT_TRUE(code == Errno::success || code == Errno::acces) << to_string(code);
    EXPECT_NE(other.try_open("null", {.base = reads}), Errno::success);
}

}  // namespace
}  // namespace waxwing::wasi
