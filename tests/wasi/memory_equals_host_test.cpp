// A directory in memory answers as one of the host does, resolved by the kernel or
// by walking: the same calls, in any order, give the same errors and results.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

const std::vector<std::string>& paths() {
    static const std::vector<std::string> all = {
        "a",         "b",        "sub",    "sub/f",      "sub/x",       "in.txt",
        "to_file",   "to_dir",   "out",    "to_dir/f",   "to_dir/../b", "absolute",
        "loop",      "dangling", "slash",  "slash/f",    "..",          "../x",
        "sub/..",    "sub/../a", ".",      "./",         "/",           "",
        "/x",        "sub/",     "a/",     "in.txt/",    "b/c",         "b/c/",
        "to_dir/",   "to_file/", "loop/",  "dangling/",  "sub/.",       "in.txt/.",
        "a/b/c",     "sub//f",   ".//a",   "sub/../..",  "out/",        "slash/",
        "to_dir/.",  "sub/b",    "sub/b/", "sub/b/../f", "a/..",        std::string(255, 'n'),
        "through/f", "through",  "b/../a", "in.txt/x",   "sub/f/..",    std::string(256, 'n'),
    };
    return all;
}

// What both begin with.
const std::vector<std::pair<const char*, const char*>> links = {
    {"to_file", "in.txt"}, {"to_dir", "sub"},         {"out", "../secret.txt"},
    {"loop", "loop"},      {"dangling", "a/nothing"}, {"slash", "to_dir/"},
    {"absolute", "/etc"},  {"through", "slash/."},
};

class MemoryEqualsHost : public ::testing::Test {
protected:
    MemoryEqualsHost() {
        for (const auto& [name, target] : links)
            tree.link(target, std::string("P/") + name);
        EXPECT_TRUE(files.add_file("in.txt", "inside").has_value());
        EXPECT_TRUE(files.add_file("sub/f", "f in sub").has_value());
        for (const auto& [name, target] : links)
            EXPECT_TRUE(files.add_symlink(name, target).has_value());
        start(false, false, false);
    }
    void start(bool walk, bool with_quota, bool steadily) {
        WasiConfig config = config_for(tree);
        config.deterministic = deterministic = steadily;
        if (with_quota) {
            config.preopens[0].max_bytes = 30;
            config.preopens[0].max_entries = 5;
        }
        config.force_path_walk = walk;
        host.emplace(config);
        config.preopens[0].host.clear();
        config.preopens[0].files = files;
        memory.emplace(config);
    }

    // The same call on both; the result of the memory's.
    Errno both(std::string_view name, std::initializer_list<u64> args) {
        const Errno expected = host->call(name, args);
        const Errno actual = memory->call(name, args);
        // Of two things that are wrong, either may be told.
        if (expected != actual && expected != Errno::success && actual != Errno::success &&
            (expected == Errno::dquot || actual == Errno::dquot))
            return actual;
        EXPECT_EQ(actual, expected) << name << history();
        if (actual != expected) failed = true;
        return actual;
    }
    u64 put_path(const std::string& path, u32 at) {
        host->put_text(at, path);
        memory->put_text(at, path);
        return path.size();
    }
    template <class T>
    void put(u32 at, const T& value) {
        host->put(at, value);
        memory->put(at, value);
    }
    template <class T>
    void expect_same(T (Machine::*read)(u32) const, u32 at) {
        EXPECT_EQ(((*memory).*read)(at), ((*host).*read)(at)) << history();
    }
    void expect_same_text(u32 at, u32 length) {
        EXPECT_EQ(memory->text(at, length), host->text(at, length)) << history();
        if (memory->text(at, length) != host->text(at, length)) failed = true;
    }
    void expect_same_status(u32 at) {
        if (deterministic) return expect_same_text(at, sizeof(Filestat));
        const auto a = memory->get<Filestat>(at), b = host->get<Filestat>(at);
        EXPECT_EQ(a.filetype, b.filetype) << history();
        if (a.filetype == Filetype::directory) return;
        EXPECT_EQ(a.size, b.size) << history();
        EXPECT_EQ(a.nlink, b.nlink) << history();
        failed |= a.filetype != b.filetype || a.size != b.size || a.nlink != b.nlink;
    }
    static std::multiset<std::string> entries(Machine& m, u32 fd) {
        std::multiset<std::string> found;
        EXPECT_EQ(m.call("fd_readdir", {fd, 0x10000, 0x10000, 0, 0x100}), Errno::success);
        for (u32 at = 0x10000; at < 0x10000 + m.get<u32>(0x100);) {
            const auto entry = m.get<Dirent>(at);
            found.insert(m.text(at + 24, entry.name_len) + " " +
                         std::to_string(static_cast<int>(entry.type)));
            at += 24 + entry.name_len;
        }
        return found;
    }

