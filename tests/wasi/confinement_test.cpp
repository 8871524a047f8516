// Nothing outside the directory is read, named or changed. Every case runs with
// both ways of resolving, and with the same files in memory.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

class ConfinementTest : public StorageTest {
protected:
    void SetUp() override {
        StorageTest::SetUp();
        tree.link("../secret.txt", "P/link_rel");
        tree.link(tree.path("secret.txt"), "P/link_abs");
        tree.link("../outdir", "P/link_dir");
        tree.link("link_dir/", "P/slashlink");
        tree.link("sub/../../secret.txt", "P/link_mid");
        tree.link("b/", "P/a");
        tree.link("c/.", "P/b");
        tree.link("../outdir", "P/c");
        tree.link("../created", "P/link_new");
        tree.link("/proc/self/root", "P/magic_root");
        tree.link("/proc/self/fd/0", "P/magic_fd");
        tree.link("/proc/self/cwd", "P/magic_cwd");
        before_ = tree.outside();
    }
    void TearDown() override {
        if (!IsSkipped()) {
            EXPECT_EQ(tree.outside(), before_) << "something outside has changed";
        }
    }

private:
    std::string before_;
};

INSTANTIATE_STORAGE_TESTS(ConfinementTest);

constexpr const char* ways_out[] = {
    "../secret.txt",
    "/etc/hostname",
    "/",
    "///",
    "..",
    "../",
    "sub/../..",
    "sub/../../secret.txt",
    "sub/../../P/in.txt",  // and back in: even the name P is none of the guest's business
    "../P/in.txt",
    "./../secret.txt",
    "link_rel",
    "link_abs",
    "link_mid",
    "link_dir/secret2",
    "link_dir/",
    "link_dir/.",
    "link_dir/../secret.txt",
    "slashlink",
    "slashlink/",
    "slashlink/secret2",
    "a",
    "a/secret2",
    "link_new",
    "magic_root/etc/hostname",
    "magic_root/",
    "magic_fd",
    "magic_cwd/",
    "sub/../link_rel",
};

// The last component is a link: following is what leads out.
bool ends_in_link(std::string_view path) {
    for (const std::string_view link : {"link_rel", "link_abs", "link_mid", "slashlink", "a",
                                        "link_new", "magic_fd", "sub/../link_rel"})
        if (path == link) return true;
    return false;
}

TEST_P(ConfinementTest, no_path_opens_what_is_outside) {
    Machine& m = machine();
    for (const char* path : ways_out) {
        SCOPED_TRACE(path);
        for (const u32 oflags : {0u, u32{directory}, u32{trunc}})
            EXPECT_TRUE(is_escape(m.try_open(path, {.oflags = oflags, .base = 2})));
        EXPECT_TRUE(is_escape(m.try_open(path, {.base = 0x40})));
        const Errno created = m.try_open(path, {.oflags = creat | trunc});
        EXPECT_TRUE(created == Errno::isdir || is_escape(created)) << to_string(created);
        const Errno unfollowed = m.try_open(path, {.base = 2, .lookup = 0});
        if (ends_in_link(path))
            EXPECT_EQ(unfollowed, Errno::loop);
        else
            EXPECT_TRUE(is_escape(unfollowed));
        if (ends_in_link(path)) {
            EXPECT_EQ(m.try_open(path, {.oflags = creat | excl}), Errno::exist);
        }
    }
}

TEST_P(ConfinementTest, no_path_tells_about_what_is_outside) {
    Machine& m = machine();
    for (const char* path : ways_out) {
        SCOPED_TRACE(path);
        EXPECT_TRUE(is_escape(m.stat(path, true)));
        EXPECT_TRUE(is_escape(m.times(path, 1, true)));
        if (ends_in_link(path)) {
            EXPECT_EQ(m.stat(path, false), Errno::success);
            EXPECT_EQ(m.get<Filestat>(m.out_at).filetype, Filetype::symbolic_link);
        } else {
            EXPECT_TRUE(is_escape(m.stat(path, false)));
            EXPECT_TRUE(is_escape(m.times(path, 1, false)));
        }
    }
    EXPECT_EQ(m.readlink("link_abs"), tree.path("secret.txt")) << "the text is no secret";
    EXPECT_EQ(m.readlink("link_dir/l2"), "error: perm");
    EXPECT_EQ(m.readlink("../outdir/l2"), "error: perm");
}

