// What path_open makes of the rights that a program asks for. Programs ask for
// far more than they use, so that rights say what is allowed, not how to open.
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

constexpr u64 bits(Rights rights) { return rights.bits; }
constexpr u64 reads = bits(Right::fd_read);
constexpr u64 writes = bits(Right::fd_write);
constexpr u64 resizes = bits(Right::fd_allocate | Right::fd_filestat_set_size);

u64 rights_of(Machine& m, u32 fd) {
    EXPECT_EQ(m.call("fd_fdstat_get", {fd, m.out_at}), Errno::success);
    return m.get<Fdstat>(m.out_at).rights_base.bits;
}

// Not the superuser, to whom every file is writable: for files, and this thread,
// only, while it lives.
class Unprivileged {
public:
    Unprivileged() : user_(::geteuid()) {
        if (user_ == 0) ::setfsuid(65534);
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    ~Unprivileged() {
        if (user_ == 0) ::setfsuid(0);
    }

private:
    uid_t user_;
};

// How the host's descriptor for a file is open: O_RDONLY, O_WRONLY, O_RDWR; -1 if none is.
int access_mode_of(const std::string& path) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (std::filesystem::read_symlink(entry.path(), gone) != path || gone) continue;
        return ::fcntl(std::stoi(entry.path().filename().string()), F_GETFL) & O_ACCMODE;
    }
    return -1;
}

class RightsTest : public StorageTest {};
INSTANTIATE_STORAGE_TESTS(RightsTest);

TEST_P(RightsTest, a_read_only_directory_can_be_read_whatever_else_is_asked_for) {
    Machine m(config(true));
    const u32 fd = m.open("in.txt", {.base = reads | resizes});
    EXPECT_EQ(rights_of(m, fd), reads);
    EXPECT_EQ(m.read(fd), "inside");
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 0}), Errno::notcapable);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 100}), Errno::notcapable);
    EXPECT_EQ(read_inside("in.txt"), "inside");
    const u32 sub = m.open("sub", {.base = bits(Right::fd_readdir) | resizes});
    EXPECT_EQ(rights_of(m, sub), bits(Right::fd_readdir));
    // A wish to write is one all the same.
    for (const u64 base : {writes, reads | writes, resizes, ~u64{0}})
        EXPECT_EQ(m.try_open("in.txt", {.base = base}), Errno::perm) << base;
    EXPECT_EQ(m.try_open("in.txt", {.oflags = trunc, .base = reads}), Errno::perm);
    EXPECT_EQ(m.try_open("new", {.oflags = creat, .base = reads}), Errno::perm);
    EXPECT_EQ(read_inside("in.txt"), "inside");
    EXPECT_FALSE(exists_inside("new"));
}

TEST_P(RightsTest, what_a_writable_file_can_give_is_given) {
    Machine& m = machine();
    const u32 fd = m.open("in.txt", {.base = reads | resizes});
    EXPECT_EQ(rights_of(m, fd), reads | resizes);
    EXPECT_EQ(m.write(fd, "x"), Errno::badf);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 2}), Errno::success);
    EXPECT_EQ(read_inside("in.txt"), "in");
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 4}), Errno::success);
    EXPECT_EQ(read_inside("in.txt"), std::string("in\0\0", 4));
    const u32 only = m.open("in.txt", {.base = resizes});
    EXPECT_EQ(m.call("fd_filestat_set_size", {only, 1}), Errno::success);
    EXPECT_EQ(read_inside("in.txt"), "i");
    const u32 sub = m.open("sub", {.base = reads | resizes | bits(Right::path_open)});
    EXPECT_EQ(rights_of(m, sub), bits(Right::path_open)) << "a directory has no size";
}

TEST_P(RightsTest, truncating_is_for_who_may_set_sizes_or_writes) {
    Machine& m = machine();
    constexpr u64 no_sizes = bits(rights::directory) & ~bits(Right::path_filestat_set_size);
    const u32 sub = m.open("sub", {.oflags = directory, .base = no_sizes});
    for (const u64 base : {u64{0}, reads, resizes})
        EXPECT_EQ(m.try_open("f", {.oflags = trunc, .base = base, .inheriting = 0, .dir = sub}),
                  Errno::notcapable);
    EXPECT_EQ(read_inside("sub/f"), "f in sub");
    const u32 made = m.open("new", {.oflags = creat | trunc, .base = writes, .dir = sub});
    EXPECT_EQ(m.write(made, "new"), Errno::success);
    EXPECT_EQ(read_inside("sub/new"), "new");
    m.open("f", {.oflags = trunc, .base = writes, .dir = sub});
    EXPECT_EQ(read_inside("sub/f"), "");
    // Who has given up sizes altogether truncates nothing.
    const u64 handed_on = bits(rights::all) & ~bits(Right::fd_filestat_set_size);
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {sub, no_sizes, handed_on}), Errno::success);
    EXPECT_EQ(m.try_open("new", {.oflags = trunc, .base = writes, .inheriting = 0, .dir = sub}),
              Errno::notcapable);
    EXPECT_EQ(read_inside("sub/new"), "new");
    // Nor who may create nothing.
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {sub, bits(Right::path_open), 0xFF}), Errno::success);
    EXPECT_EQ(m.try_open("more", {.oflags = creat, .base = writes, .inheriting = 0, .dir = sub}),
              Errno::notcapable);
    EXPECT_FALSE(exists_inside("sub/more"));
}