    u32 pick(u32 below) { return static_cast<u32>(random() % below); }
    const std::string& pick_path() { return paths()[pick(static_cast<u32>(paths().size()))]; }
    // A descriptor: mostly the preopen.
    u32 pick_fd() { return pick(3) == 0 ? 3 + pick(4) : 3; }

    void one_call();
    void call_on_path();
    void call_on_two_paths();
    void call_on_descriptor();
    void open();
    void transfer();

    std::string history() const {
        std::string text = "\nafter:";
        for (const std::string& line : done)
            text += "\n  " + line;
        return text;
    }
    void note(std::string line) { done.push_back(std::move(line)); }

    Tree tree;
    FileTree files;
    std::optional<Machine> host, memory;
    std::mt19937 random;
    std::vector<std::string> done;
    bool failed = false;
    bool deterministic = false;  // so that every byte is the same
};

constexpr u32 out_at = Machine::out_at, iov_at = Machine::iov_at, data_at = Machine::data_at,
              path_at = Machine::path_at, path2_at = Machine::path2_at;

void MemoryEqualsHost::call_on_path() {
    const std::string path = pick_path();
    const u32 fd = pick_fd();
    const u64 length = put_path(path, path_at);
    const u32 follow = pick(2);
    const auto say = [&](const char* name) {
        note(std::string(name) + " " + std::to_string(fd) + " \"" + path + "\" " +
             std::to_string(follow));
    };
    switch (pick(6)) {
    case 0:
        say("create_directory");
        both("path_create_directory", {fd, path_at, length});
        break;
    case 1:
        say("remove_directory");
        both("path_remove_directory", {fd, path_at, length});
        break;
    case 2:
        say("unlink_file");
        both("path_unlink_file", {fd, path_at, length});
        break;
    case 3:
        say("filestat_get");
        if (both("path_filestat_get", {fd, follow, path_at, length, out_at}) == Errno::success)
            expect_same_status(out_at);
        break;
    case 4:
        say("readlink");
        if (both("path_readlink", {fd, path_at, length, data_at, 7, out_at}) == Errno::success) {
            expect_same_text(out_at, 4);
            expect_same_text(data_at, memory->get<u32>(out_at));
        }
        break;
    case 5:
        say("filestat_set_times");
        if (both("path_filestat_set_times", {fd, follow, path_at, length, 0, 77,
                                             pick(4) == 0 ? u64{0} : 4}) == Errno::success &&
            both("path_filestat_set_times", {fd, follow, path_at, length, 0, 77, 4}) ==
                Errno::success &&
            both("path_filestat_get", {fd, follow, path_at, length, out_at}) == Errno::success)
            expect_same_text(out_at + 48, 8);
        break;
    }
}

void MemoryEqualsHost::call_on_two_paths() {
    const std::string from = pick_path(), to = pick_path();
    const u32 fd = pick_fd(), fd2 = pick_fd();
    const u64 length = put_path(from, path_at), length2 = put_path(to, path2_at);
    const auto say = [&](const char* name) {
        note(std::string(name) + " " + std::to_string(fd) + " \"" + from + "\" " +
             std::to_string(fd2) + " \"" + to + "\"");
    };
    switch (pick(3)) {
    case 0:
        say("rename");
        both("path_rename", {fd, path_at, length, fd2, path2_at, length2});
        break;
    case 1:
        say("link");
        both("path_link", {fd, 0, path_at, length, fd2, path2_at, length2});
        break;
    case 2:
        say("symlink");
        both("path_symlink", {path_at, length, fd2, path2_at, length2});
        break;
    }
}

void MemoryEqualsHost::open() {
    const std::string path = pick_path();
    const u32 fd = pick_fd(), follow = pick(2), fdflags = pick(4) == 0 ? 1 : 0;
    u32 oflags = pick(16);
    if (pick(2)) oflags &= 2;
    const u64 kinds[] = {~u64{0}, 2, 64, 66, rights::directory.bits, 2 | rights::resizing.bits};
    const u64 base = kinds[pick(6)], inheriting = pick(4) == 0 ? base : ~u64{0};
    const u64 length = put_path(path, path_at);
    note("open " + std::to_string(fd) + " \"" + path + "\" follow " + std::to_string(follow) +
         " oflags " + std::to_string(oflags) + " base " + std::to_string(base) + " fdflags " +
         std::to_string(fdflags));
    const Errno code =
        both("path_open", {fd, follow, path_at, length, oflags, base, inheriting, fdflags, out_at});
    if (code != Errno::success) return;
    expect_same_text(out_at, 4);
    const u32 opened = memory->get<u32>(out_at);
    both("fd_fdstat_get", {opened, out_at});
    expect_same_text(out_at, 24);
    if (opened > 6) both("fd_close", {3 + 1 + pick(3)});
}

