// What the path functions do inside the directory.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

INSTANTIATE_PATH_TESTS(PathTest);

TEST_P(PathTest, open_creates_truncates_and_insists) {
    Machine& m = machine();
    EXPECT_EQ(m.try_open("new", {}), Errno::noent);
    EXPECT_EQ(m.try_open("new", {.oflags = creat, .base = 0}), Errno::success);
    EXPECT_TRUE(tree.exists("P/new"));
    EXPECT_EQ(m.try_open("new", {.oflags = creat | excl}), Errno::exist);
    EXPECT_EQ(m.try_open("new2", {.oflags = creat | excl}), Errno::success);
    EXPECT_EQ(m.try_open("in.txt", {.oflags = trunc, .base = 2}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "");
    EXPECT_EQ(m.try_open("in.txt", {.oflags = directory}), Errno::notdir);
    EXPECT_EQ(m.try_open("sub", {.oflags = directory, .base = 2}), Errno::success);
    EXPECT_EQ(m.try_open("x", {.oflags = creat | directory}), Errno::inval);
    EXPECT_FALSE(tree.exists("P/x"));
    EXPECT_EQ(m.try_open("sub", {}), Errno::isdir);
}

TEST_P(PathTest, odd_but_proper_paths) {
    Machine& m = machine();
    for (const char* path :
         {"sub/f", "./sub/f", "sub//f", "sub/./f", "sub/../sub/f", "././sub/.//f"})
        EXPECT_EQ(m.try_open(path, {.base = 2}), Errno::success) << path;
    for (const char* path : {".", "./", "sub/..", "sub/../", "sub/../.", "././."}) {
        EXPECT_EQ(m.try_open(path, {.base = 2}), Errno::success) << path;
        EXPECT_EQ(m.stat(path, true), Errno::success) << path;
        const u64 ino = m.get<Filestat>(m.out_at).ino;
        EXPECT_EQ(m.stat(path, false), Errno::success) << path;
        EXPECT_EQ(m.get<Filestat>(m.out_at).ino, ino) << path;
        struct stat host;
        ::stat(tree.preopen().c_str(), &host);
        EXPECT_EQ(ino, host.st_ino) << path;
    }
    for (const char* path : {"...", ".. ", "..\\x", "sub\\f"})
        EXPECT_EQ(m.try_open(path, {.base = 2}), Errno::noent) << path;
    EXPECT_EQ(m.try_open("a\nb:c\\d \xFF\xFE", {.oflags = creat}), Errno::success);
    EXPECT_TRUE(tree.exists("P/a\nb:c\\d \xFF\xFE"));
}

TEST_P(PathTest, paths_that_are_none) {
    Machine& m = machine();
    EXPECT_EQ(m.try_open("", {}), Errno::noent);
    EXPECT_EQ(m.stat("", true), Errno::noent);
    EXPECT_EQ(m.at("path_create_directory", ""), Errno::noent);
    EXPECT_EQ(m.at("path_unlink_file", ""), Errno::noent);
    EXPECT_EQ(m.try_open(std::string_view("in.txt\0x", 8), {}), Errno::inval);
    EXPECT_EQ(m.try_open(std::string_view("in.txt\0", 7), {}), Errno::inval);
    EXPECT_EQ(m.try_open(std::string(255, 'a'), {}), Errno::noent);
    EXPECT_EQ(m.try_open(std::string(256, 'a'), {}), Errno::nametoolong);
    EXPECT_EQ(m.try_open(std::string(256, 'a') + "/x", {}), Errno::nametoolong);
    std::string dots;
    while (dots.size() < 70'000)
        dots += "./";
    m.put_text(0x10000, dots);
    EXPECT_EQ(m.call("path_filestat_get", {3, 1, 0x10000, dots.size(), 0x100}), Errno::nametoolong);
    EXPECT_EQ(m.call("path_filestat_get", {3, 1, 0x10000, 4094, 0x100}), Errno::success);
    EXPECT_TRUE(m.traps("path_filestat_get", {3, 1, 0x10000, 0xFFFFFFFF, 0x100}));
    EXPECT_TRUE(m.traps("path_filestat_get", {3, 1, Machine::size - 3, 4, 0x100}));
}

TEST_P(PathTest, a_slash_at_the_end_asks_for_a_directory) {
    Machine& m = machine();
    tree.link("in.txt", "P/to_file");
    tree.link("sub", "P/to_dir");
    EXPECT_EQ(m.try_open("sub///", {.base = 2}), Errno::success);
    EXPECT_EQ(m.try_open("to_dir/", {.base = 2, .lookup = 0}), Errno::success);
    for (const char* path : {"in.txt/", "in.txt/.", "to_file/", "sub/f/../../in.txt", "in.txt/x"}) {
        EXPECT_EQ(m.try_open(path, {.base = 2}), Errno::notdir) << path;
        EXPECT_EQ(m.try_open(path, {.base = 2, .lookup = 0}), Errno::notdir) << path;
        EXPECT_EQ(m.stat(path, false), Errno::notdir) << path;
    }
    EXPECT_EQ(m.try_open("new/", {.oflags = creat}), Errno::isdir);
    EXPECT_FALSE(tree.exists("P/new"));
    EXPECT_EQ(m.at("path_create_directory", "made///"), Errno::success);
    EXPECT_EQ(m.at("path_create_directory", "made"), Errno::exist);
    EXPECT_EQ(m.at("path_create_directory", "sub/.."), Errno::exist);
    EXPECT_EQ(m.at("path_unlink_file", "in.txt/"), Errno::notdir);
    EXPECT_EQ(m.at("path_unlink_file", "sub/"), Errno::isdir);
    EXPECT_EQ(m.at("path_unlink_file", "sub"), Errno::isdir);
    EXPECT_EQ(m.at("path_unlink_file", "nothing/"), Errno::noent);
    EXPECT_EQ(m.at("path_remove_directory", "in.txt/"), Errno::notdir);
    EXPECT_EQ(m.at("path_remove_directory", "made/"), Errno::success);
    EXPECT_EQ(m.readlink("to_dir/"), "error: inval");
    EXPECT_EQ(m.readlink("sub/"), "error: inval");
}

TEST_P(PathTest, directories_are_removed_when_they_are_empty_and_directories) {
    Machine& m = machine();
    tree.link("sub", "P/to_dir");
    EXPECT_EQ(m.at("path_remove_directory", "sub"), Errno::notempty);
    EXPECT_EQ(m.at("path_remove_directory", "in.txt"), Errno::notdir);
    EXPECT_EQ(m.at("path_remove_directory", "to_dir"), Errno::notdir);
    EXPECT_EQ(m.at("path_remove_directory", "to_dir/"), Errno::notdir);
    EXPECT_EQ(m.at("path_remove_directory", "."), Errno::inval);
    EXPECT_EQ(m.at("path_remove_directory", "sub/.."), Errno::inval);
    EXPECT_EQ(m.at("path_remove_directory", "nothing"), Errno::noent);
    EXPECT_EQ(m.at("path_unlink_file", "sub/f"), Errno::success);
    EXPECT_EQ(m.at("path_remove_directory", "sub"), Errno::success);
}

TEST_P(PathTest, links_are_followed_or_not_as_asked) {
    Machine& m = machine();
    tree.link("sub/f", "P/link");
    EXPECT_EQ(m.read(m.open("link", {.base = 2})), "f in sub");
    EXPECT_EQ(m.try_open("link", {.base = 2, .lookup = 0}), Errno::loop);
    EXPECT_EQ(m.stat("link", true), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::regular_file);
    EXPECT_EQ(m.stat("link", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::symbolic_link);
    EXPECT_EQ(m.get<Filestat>(m.out_at).size, 5u);
    EXPECT_EQ(m.times("link", 111, false), Errno::success);
    EXPECT_EQ(m.times("link", 222, true), Errno::success);
    EXPECT_EQ(m.stat("link", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 111u);
    EXPECT_EQ(m.stat("sub/f", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 222u);
    EXPECT_EQ(m.at("path_unlink_file", "link"), Errno::success);
    EXPECT_TRUE(tree.exists("P/sub/f"));
}

TEST_P(PathTest, links_inside_lead_where_they_say) {
    Machine& m = machine();
    std::filesystem::create_directories(tree.root / "P/a/b");
    tree.write("P/a/c", "c in a");
    tree.link("a/b", "P/deep");
    EXPECT_EQ(m.read(m.open("deep/../c", {.base = 2})), "c in a") << "the real parent";
    tree.link("../in.txt", "P/sub/up");
    EXPECT_EQ(m.read(m.open("sub/up", {.base = 2})), "inside");
    tree.link("sub/", "P/slash");
    EXPECT_EQ(m.read(m.open("slash/f", {.base = 2})), "f in sub");
    EXPECT_EQ(m.try_open("slash", {.base = 2}), Errno::success);
    EXPECT_EQ(m.try_open("slash", {.base = 2, .lookup = 0}), Errno::loop);
    tree.link("in.txt/", "P/file_slash");
    EXPECT_EQ(m.try_open("file_slash", {.base = 2}), Errno::notdir);
}

TEST_P(PathTest, dangling_links) {
    Machine& m = machine();
    tree.link("made", "P/dangling");
    EXPECT_EQ(m.try_open("dangling", {.base = 2}), Errno::noent);
    EXPECT_EQ(m.try_open("dangling", {.base = 2, .lookup = 0}), Errno::loop);
    EXPECT_EQ(m.try_open("dangling", {.oflags = creat | excl}), Errno::exist);
    EXPECT_EQ(m.stat("dangling", true), Errno::noent);
    EXPECT_EQ(m.stat("dangling", false), Errno::success);
    EXPECT_EQ(m.readlink("dangling"), "made");
    EXPECT_FALSE(tree.exists("P/made"));
    EXPECT_EQ(m.try_open("dangling", {.oflags = creat}), Errno::success);
    EXPECT_TRUE(tree.exists("P/made"));
}

TEST_P(PathTest, chains_of_links_end) {
    Machine& m = machine();
    tree.link("self", "P/self");
    EXPECT_EQ(m.try_open("self", {.base = 2}), Errno::loop);
    EXPECT_EQ(m.try_open("self", {.base = 2, .lookup = 0}), Errno::loop);
    EXPECT_EQ(m.try_open("self/x", {.base = 2, .lookup = 0}), Errno::loop);
    tree.link("in.txt", "P/l0");
    for (int i = 1; i < 42; ++i)
        tree.link("l" + std::to_string(i - 1), "P/l" + std::to_string(i));
    EXPECT_EQ(m.try_open("l39", {.base = 2}), Errno::success) << "40 links";
    EXPECT_EQ(m.try_open("l40", {.base = 2}), Errno::loop) << "41 links";
    tree.link(".", "P/dot");
    std::string path;
    for (int i = 0; i < 40; ++i)
        path += "dot/";
    EXPECT_EQ(m.try_open(path + "in.txt", {.base = 2}), Errno::success);
    EXPECT_EQ(m.try_open(path + "dot/in.txt", {.base = 2}), Errno::loop);
    tree.link(std::string(4095, 'x'), "P/long");
    EXPECT_EQ(m.try_open("long", {.base = 2}), Errno::nametoolong);
}

TEST_P(PathTest, readlink_cuts_and_does_not_terminate) {
    Machine& m = machine();
    tree.link("target", "P/link");
    const u64 length = m.path("link");
    ASSERT_EQ(m.call("path_readlink", {3, m.path_at, length, 0x8000, 4, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 4u);
    EXPECT_EQ(m.text(0x8000, 8), "targ????");
    ASSERT_EQ(m.call("path_readlink", {3, m.path_at, length, 0x9000, 100, 0x100}), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 6u);
    EXPECT_EQ(m.text(0x9000, 8), "target??");
    EXPECT_EQ(m.readlink("in.txt"), "error: inval");
    EXPECT_EQ(m.readlink("."), "error: inval");
    EXPECT_EQ(m.readlink("nothing"), "error: noent");
    EXPECT_TRUE(m.traps("path_readlink", {3, m.path_at, length, 0x8000, 0xFFFFFFFF, 0x100}));
}

TEST_P(PathTest, symlink_stores_a_relative_target_as_it_is) {
    Machine& m = machine();
    EXPECT_EQ(m.symlink("sub/../sub/f", "made"), Errno::success);
    EXPECT_EQ(m.readlink("made"), "sub/../sub/f");
    EXPECT_EQ(m.symlink("/", "abs"), Errno::perm);
    EXPECT_EQ(m.symlink("/etc", "abs"), Errno::perm);
    EXPECT_FALSE(tree.exists("P/abs"));
    EXPECT_EQ(m.symlink("", "empty"), Errno::noent);
    EXPECT_EQ(m.symlink("x", "made"), Errno::exist);
    EXPECT_EQ(m.symlink("x", "in.txt"), Errno::exist);
    EXPECT_EQ(m.symlink("x", "new/"), Errno::noent);
    EXPECT_EQ(m.symlink("x", "sub/"), Errno::exist);
    EXPECT_EQ(m.symlink("x", "in.txt/"), Errno::exist);
    EXPECT_EQ(m.symlink("x", "."), Errno::exist);
}

TEST_P(PathTest, link_gives_a_file_a_second_name) {
    Machine& m = machine();
    ASSERT_EQ(m.link("in.txt", "sub/second"), Errno::success);
    EXPECT_EQ(tree.read("P/sub/second"), "inside");
    ASSERT_EQ(m.stat("sub/second", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).nlink, 2u);
    EXPECT_EQ(m.link("in.txt", "sub/f"), Errno::exist);
    EXPECT_EQ(m.link("in.txt", "in.txt"), Errno::exist);
    EXPECT_EQ(m.link("in.txt", "sub"), Errno::exist);
    EXPECT_EQ(m.link("in.txt", "new/"), Errno::noent);
    EXPECT_EQ(m.link("sub", "new"), Errno::perm);
    EXPECT_EQ(m.link("sub/", "new"), Errno::perm);
    EXPECT_EQ(m.link(".", "new"), Errno::perm);
    EXPECT_EQ(m.link("in.txt/", "new"), Errno::notdir);
    EXPECT_EQ(m.link("nothing", "new"), Errno::noent);
    EXPECT_EQ(m.link("in.txt", "new", 3, 3, 1), Errno::inval);
    EXPECT_FALSE(tree.exists("P/new"));
    tree.link("nowhere", "P/dangling");
    EXPECT_EQ(m.link("dangling", "copy"), Errno::success);
    EXPECT_EQ(m.readlink("copy"), "nowhere");
    EXPECT_EQ(m.link("in.txt", "dangling"), Errno::exist);
}

TEST_P(PathTest, rename_moves_and_replaces) {
    Machine& m = machine();
    std::filesystem::create_directory(tree.root / "P/empty");
    EXPECT_EQ(m.rename("in.txt", "sub/moved"), Errno::success);
    EXPECT_EQ(m.rename("sub/moved", "sub/f"), Errno::success);
    EXPECT_EQ(tree.read("P/sub/f"), "inside");
    EXPECT_EQ(m.rename("sub/f", "sub/f"), Errno::success);
    EXPECT_EQ(m.rename("sub", "empty"), Errno::success);
    EXPECT_TRUE(tree.exists("P/empty/f"));
    EXPECT_EQ(m.rename("empty/", "again/"), Errno::success);
    EXPECT_TRUE(tree.exists("P/again/f"));
    std::filesystem::create_directory(tree.root / "P/d");
    EXPECT_EQ(m.rename("d", "again"), Errno::notempty);
    EXPECT_EQ(m.rename("d", "again/f"), Errno::notdir);
    EXPECT_EQ(m.rename("again/f", "d"), Errno::isdir);
    EXPECT_EQ(m.rename("again/f", "x/"), Errno::notdir);
    EXPECT_EQ(m.rename("again/f/", "x"), Errno::notdir);
    EXPECT_EQ(m.rename("again", "again/x"), Errno::inval);
    EXPECT_EQ(m.rename("nothing", "x"), Errno::noent);
    EXPECT_EQ(m.rename(".", "x"), Errno::busy);
    EXPECT_EQ(m.rename("d", "."), Errno::busy);
    EXPECT_EQ(m.rename("d/..", "x"), Errno::busy);
    tree.link("nowhere", "P/dangling");
    EXPECT_EQ(m.rename("dangling", "moved"), Errno::success);
    EXPECT_EQ(m.readlink("moved"), "nowhere");
}

TEST_P(PathTest, times_are_refused_before_anything_is_touched) {
    Machine& m = machine();
    const u64 length = m.path("in.txt");
    EXPECT_EQ(m.times("in.txt", 1234567891, false), Errno::success);
    for (const u64 which : {3, 12, 16})
        EXPECT_EQ(m.call("path_filestat_set_times", {3, 0, m.path_at, length, 1, 1, which}),
                  Errno::inval);
    EXPECT_EQ(m.stat("in.txt", false), Errno::success);
    EXPECT_EQ(m.get<Filestat>(m.out_at).mtim, 1234567891u);
}

TEST_P(PathTest, special_files_are_refused_and_do_not_block) {
    Machine& m = machine();
    ASSERT_EQ(::mkfifo(tree.path("P/fifo").c_str(), 0600), 0);
    EXPECT_EQ(m.try_open("fifo", {.base = 2}), Errno::nxio);
    EXPECT_EQ(m.try_open("fifo", {.base = 0x40}), Errno::nxio);
    EXPECT_EQ(m.try_open("fifo", {.base = 0x42}), Errno::nxio);
    EXPECT_EQ(m.stat("fifo", true), Errno::success);
    const OwnedFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, tree.path("P/socket").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(m.try_open("socket", {.base = 2}), Errno::nxio);
    if (::mknod(tree.path("P/kmsg").c_str(), S_IFCHR | 0666, (1 << 8) | 11) == 0) {
        const Errno code = m.try_open("kmsg", {.base = 2});  // acces where devices are off
        EXPECT_TRUE(code == Errno::perm || code == Errno::acces) << to_string(code);
    }
    const usize before = open_descriptors();
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(m.try_open("fifo", {.base = 2}), Errno::nxio);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(PathTest, a_directory_opened_by_the_guest_confines_too) {
    Machine& m = machine();
    const u32 sub = m.open("sub", {.base = ~rights::writing.bits});
    EXPECT_EQ(m.try_open("f", {.base = 2, .dir = sub}), Errno::success);
    EXPECT_TRUE(is_escape(m.try_open("../in.txt", {.base = 2, .dir = sub})));
    tree.link("../in.txt", "P/sub/up");
    EXPECT_TRUE(is_escape(m.try_open("up", {.base = 2, .dir = sub})));
    EXPECT_EQ(m.try_open("sub/up", {.base = 2}), Errno::success);
}

}  // namespace
}  // namespace waxwing::wasi