TEST_P(ConfinementTest, nothing_is_made_or_removed_outside) {
    Machine& m = machine();
    for (const std::string parent :
         {"../", "link_dir/", "slashlink/", "a/", "sub/../../", "magic_cwd/", "../outdir/", "/"}) {
        SCOPED_TRACE(parent);
        const auto child = [&](const char* name) { return parent + name; };
        EXPECT_TRUE(is_escape(m.at("path_create_directory", child("new"))));
        EXPECT_TRUE(is_escape(m.at("path_create_directory", child("new/"))));
        EXPECT_TRUE(is_escape(m.at("path_unlink_file", child("victim2"))));
        EXPECT_TRUE(is_escape(m.at("path_unlink_file", child("victim.txt"))));
        EXPECT_TRUE(is_escape(m.at("path_remove_directory", child("od"))));
        EXPECT_TRUE(is_escape(m.symlink("x", child("made"))));
        EXPECT_TRUE(is_escape(m.rename("in.txt", child("moved"))));
        EXPECT_TRUE(is_escape(m.rename(child("secret2"), "stolen")));
        EXPECT_TRUE(is_escape(m.link("in.txt", child("hard"))));
        EXPECT_TRUE(is_escape(m.link(child("secret2"), "stolen")));
        EXPECT_TRUE(is_escape(m.try_open(child("new"), {.oflags = creat})));
        EXPECT_TRUE(is_escape(m.times(child("secret2"), 1, false)));
    }
    EXPECT_TRUE(is_escape(m.at("path_remove_directory", "..")));
    EXPECT_TRUE(is_escape(m.at("path_unlink_file", "..")));
    EXPECT_TRUE(is_escape(m.rename("sub", "..")));
    EXPECT_EQ(read_inside("in.txt"), "inside");
    EXPECT_FALSE(exists_inside("stolen"));
}

TEST_P(ConfinementTest, the_links_themselves_are_the_guests) {
    Machine& m = machine();
    EXPECT_EQ(m.at("path_remove_directory", "link_dir"), Errno::notdir);
    EXPECT_EQ(m.at("path_remove_directory", "link_dir/"), Errno::notdir);
    EXPECT_EQ(m.at("path_create_directory", "link_dir"), Errno::exist);
    EXPECT_EQ(m.at("path_create_directory", "link_dir/"), Errno::exist);
    EXPECT_EQ(m.at("path_create_directory", "link_new"), Errno::exist);
    EXPECT_EQ(m.at("path_unlink_file", "link_dir/"), Errno::notdir);
    EXPECT_EQ(m.link("link_rel", "copied"), Errno::success);
    EXPECT_EQ(m.readlink("copied"), "../secret.txt");
    EXPECT_EQ(m.link("link_rel", "copied2", 3, 3, 1), Errno::inval);
    EXPECT_EQ(m.rename("link_rel", "moved"), Errno::success);
    EXPECT_EQ(m.readlink("moved"), "../secret.txt");
    EXPECT_EQ(m.rename("in.txt", "link_abs"), Errno::success) << "replaces the link";
    EXPECT_EQ(read_inside("link_abs"), "inside");
    EXPECT_EQ(m.at("path_unlink_file", "link_dir"), Errno::success);
    EXPECT_FALSE(exists_inside("link_dir"));
}

