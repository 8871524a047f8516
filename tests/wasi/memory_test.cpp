// Files in memory: what the embedder does with them, and what is theirs alone.
// That they otherwise are as those of the host: memory_equals_host_test.cpp.
#include <gtest/gtest.h>

#include <thread>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

WasiConfig config_for(const FileTree& files, bool read_only = false, bool overlay = false) {
    WasiConfig config;
    config.preopens.push_back(
        {.guest = "/", .read_only = read_only, .files = files, .overlay = overlay});
    return config;
}

std::string read_all(const FileTree& files, std::string_view path) {
    auto bytes = files.read_file(path);
    return bytes ? *bytes : "error: " + std::string(bytes.error().message());
}

// What adding fails with, after the common words.
std::string why(const Result<void>& result) {
    if (result) return "";
    EXPECT_EQ(result.error().code(), Code::wasi);
    return std::string(result.error().message().substr(sizeof "files in memory: " - 1));
}

TEST(FileTree, is_filled_and_read_by_the_embedder) {
    FileTree files;
    EXPECT_EQ(why(files.add_file("/etc/app/config", "one")), "");
    EXPECT_EQ(why(files.add_file("readme", "two")), "");
    EXPECT_EQ(why(files.add_directory("var/tmp/")), "");
    EXPECT_EQ(why(files.add_symlink("link", "etc/app/config")), "");
    EXPECT_EQ(read_all(files, "etc/app/config"), "one");
    EXPECT_EQ(read_all(files, "/link"), "one");
    EXPECT_EQ(*files.paths(), (std::vector<std::string>{"etc/", "etc/app/", "etc/app/config",
                                                        "link", "readme", "var/", "var/tmp/"}));
    EXPECT_EQ(files.bytes(), 3 + 3 + sizeof "etc/app/config" - 1);
    EXPECT_EQ(read_all(files, "none"), "error: files in memory: \"none\": noent");
    EXPECT_EQ(read_all(files, "etc"), "error: files in memory: \"etc\": isdir");
}

TEST(FileTree, takes_a_slash_at_the_end_for_a_directory) {
    FileTree files;
    EXPECT_EQ(why(files.add_file("new/", "x")), "\"new/\": isdir");
    EXPECT_EQ(why(files.add_file("a/new//", "x")), "\"a/new//\": isdir");
    EXPECT_EQ(why(files.add_symlink("l/", "x")), "\"l/\": noent");
    EXPECT_EQ(files.paths().value(), std::vector<std::string>()) << "nothing on the way was made";
    EXPECT_EQ(why(files.add_file("f", "bytes")), "");
    EXPECT_EQ(why(files.add_symlink("f/", "x")), "\"f/\": exist");
    EXPECT_EQ(why(files.add_directory("f/")), "\"f/\": exist");
    EXPECT_EQ(why(files.add_directory("d//")), "");
    EXPECT_EQ(read_all(files, "f/"), "error: files in memory: \"f/\": notdir");
    EXPECT_EQ(read_all(files, "d/"), "error: files in memory: \"d/\": isdir");
    EXPECT_EQ(files.paths().value(), (std::vector<std::string>{"d/", "f"}));
}

TEST(FileTree, says_what_cannot_be_added) {
    FileTree files;
    EXPECT_EQ(why(files.add_file("a", "x")), "");
    EXPECT_EQ(why(files.add_file("a", "y")), "\"a\": exist");
    EXPECT_EQ(why(files.add_file("a/b", "y")), "\"a/b\": notdir");
    EXPECT_EQ(why(files.add_file("../a", "y")), "\"../a\": perm");
    EXPECT_EQ(why(files.add_file("", "y")), "\"\": noent");
    EXPECT_EQ(why(files.add_directory("a")), "\"a\": exist");
    EXPECT_EQ(why(files.add_symlink("l", "")), "\"l\": noent");
    EXPECT_EQ(why(files.add_symlink("l", std::string_view("a\0", 2))), "\"l\": inval");
    EXPECT_EQ(why(files.add_file(std::string(256, 'n'), "")),
              "\"" + std::string(256, 'n') + "\": nametoolong");
    EXPECT_EQ(read_all(files, "a"), "x");
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"a"});
}

