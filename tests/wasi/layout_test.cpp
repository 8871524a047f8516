// The bytes that a guest sees, one by one.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(c));
        text += two;
    }
    return text;
}
std::string hex(u64 value, int bytes = 8) {
    return hex(std::string_view(reinterpret_cast<const char*>(&value), bytes));
}

TEST(Layout, there_are_46_functions_each_with_the_type_of_the_document) {
    const std::pair<const char*, const char*> expected[] = {
        {"args_get", "[i32 i32] -> [i32]"},
        {"args_sizes_get", "[i32 i32] -> [i32]"},
        {"environ_get", "[i32 i32] -> [i32]"},
        {"environ_sizes_get", "[i32 i32] -> [i32]"},
        {"clock_res_get", "[i32 i32] -> [i32]"},
        {"clock_time_get", "[i32 i64 i32] -> [i32]"},
        {"fd_advise", "[i32 i64 i64 i32] -> [i32]"},
        {"fd_allocate", "[i32 i64 i64] -> [i32]"},
        {"fd_close", "[i32] -> [i32]"},
        {"fd_datasync", "[i32] -> [i32]"},
        {"fd_fdstat_get", "[i32 i32] -> [i32]"},
        {"fd_fdstat_set_flags", "[i32 i32] -> [i32]"},
        {"fd_fdstat_set_rights", "[i32 i64 i64] -> [i32]"},
        {"fd_filestat_get", "[i32 i32] -> [i32]"},
        {"fd_filestat_set_size", "[i32 i64] -> [i32]"},
        {"fd_filestat_set_times", "[i32 i64 i64 i32] -> [i32]"},
        {"fd_pread", "[i32 i32 i32 i64 i32] -> [i32]"},
        {"fd_prestat_get", "[i32 i32] -> [i32]"},
        {"fd_prestat_dir_name", "[i32 i32 i32] -> [i32]"},
        {"fd_pwrite", "[i32 i32 i32 i64 i32] -> [i32]"},
        {"fd_read", "[i32 i32 i32 i32] -> [i32]"},
        {"fd_readdir", "[i32 i32 i32 i64 i32] -> [i32]"},
        {"fd_renumber", "[i32 i32] -> [i32]"},
        {"fd_seek", "[i32 i64 i32 i32] -> [i32]"},
        {"fd_sync", "[i32] -> [i32]"},
        {"fd_tell", "[i32 i32] -> [i32]"},
        {"fd_write", "[i32 i32 i32 i32] -> [i32]"},
        {"path_create_directory", "[i32 i32 i32] -> [i32]"},
        {"path_filestat_get", "[i32 i32 i32 i32 i32] -> [i32]"},
        {"path_filestat_set_times", "[i32 i32 i32 i32 i64 i64 i32] -> [i32]"},
        {"path_link", "[i32 i32 i32 i32 i32 i32 i32] -> [i32]"},
        {"path_open", "[i32 i32 i32 i32 i32 i64 i64 i32 i32] -> [i32]"},
        {"path_readlink", "[i32 i32 i32 i32 i32 i32] -> [i32]"},
        {"path_remove_directory", "[i32 i32 i32] -> [i32]"},
        {"path_rename", "[i32 i32 i32 i32 i32 i32] -> [i32]"},
        {"path_symlink", "[i32 i32 i32 i32 i32] -> [i32]"},
        {"path_unlink_file", "[i32 i32 i32] -> [i32]"},
        {"poll_oneoff", "[i32 i32 i32 i32] -> [i32]"},
        {"proc_exit", "[i32] -> []"},
        {"proc_raise", "[i32] -> [i32]"},
        {"sched_yield", "[] -> [i32]"},
        {"random_get", "[i32 i32] -> [i32]"},
        {"sock_accept", "[i32 i32 i32] -> [i32]"},
        {"sock_recv", "[i32 i32 i32 i32 i32 i32] -> [i32]"},
        {"sock_send", "[i32 i32 i32 i32 i32] -> [i32]"},
        {"sock_shutdown", "[i32 i32] -> [i32]"},
    };
    ASSERT_EQ(preview1().size(), std::size(expected));
    for (usize i = 0; i < std::size(expected); ++i) {
        EXPECT_STREQ(preview1()[i].name, expected[i].first);
        EXPECT_EQ(to_string(preview1()[i].type()), expected[i].second) << expected[i].first;
    }
}

TEST(Layout, error_numbers_are_those_of_the_document) {
    EXPECT_EQ(static_cast<u16>(Errno::badf), 8);
    EXPECT_EQ(static_cast<u16>(Errno::inval), 28);
    EXPECT_EQ(static_cast<u16>(Errno::loop), 32);
    EXPECT_EQ(static_cast<u16>(Errno::noent), 44);
    EXPECT_EQ(static_cast<u16>(Errno::nosys), 52);
    EXPECT_EQ(static_cast<u16>(Errno::notdir), 54);
    EXPECT_EQ(static_cast<u16>(Errno::perm), 63);
    EXPECT_EQ(static_cast<u16>(Errno::spipe), 70);
    EXPECT_EQ(static_cast<u16>(Errno::xdev), 75);
    EXPECT_EQ(static_cast<u16>(Errno::notcapable), 76);
    EXPECT_EQ(from_host(EWOULDBLOCK), Errno::again);
    EXPECT_EQ(from_host(EOPNOTSUPP), Errno::notsup);
    EXPECT_EQ(from_host(EREMOTEIO), Errno::io);
}