TEST_P(ConfinementTest, links_made_by_the_guest_lead_nowhere_else) {
    Machine& m = machine();
    ASSERT_EQ(m.symlink("../secret.txt", "g"), Errno::success);
    EXPECT_TRUE(is_escape(m.try_open("g", {.base = 2})));
    EXPECT_TRUE(is_escape(m.try_open("g", {.oflags = creat | trunc})));
    ASSERT_EQ(m.symlink("../outdir", "evil"), Errno::success);
    ASSERT_EQ(m.symlink("evil/", "evil2"), Errno::success);
    for (const char* path : {"evil2", "evil2/", "evil2/secret2", "evil/secret2", "evil/"}) {
        SCOPED_TRACE(path);
        EXPECT_TRUE(is_escape(m.try_open(path, {.base = 2})));
        const Errno unfollowed = m.try_open(path, {.oflags = directory, .base = 2, .lookup = 0});
        EXPECT_TRUE(unfollowed == Errno::notdir || is_escape(unfollowed)) << to_string(unfollowed);
    }
    ASSERT_EQ(m.symlink("../created", "n"), Errno::success);
    EXPECT_TRUE(is_escape(m.try_open("n", {.oflags = creat})));
    EXPECT_EQ(m.try_open("n", {.oflags = creat | excl}), Errno::exist);
    EXPECT_FALSE(tree.exists("created"));
}

TEST_P(ConfinementTest, the_directory_is_what_it_was_when_opened) {
    if (in_memory()) GTEST_SKIP() << "nobody else can change it";
    Machine& m = machine();
    std::filesystem::rename(tree.root / "P", tree.root / "elsewhere");
    std::filesystem::create_directory_symlink("outdir", tree.root / "P");
    EXPECT_EQ(m.read(m.open("in.txt", {.base = 2})), "inside");
    EXPECT_EQ(m.try_open("secret2", {.base = 2}), Errno::noent);
    std::filesystem::remove(tree.root / "P");
    std::filesystem::rename(tree.root / "elsewhere", tree.root / "P");
}

TEST_P(ConfinementTest, a_directory_moved_out_does_not_take_the_guest_along) {
    if (in_memory()) GTEST_SKIP() << "nobody else can change it";
    Machine& m = machine();
    const u32 sub = m.open("sub", {.base = ~rights::writing.bits});
    std::filesystem::rename(tree.root / "P/sub", tree.root / "sub");
    EXPECT_EQ(m.read(m.open("f", {.base = 2, .dir = sub})), "f in sub");
    EXPECT_TRUE(is_escape(m.try_open("../secret.txt", {.base = 2, .dir = sub})));
    std::filesystem::rename(tree.root / "sub", tree.root / "P/sub");
}

TEST_P(ConfinementTest, a_hard_link_made_by_the_host_is_a_file_like_any_other) {
    if (in_memory()) GTEST_SKIP() << "nobody else can change it";
    std::filesystem::create_hard_link(tree.root / "victim.txt", tree.root / "P/hard");
    Machine& m = machine();
    EXPECT_EQ(m.read(m.open("hard", {.base = 2})), "victim");
}

TEST_P(ConfinementTest, very_deep_directories_end_in_an_error) {
    Machine& m = machine();
    std::string path;
    Errno code = Errno::success;
    int depth = 0;
    while (code == Errno::success && depth < 5000) {
        path += depth == 0 ? "d" : "/d";
        code = m.at("path_create_directory", path);
        ++depth;
    }
    EXPECT_EQ(code, Errno::nametoolong);
    EXPECT_GT(depth, 200);
}

TEST_P(ConfinementTest, failing_calls_leak_no_descriptor) {
    Machine& m = machine();
    const usize before = open_descriptors();
    for (int i = 0; i < 300; ++i)
        for (const char* path : ways_out) {
            m.try_open(path, {.oflags = creat});
            m.stat(path, true);
            m.at("path_create_directory", path);
            m.rename(path, "sub/none/x");
            m.link("sub/none/y", path);
        }
    EXPECT_EQ(open_descriptors(), before);
}

// Read-only directories.

class ReadOnlyTest : public StorageTest {};
INSTANTIATE_STORAGE_TESTS(ReadOnlyTest);