void MemoryEqualsHost::transfer() {
    const u32 fd = 4 + pick(4);
    const u32 length = pick(20), offset = pick(30);
    put(iov_at, Iovec{data_at, length / 2});
    put(iov_at + 8, Iovec{data_at + 100, length - length / 2});
    const std::string text = "0123456789abcdefghij";
    put_path(text, data_at);
    put_path(text, data_at + 100);
    note("transfer " + std::to_string(fd) + " of " + std::to_string(length) + " at " +
         std::to_string(offset));
    Errno code;
    switch (pick(4)) {
    case 0: code = both("fd_write", {fd, iov_at, 2, out_at}); break;
    case 1: code = both("fd_pwrite", {fd, iov_at, 2, offset, out_at}); break;
    case 2: code = both("fd_read", {fd, iov_at, 2, out_at}); break;
    default: code = both("fd_pread", {fd, iov_at, 2, offset, out_at}); break;
    }
    if (code == Errno::success) expect_same_text(out_at, 4);
    expect_same_text(data_at, 200);
}

void MemoryEqualsHost::call_on_descriptor() {
    const u32 fd = pick(5) == 0 ? 3 : 4 + pick(4);
    const u64 size = pick(40);
    switch (pick(8)) {
    case 0: {
        const s64 delta = static_cast<s64>(pick(40)) - 20;
        const u32 whence = pick(3);
        note("seek " + std::to_string(fd) + " by " + std::to_string(delta));
        if (both("fd_seek", {fd, static_cast<u64>(delta), whence, out_at}) == Errno::success)
            expect_same_text(out_at, 8);
        break;
    }
    case 1:
        note("set_size " + std::to_string(fd) + " to " + std::to_string(size));
        both("fd_filestat_set_size", {fd, size});
        break;
    case 2:
        note("allocate " + std::to_string(fd));
        both("fd_allocate", {fd, size, 5});
        break;
    case 3:
        note("filestat_get " + std::to_string(fd));
        if (both("fd_filestat_get", {fd, out_at}) == Errno::success) expect_same_status(out_at);
        break;
    case 4:
        note("readdir " + std::to_string(fd));
        if (both("fd_readdir", {fd, 0x10000, 0x10000, 0, out_at}) == Errno::success) {
            EXPECT_EQ(entries(*memory, fd), entries(*host, fd)) << history();
            if (deterministic) expect_same_text(0x10000, memory->get<u32>(out_at));
        }
        break;
    case 5:
        note("set_flags " + std::to_string(fd));
        both("fd_fdstat_set_flags", {fd, pick(2)});
        break;
    case 6:
        note("advise, sync " + std::to_string(fd));
        both("fd_advise", {fd, 0, size, pick(6)});
        both("fd_sync", {fd});
        both("fd_datasync", {fd});
        both("fd_tell", {fd, out_at});
        break;
    case 7:
        if (fd == 3) break;
        note("close " + std::to_string(fd));
        both("fd_close", {fd});
        break;
    }
}

void MemoryEqualsHost::one_call() {
    switch (pick(10)) {
    case 0:
    case 1: call_on_path(); break;
    case 2:
    case 3: call_on_two_paths(); break;
    case 4:
    case 5: open(); break;
    case 6:
    case 7: transfer(); break;
    default: call_on_descriptor(); break;
    }
}

class Rounds : public MemoryEqualsHost, public ::testing::WithParamInterface<u32> {};

TEST_P(Rounds, whatever_is_called) {
    random.seed(GetParam());
    start(GetParam() % 2 == 1, GetParam() % 3 == 0, GetParam() % 5 == 0);
    for (int i = 0; i < 150 && !failed && !HasFailure(); ++i)
        one_call();
    EXPECT_EQ(entries(*memory, 3), entries(*host, 3)) << history();
    EXPECT_EQ(tree.read("secret.txt"), "secret");
}
INSTANTIATE_TEST_SUITE_P(seeds, Rounds, ::testing::Range(0u, 300u));

// Each function once for each path, and for each pair of paths.
TEST_F(MemoryEqualsHost, for_every_path_on_its_own) {
    for (const std::string& path : paths()) {
        const u64 length = put_path(path, path_at);
        note(path);
        for (const u32 follow : {0u, 1u}) {
            both("path_filestat_get", {3, follow, path_at, length, out_at});
            for (const u32 oflags : {0u, 2u, 8u, 10u})
                for (const u64 base : {u64{0}, u64{2}, u64{66}})
                    if (both("path_open", {3, follow, path_at, length, oflags, base, 0, 0,
                                           out_at}) == Errno::success)
                        both("fd_close", {4});
        }
        both("path_readlink", {3, path_at, length, data_at, 100, out_at});
    }
}

}  // namespace
}  // namespace waxwing::wasi