TEST_P(RightsTest, a_directory_asked_for_the_same_rights_twice_hands_on_all) {
    Machine& m = machine();
    constexpr u64 own = bits(rights::directory) & ~bits(Right::fd_sync);
    const u32 sub = m.open("sub", {.oflags = directory, .base = own, .inheriting = own});
    EXPECT_EQ(m.read(m.open("f", {.base = reads, .inheriting = 0, .dir = sub})), "f in sub");
    EXPECT_EQ(m.call("fd_fdstat_get", {sub, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<Fdstat>(m.out_at).rights_inheriting, rights::all);
    // Of those that its parent has.
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {3, bits(rights::directory), own | reads}),
              Errno::success);
    const u32 less = m.open("sub", {.oflags = directory, .base = own, .inheriting = own});
    EXPECT_EQ(m.try_open("f", {.base = reads, .inheriting = 0, .dir = less}), Errno::success);
    EXPECT_EQ(m.try_open("f", {.base = writes, .inheriting = 0, .dir = less}), Errno::notcapable);
    // What cannot open has nothing to hand on.
    const u32 closed = m.open("sub", {.oflags = directory, .base = 0, .inheriting = 0});
    EXPECT_EQ(m.call("fd_fdstat_get", {closed, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<Fdstat>(m.out_at).rights_inheriting.bits, 0u);
}

class HostRightsTest : public PathTest {};
INSTANTIATE_PATH_TESTS(HostRightsTest);

TEST_P(HostRightsTest, a_file_that_may_not_be_written_can_be_read) {
    Machine& m = machine();
    ASSERT_EQ(::chmod(tree.path("P/in.txt").c_str(), 0444), 0);
    {
        const Unprivileged now;
        const u32 fd = m.open("in.txt", {.base = reads | resizes});
        EXPECT_EQ(rights_of(m, fd), reads);
        EXPECT_EQ(m.read(fd), "inside");
        EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 0}), Errno::notcapable);
        for (const u64 base : {writes, reads | writes, resizes})
            EXPECT_EQ(m.try_open("in.txt", {.base = base}), Errno::acces) << base;
        EXPECT_EQ(m.try_open("in.txt", {.oflags = trunc, .base = reads}), Errno::acces);
    }
    EXPECT_EQ(tree.read("P/in.txt"), "inside");
}

TEST_P(HostRightsTest, a_file_that_may_not_be_read_can_be_opened_to_write_and_to_look_at) {
    Machine& m = machine();
    ASSERT_EQ(::chmod(tree.path("P/in.txt").c_str(), 0222), 0);
    {
        const Unprivileged now;
        const u32 fd = m.open("in.txt", {.base = bits(Right::fd_filestat_get)});
        EXPECT_EQ(m.call("fd_filestat_get", {fd, m.out_at}), Errno::success);
        EXPECT_EQ(m.get<Filestat>(m.out_at).size, 6u);
        EXPECT_EQ(m.write(m.open("in.txt", {.base = writes | bits(Right::fd_readdir)}), "IN"),
                  Errno::success);
        for (const u64 base : {reads, reads | writes})
            EXPECT_EQ(m.try_open("in.txt", {.base = base}), Errno::acces) << base;
    }
    EXPECT_EQ(tree.read("P/in.txt"), "INside");
}

TEST_P(HostRightsTest, what_is_read_is_not_open_for_writing_on_the_host) {
    // There it could not be run, and who watches it would see it change.
    Machine& m = machine();
    const std::string path = tree.path("P/in.txt");
    const u32 fd = m.open("in.txt", {.base = ~writes});
    EXPECT_EQ(access_mode_of(path), O_RDONLY);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 3}), Errno::success);
    EXPECT_EQ(access_mode_of(path), O_RDONLY);
    EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
    EXPECT_EQ(access_mode_of(path), -1);
    EXPECT_EQ(tree.read("P/in.txt"), "ins");
    m.open("in.txt", {});
    EXPECT_EQ(access_mode_of(path), O_RDWR);
}