TEST_P(ReadOnlyTest, nothing_changes_in_a_read_only_directory) {
    tree.link("in.txt", "P/link");
    WasiConfig config = this->config(true);
    config.preopens.push_back({"/rw", tree.path("outdir")});
    Machine m(config);
    const u32 ro = 3, rw = 4;
    struct stat before;
    ASSERT_EQ(::lstat(tree.path("P/in.txt").c_str(), &before), 0);

    EXPECT_EQ(m.try_open("in.txt", {.oflags = trunc, .base = 2}), Errno::perm);
    EXPECT_EQ(m.try_open("in.txt", {.base = 0x40}), Errno::perm);
    EXPECT_EQ(m.try_open("in.txt", {.base = 1 << 8}), Errno::perm);
    EXPECT_EQ(m.try_open("in.txt", {.base = 1 << 22}), Errno::perm);
    EXPECT_EQ(m.try_open("in.txt", {.base = 0x40, .fdflags = 1}), Errno::perm);
    EXPECT_EQ(m.try_open("new", {.oflags = creat, .base = 2}), Errno::perm);
    EXPECT_EQ(m.at("path_create_directory", "new"), Errno::perm);
    EXPECT_EQ(m.at("path_remove_directory", "sub"), Errno::perm);
    EXPECT_EQ(m.at("path_unlink_file", "in.txt"), Errno::perm);
    EXPECT_EQ(m.symlink("x", "new"), Errno::perm);
    EXPECT_EQ(m.times("in.txt", 1, true), Errno::perm);
    EXPECT_EQ(m.times("link", 1, false), Errno::perm);
    EXPECT_EQ(m.rename("in.txt", "new"), Errno::perm);
    EXPECT_EQ(m.rename("in.txt", "taken", ro, rw), Errno::perm);
    EXPECT_EQ(m.rename("secret2", "new", rw, ro), Errno::perm);
    EXPECT_EQ(m.link("in.txt", "new"), Errno::perm);
    EXPECT_EQ(m.link("in.txt", "taken", ro, rw), Errno::perm);
    EXPECT_EQ(m.link("secret2", "new", rw, ro), Errno::perm);

    const u32 fd = m.open("in.txt", {.base = 0x27 | 1 << 21 | 1 << 23 | 1 << 3});
    EXPECT_EQ(m.read(fd), "inside");
    EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 1, 1, 5}), Errno::perm);
    EXPECT_EQ(m.call("fd_filestat_set_times", {3, 1, 1, 5}), Errno::perm);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 0}), Errno::notcapable);
    const u32 sub = m.open("sub", {.base = ~rights::writing.bits});
    EXPECT_EQ(m.try_open("new", {.oflags = creat, .base = 2, .dir = sub}), Errno::perm);
    EXPECT_EQ(m.at("path_unlink_file", "f", sub), Errno::perm);
    EXPECT_EQ(m.stat("link", true), Errno::success);

    struct stat after;
    ASSERT_EQ(::lstat(tree.path("P/in.txt").c_str(), &after), 0);
    EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    EXPECT_EQ(before.st_nlink, after.st_nlink);
    EXPECT_EQ(read_inside("in.txt"), "inside");
    EXPECT_FALSE(exists_inside("new"));
    EXPECT_FALSE(tree.exists("outdir/taken"));
}

TEST_P(ReadOnlyTest, writable_directories_exchange_names) {
    if (in_memory()) GTEST_SKIP() << "trees in memory do not";
    WasiConfig config = this->config();
    config.preopens.push_back({"/rw", tree.path("outdir")});
    Machine m(config);
    EXPECT_EQ(m.rename("in.txt", "taken", 3, 4), Errno::success);
    EXPECT_EQ(tree.read("outdir/taken"), "inside");
    EXPECT_EQ(m.link("secret2", "linked", 4, 3), Errno::success);
    EXPECT_EQ(read_inside("linked"), "secret2");
    EXPECT_TRUE(is_escape(m.rename("taken", "../taken", 4, 3)));
}

}  // namespace
}  // namespace waxwing::wasi