// A nest of n directories has n paths whose lengths together grow with n squared.
TEST(FileTree, lists_what_a_path_of_reasonable_length_leads_to) {
    const std::string name(200, 'd');
    std::string path = name;
    for (int depth = 1; depth < 30; ++depth)
        path += "/" + name;
    FileTree files;
    EXPECT_EQ(why(files.add_file(path + "/f", "deep")), "");
    EXPECT_EQ(why(files.add_file("g", "")), "");
    const std::vector<std::string> paths = *files.paths();
    ASSERT_EQ(paths.size(), 20u + 1);
    EXPECT_EQ(paths[19].size(), 20u * 201);
    EXPECT_EQ(paths[20], "g");
    EXPECT_EQ(read_all(files, path + "/f"), "deep");
}

TEST(FileTree, keeps_its_limits) {
    FileTree files(10, 3);
    EXPECT_EQ(why(files.add_file("a", "123456")), "");
    EXPECT_EQ(why(files.add_file("b", "12345")), "\"b\": nospc");
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"a"});
    EXPECT_EQ(why(files.add_file("b", "1234")), "");
    EXPECT_EQ(files.bytes(), 10u);
    EXPECT_EQ(why(files.add_symlink("l", "b")), "\"l\": nospc");
    EXPECT_EQ(why(files.add_directory("d")), "");
    EXPECT_EQ(why(files.add_directory("e")), "\"e\": nospc");
}

TEST(Memory, a_guest_reads_and_writes_what_the_embedder_sees) {
    FileTree files;
    ASSERT_TRUE(files.add_file("in", "from the embedder").has_value());
    Machine m(config_for(files));
    EXPECT_EQ(m.read(m.open("in", {})), "from the embedder");
    const u32 fd = m.open("out", {.oflags = 1});
    EXPECT_EQ(m.write(fd, "from the guest"), Errno::success);
    EXPECT_EQ(read_all(files, "out"), "from the guest");
    EXPECT_EQ(m.at("path_unlink_file", "in"), Errno::success);
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"out"});
}

TEST(Memory, read_only_it_stays_as_it_is) {
    FileTree files;
    ASSERT_TRUE(files.add_file("f", "bytes").has_value());
    Machine m(config_for(files, true));
    EXPECT_EQ(m.try_open("f", {.oflags = 8, .base = 2}), Errno::perm);
    EXPECT_EQ(m.try_open("f", {.base = Rights(Right::fd_write).bits}), Errno::perm);
    EXPECT_EQ(m.try_open("g", {.oflags = 1, .base = 2}), Errno::perm);
    EXPECT_EQ(m.at("path_unlink_file", "f"), Errno::perm);
    EXPECT_EQ(m.rename("f", "g"), Errno::perm);
    EXPECT_EQ(m.link("f", "g"), Errno::perm);
    EXPECT_EQ(m.symlink("f", "g"), Errno::perm);
    EXPECT_EQ(m.times("f", 1, true), Errno::perm);
    EXPECT_EQ(m.read(m.open("f", {.base = 2})), "bytes");
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"f"});
}

TEST(Memory, an_overlay_keeps_the_changes_of_its_guest_to_itself) {
    FileTree files;
    ASSERT_TRUE(files.add_file("d/f", "before").has_value());
    Machine first(config_for(files, false, true)), second(config_for(files, false, true));
    EXPECT_EQ(first.write(first.open("d/f", {}), "after!"), Errno::success);
    EXPECT_EQ(first.read(first.open("d/f", {})), "after!");
    EXPECT_EQ(second.read(second.open("d/f", {})), "before");
    EXPECT_EQ(second.at("path_unlink_file", "d/f"), Errno::success);
    EXPECT_EQ(first.read(first.open("d/f", {})), "after!");
    EXPECT_EQ(read_all(files, "d/f"), "before");

    ASSERT_TRUE(files.add_file("late", "x").has_value());
    EXPECT_EQ(first.stat("late", true), Errno::noent);
}