TEST(Layout, prestat_is_8_bytes_with_its_padding_zero) {
    const Tree tree;
    WasiConfig config;
    config.preopens.push_back({"/data", tree.preopen()});
    Machine m(config);
    ASSERT_EQ(m.call("fd_prestat_get", {3, 0x100}), Errno::success);
    EXPECT_EQ(hex(m.text(0xFF, 10)), "3f"
                                     "00000000"
                                     "05000000"
                                     "3f");
    ASSERT_EQ(m.call("fd_prestat_dir_name", {3, 0x200, 5}), Errno::success);
    EXPECT_EQ(m.text(0x1FF, 7), "?/data?");
    ASSERT_EQ(m.call("fd_prestat_dir_name", {3, 0x300, 100}), Errno::success);
    EXPECT_EQ(m.text(0x300, 6), "/data?");
    EXPECT_EQ(m.call("fd_prestat_dir_name", {3, 0x400, 4}), Errno::nametoolong);
    EXPECT_EQ(m.text(0x400, 4), "????");
}

TEST(Layout, fdstat_is_24_bytes_with_its_padding_zero) {
    const Tree tree;
    Machine m(config_for(tree));
    const u32 fd = m.open("in.txt", {.base = 0x42, .fdflags = 5});  // read, write; append, nonblock
    ASSERT_EQ(m.call("fd_fdstat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(hex(m.text(0xFF, 26)), "3f"
                                     "04"
                                     "00"
                                     "0500"
                                     "00000000" +
                                         hex(0x42) + hex(0) + "3f");
    ASSERT_EQ(m.call("fd_fdstat_get", {3, 0x100}), Errno::success);
    EXPECT_EQ(hex(m.text(0x100, 8)), "03"
                                     "00"
                                     "0000"
                                     "00000000");
    EXPECT_EQ(m.get<u64>(0x110), 0x3FFFFFFF);
}

TEST(Layout, filestat_is_64_bytes_with_its_padding_zero) {
    const Tree tree;
    Machine m(config_for(tree));
    const timespec times[2] = {{1'000'000'000, 123'456'789}, {1'500'000'000, 987'654'321}};
    ASSERT_EQ(::utimensat(AT_FDCWD, tree.path("P/in.txt").c_str(), times, 0), 0);
    struct stat host;
    ASSERT_EQ(::stat(tree.path("P/in.txt").c_str(), &host), 0);

    ASSERT_EQ(m.stat("in.txt", true), Errno::success);
    const u64 ctim = u64(host.st_ctim.tv_sec) * 1'000'000'000 + u64(host.st_ctim.tv_nsec);
    EXPECT_EQ(hex(m.text(m.out_at - 1, 66)), "3f" + hex(host.st_dev) + hex(host.st_ino) +
                                                 "04"
                                                 "00000000000000" +
                                                 hex(1) + hex(6) + hex(1'000'000'000'123'456'789) +
                                                 hex(1'500'000'000'987'654'321) + hex(ctim) + "3f");
}

TEST(Layout, times_before_1970_are_clamped) {
    const Tree tree;
    Machine m(config_for(tree));
    const timespec times[2] = {{-5, 0}, {-1'000'000'000, 1}};
    ASSERT_EQ(::utimensat(AT_FDCWD, tree.path("P/in.txt").c_str(), times, 0), 0);
    ASSERT_EQ(m.stat("in.txt", true), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).atim, 0u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 0u);
}

TEST(Layout, dirent_is_24_bytes_and_its_name_follows_unpadded) {
    const Tree tree;
    struct stat host;
    ASSERT_EQ(::stat(tree.path("P/sub/f").c_str(), &host), 0);
    Machine m(config_for(tree));
    const u32 fd = m.open("sub", {.oflags = 2, .base = 1 << 14});
    ASSERT_EQ(m.call("fd_readdir", {fd, 0x200, 1000, 0, 0x100}), Errno::success);
    ASSERT_EQ(m.get<u32>(0x100), 24u * 3 + 1 + 2 + 1);
    const std::string bytes = m.text(0x200, 76);
    EXPECT_EQ(m.text(0x24C, 1), "?");
    const usize at = bytes.rfind("f");
    ASSERT_NE(at, bytes.npos);
    EXPECT_EQ(hex(bytes.substr(at - 16, 17)),
              hex(host.st_ino) + "01000000" + "04" + "000000" + "66");
}

TEST(Layout, event_is_32_bytes_with_its_padding_zero) {
    Machine m({});
    m.put(0x200, Subscription{.userdata = 0x1122334455667788, .tag = 0, .subject = 1});
    ASSERT_EQ(m.call("poll_oneoff", {0x200, 0x400, 1, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 1u);
    EXPECT_EQ(hex(m.text(0x3FF, 34)), "3f"
                                      "8877665544332211"
                                      "0000"
                                      "00"
                                      "0000000000" +
                                          hex(0) +
                                          "0000"
                                          "000000000000" +
                                          "3f");
}

}  // namespace
}  // namespace waxwing::wasi