TEST_P(HostRightsTest, a_program_that_runs_can_be_read) {
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
    WasiConfig config = this->config();
    config.preopens[0].host = self.parent_path().string();
    Machine m(config);
    const std::string name = self.filename().string();
    const u32 fd = m.open(name, {.base = ~writes});
    EXPECT_EQ(m.read(fd, 4), "\x7f"
                             "ELF");
    EXPECT_NE(m.call("fd_filestat_set_size", {fd, 1}), Errno::success);
    const Errno code = m.try_open(name, {.base = writes});  // acces where it is somebody else's
    EXPECT_TRUE(code == Errno::txtbsy || code == Errno::acces) << to_string(code);
}

TEST_P(HostRightsTest, a_size_set_through_a_descriptor_for_reading_counts_for_the_quota) {
    WasiConfig config = this->config();
    config.preopens[0].max_bytes = 10;
    Machine m(config);
    const u32 fd = m.open("in.txt", {.base = reads | resizes});
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 17}), Errno::dquot);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 17}), Errno::dquot);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 16}), Errno::success);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 17}), Errno::dquot);
    EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 6}), Errno::success);
    EXPECT_EQ(m.call("fd_allocate", {fd, 0, 16}), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt").size(), 16u);
}

// ---- Habits -----------------------------------------------------------------------------

// What the libraries of languages hand to path_open. Seen of programs that ran, but for
// AssemblyScript's and Kotlin's, which are as those libraries have them. A library that asks
// for what the directory hands on asks here for all there is.
struct Call {
    u32 lookup, oflags;
    u64 base, inheriting;
    u32 fdflags = 0;
};
struct Habit {
    const char* language;
    Call read, create, write;
    std::optional<Call> append;
    Call list;
    std::optional<Call> directory;  // to open more in it
};

constexpr u64 all = 0x3FFFFFFF;
constexpr Habit habits[] = {
    // clang 22 and the C library of WASI, which Rust 1.95 and CPython 3.12 go through as well.
    // Its directory is O_SEARCH.
    {"c",
     {1, 0, 0x3FBFFEBE, all},
     {1, creat | trunc, 0x3FFFBFFD, all},
     {1, 0, 0x3FFFBFFD, all},
     Call{1, creat, 0x3FFFBFFD, all, 1},
     {1, directory, 0x3FBFFEBE, all, 4},
     Call{1, directory, 0x3FBFBEBC, all}},
    // Rust when it did not: the same rights twice, never path_filestat_set_size.
    {"rust",
     {1, 0, 0x0FA7FEBE, 0x0FA7FEBE},
     {1, creat | trunc, 0x0FE7BFFD, 0x0FE7BFFD},
     {1, 0, 0x0FE7BFFD, 0x0FE7BFFD},
     Call{1, creat, 0x0FE7BFFD, 0x0FE7BFFD, 1},
     {1, directory, 0x0FA7FEBE, 0x0FA7FEBE},
     Call{1, directory, 0x0FA7FEBE, 0x0FA7FEBE}},
    // Go 1.26: who reads asks for fd_filestat_set_size.
    {"go",
     {1, 0, 0x0FF7FEBE, 0x0FFFFFFF},
     {1, creat | trunc, 0x0FFFFFFF, 0x0FFFFFFF},
     {1, 0, 0x0FFFBFFD, 0x0FFFFFFF},
     Call{1, 0, 0x0FFFBFFD, 0x0FFFFFFF, 1},
     {1, directory, 0x07B7FE1C, 0x0FFFFFFF},
     Call{1, 0, 0x0FF7FEBE, 0x0FFFFFFF}},
    // Its Root, which truncates in a directory that was opened without path_filestat_set_size.
    {"go, os.Root",
     {0, 0, 0x0FF7FEBE, 0x0FFFFFFF},
     {0, creat | trunc, 0x0FFFFFFF, 0x0FFFFFFF},
     {0, 0, 0x0FFFBFFD, 0x0FFFFFFF},
     Call{0, creat, 0x0FFFFFFF, 0x0FFFFFFF, 1},
     {0, directory, 0x07B7FE1C, 0x0FFFFFFF},
     Call{0, directory, 0x07B7FE1C, 0x0FFFFFFF}},
    // Zig 0.13: of a directory the same rights twice, neither fd_read nor fd_write.
    {"zig",
     {0, 0, 0x00200026, 0},
     {0, creat | trunc, 0x00E001FD, 0},
     {0, 0, 0x00C001FD, 0},
     std::nullopt,
     {1, directory, 0x07BFFE08, 0x07BFFE08},
     Call{1, directory, 0x07BFFE08, 0x07BFFE08}},
    // as-wasi 0.6: the same rights twice; path_create_file of a file.
    {"assemblyscript",
     {1, 0, 0x00204026, 0x00204026},
     {1, creat | trunc, 0x00200464, 0x00200464},
     {1, 0, 0x00200466, 0x00200466},
     std::nullopt,
     {1, 0, 0x00204026, 0x00204026},
     std::nullopt},
    // Okio.
    {"kotlin",
     {0, 0, 0x00000002, 0},
     {0, creat | trunc, 0x00000050, 0},
     {0, 0, 0x00600056, 0},
     Call{0, creat, 0x00000040, 0, 1},
     {0, directory, 0x00004000, 0},
     std::nullopt},
};