TEST(Memory, a_copy_and_its_origin_do_not_share_what_is_written) {
    FileTree files;
    ASSERT_TRUE(files.add_file("f", "before").has_value());
    const FileTree copy = *files.copy();
    Machine m(config_for(files));
    EXPECT_EQ(m.write(m.open("f", {}), "after"), Errno::success);
    EXPECT_EQ(read_all(files, "f"), "aftere");
    EXPECT_EQ(read_all(copy, "f"), "before");
    EXPECT_EQ(copy.bytes(), 6u);
}

TEST(Memory, is_full_at_its_limit_and_has_room_again_when_something_goes) {
    FileTree files(10);
    Machine m(config_for(files));
    const u32 fd = m.open("f", {.oflags = 1});
    EXPECT_EQ(m.write(fd, "12345678"), Errno::success);
    EXPECT_EQ(m.write(fd, "abc"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 2u);
    EXPECT_EQ(m.write(fd, "c"), Errno::nospc);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 11}), Errno::nospc);
    EXPECT_EQ(m.call("fd_allocate", {fd, 5, 6}), Errno::nospc);
    ASSERT_EQ(m.call("fd_seek", {fd, u64{1} << 60, 0, m.out_at}), Errno::success);
    EXPECT_EQ(m.write(fd, "x"), Errno::nospc);
    EXPECT_EQ(m.symlink("t", "l"), Errno::nospc);
    EXPECT_EQ(m.stat("l", false), Errno::noent);

    // A file without a name takes room until it is closed.
    EXPECT_EQ(m.at("path_unlink_file", "f"), Errno::success);
    const u32 other = m.open("g", {.oflags = 1});
    EXPECT_EQ(m.write(other, "x"), Errno::nospc);
    EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
    EXPECT_EQ(m.write(other, "0123456789"), Errno::success);
    EXPECT_EQ(m.call("fd_filestat_set_size", {other, 0}), Errno::success);
    EXPECT_EQ(files.bytes(), 0u);
}

TEST(Memory, an_overlay_may_grow_by_so_much) {
    FileTree files;
    ASSERT_TRUE(files.add_file("f", "12345").has_value());
    WasiConfig config = config_for(files, false, true);
    config.preopens[0].max_bytes = 3;
    Machine m(config);
    const u32 fd = m.open("g", {.oflags = 1});
    EXPECT_EQ(m.write(fd, "abc"), Errno::success);
    EXPECT_EQ(m.write(fd, "d"), Errno::dquot);
    EXPECT_EQ(m.write(m.open("f", {}), "XYZ"), Errno::success);
}

TEST(Memory, cookies_stay_good_while_names_come_and_go) {
    FileTree files;
    for (char name = 'a'; name <= 'e'; ++name)
        ASSERT_TRUE(files.add_file(std::string(1, name), "").has_value());
    Machine m(config_for(files));
    const auto names_from = [&](u64 cookie) {
        std::string names;
        EXPECT_EQ(m.call("fd_readdir", {3, 0x8000, 4096, cookie, 0x100}), Errno::success);
        for (u32 at = 0x8000; at < 0x8000 + m.get<u32>(0x100);) {
            names += m.text(at + 24, m.get<Dirent>(at).name_len) + " ";
            at += 24 + m.get<Dirent>(at).name_len;
        }
        return names;
    };
    EXPECT_EQ(names_from(0), ". .. a b c d e ");
    const u64 after_c = m.get<Dirent>(0x8000 + 25 + 26 + 25 + 25).next;
    EXPECT_EQ(names_from(after_c), "d e ");
    EXPECT_EQ(m.at("path_unlink_file", "a"), Errno::success);
    EXPECT_EQ(m.at("path_unlink_file", "d"), Errno::success);
    m.open("f", {.oflags = 1});
    EXPECT_EQ(names_from(after_c), "e f ");
    EXPECT_EQ(names_from(~u64{0}), "");
}