class HabitTest : public StorageTest {
protected:
    static Machine::Open how(const Call& call, u32 dir) {
        return {.oflags = call.oflags,
                .base = call.base,
                .inheriting = call.inheriting,
                .fdflags = call.fdflags,
                .lookup = call.lookup,
                .dir = dir};
    }
    // Makes a file, changes, reads and removes it.
    void work_in(Machine& m, u32 dir, const std::string& folder, const Habit& habit) {
        EXPECT_EQ(m.write(m.open("made", how(habit.create, dir)), "abc"), Errno::success);
        std::string expected = "Abc";
        if (habit.append) {
            EXPECT_EQ(m.write(m.open("made", how(*habit.append, dir)), "d"), Errno::success);
            expected += "d";
        }
        EXPECT_EQ(m.write(m.open("made", how(habit.write, dir)), "A"), Errno::success);
        EXPECT_EQ(m.read(m.open("made", how(habit.read, dir))), expected);
        EXPECT_EQ(read_inside(folder + "made"), expected);
        m.open("made", how(habit.create, dir));
        EXPECT_EQ(read_inside(folder + "made"), "") << "truncated";
        EXPECT_EQ(m.rename("made", "moved", dir, dir), Errno::success);
        EXPECT_EQ(m.at("path_unlink_file", "moved", dir), Errno::success);
    }
    // Sorted, with a space between two.
    static std::string names_in(Machine& m, u32 fd) {
        EXPECT_EQ(m.call("fd_readdir", {fd, m.data_at, 4096, 0, m.out_at}), Errno::success);
        std::vector<std::string> names;
        const u32 end = m.data_at + m.get<u32>(m.out_at);
        for (u32 at = m.data_at; at < end;) {
            const Dirent entry = m.get<Dirent>(at);
            names.push_back(m.text(at + sizeof entry, entry.name_len));
            at += static_cast<u32>(sizeof entry) + entry.name_len;
        }
        std::ranges::sort(names);
        std::string all;
        for (const std::string& name : names)
            all += (all.empty() ? "" : " ") + name;
        return all;
    }
};
INSTANTIATE_STORAGE_TESTS(HabitTest);

TEST_P(HabitTest, works_in_a_preopened_directory) {
    Machine m(config());
    for (const Habit& habit : habits) {
        SCOPED_TRACE(habit.language);
        work_in(m, 3, "", habit);
        EXPECT_EQ(names_in(m, m.open("sub", how(habit.list, 3))), ". .. f");
    }
}

TEST_P(HabitTest, works_in_a_directory_that_the_program_opened) {
    Machine m(config());
    for (const Habit& habit : habits) {
        if (!habit.directory) continue;
        SCOPED_TRACE(habit.language);
        const u32 sub = m.open("sub", how(*habit.directory, 3));
        work_in(m, sub, "sub/", habit);
        EXPECT_EQ(names_in(m, m.open(".", how(habit.list, sub))), ". .. f");
        // And in one that it opened there.
        work_in(m, m.open(".", how(*habit.directory, sub)), "sub/", habit);
    }
}

TEST_P(HabitTest, reads_and_lists_what_is_read_only_and_changes_nothing) {
    Machine m(config(true));
    for (const Habit& habit : habits) {
        SCOPED_TRACE(habit.language);
        EXPECT_EQ(m.read(m.open("in.txt", how(habit.read, 3))), "inside");
        EXPECT_EQ(names_in(m, m.open("sub", how(habit.list, 3))), ". .. f");
        std::vector<u32> places = {3};
        if (habit.directory) {
            places.push_back(m.open("sub", how(*habit.directory, 3)));
            EXPECT_EQ(m.read(m.open("f", how(habit.read, places.back()))), "f in sub");
        }
        for (const u32 place : places) {
            const char* name = place == 3 ? "in.txt" : "f";
            for (const Call& call : {habit.create, habit.write, habit.append.value_or(habit.write)})
                EXPECT_EQ(m.try_open(name, how(call, place)), Errno::perm);
        }
    }
    EXPECT_EQ(read_inside("in.txt"), "inside");
    EXPECT_EQ(read_inside("sub/f"), "f in sub");
}

}  // namespace
}  // namespace waxwing::wasi