TEST(Memory, trees_are_devices_of_their_own_and_names_do_not_move_between_them) {
    const Tree tree;
    FileTree files, others;
    WasiConfig config = config_for(files);
    config.preopens.push_back({.guest = "/other", .files = others});
    config.preopens.push_back({.guest = "/same", .files = files});
    config.preopens.push_back({"/host", tree.preopen()});
    Machine m(config);
    const auto device = [&](u32 fd) {
        EXPECT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
        return m.get<Filestat>(0x100).dev;
    };
    EXPECT_NE(device(3), device(4));
    EXPECT_EQ(device(3), device(5));
    m.open("f", {.oflags = 1});
    EXPECT_EQ(m.rename("f", "g", 3, 4), Errno::xdev);
    EXPECT_EQ(m.link("f", "g", 3, 6), Errno::xdev);
    EXPECT_EQ(m.rename("in.txt", "g", 6, 3), Errno::xdev);
    EXPECT_EQ(m.rename("f", "g", 3, 5), Errno::success);
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"g"});
}

TEST(Memory, times_are_those_of_the_guests_clock) {
    FileTree files;
    ASSERT_TRUE(files.add_file("old", "x").has_value());
    WasiConfig config = config_for(files);
    config.clock = Clock::fixed(1234);
    Machine m(config);
    ASSERT_EQ(m.stat("old", true), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 0u);
    EXPECT_EQ(m.write(m.open("old", {}), "y"), Errno::success);
    ASSERT_EQ(m.stat("old", true), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 1234u);
    EXPECT_EQ(m.get<Filestat>(m.out_at).atim, 0u);
    EXPECT_EQ(m.times("old", 99, true), Errno::success);
    ASSERT_EQ(m.stat("old", true), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 99u);
}

TEST(Memory, a_very_deep_tree_goes_away_without_recursion) {
    FileTree files;
    Machine m(config_for(files));
    u32 fd = 3;
    for (int depth = 0; depth < 60'000; ++depth) {
        const u64 length = m.path("d");
        ASSERT_EQ(m.call("path_create_directory", {fd, m.path_at, length}), Errno::success);
        ASSERT_EQ(m.call("path_open",
                         {fd, 0, m.path_at, length, 2, rights::directory.bits, ~u64{0}, 0, 0x100}),
                  Errno::success);
        const u32 next = m.get<u32>(0x100);
        if (fd != 3) {
            ASSERT_EQ(m.call("fd_close", {fd}), Errno::success);
        }
        fd = next;
    }
}

TEST(Memory, two_guests_in_two_threads_may_share_a_tree) {
    FileTree files;
    Machine first(config_for(files)), second(config_for(files));
    const auto work = [](Machine& m, const char* name) {
        for (int i = 0; i < 500; ++i) {
            const u32 fd = m.open("shared", {.oflags = 1, .fdflags = 1});
            EXPECT_EQ(m.write(fd, "x"), Errno::success);
            EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
            m.open(name, {.oflags = 1});
            EXPECT_EQ(m.at("path_unlink_file", name), Errno::success);
            EXPECT_EQ(m.call("fd_close", {4}), Errno::success);
            EXPECT_EQ(m.call("fd_readdir", {3, 0x8000, 4096, 0, 0x100}), Errno::success);
        }
    };
    std::thread other([&] { work(second, "b"); });
    work(first, "a");
    other.join();
    EXPECT_EQ(read_all(files, "shared"), std::string(1000, 'x'));
    EXPECT_EQ(*files.paths(), std::vector<std::string>{"shared"});
}

}  // namespace
}  // namespace waxwing::wasi
