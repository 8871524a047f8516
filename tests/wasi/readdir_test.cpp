// fd_readdir: cookies, cut entries, the end.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <map>
#include <set>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

struct Entry {
    std::string name;
    Dirent header;
};

class ReaddirTest : public ::testing::Test {
protected:
    Tree tree;
    Machine m{config_for(tree)};

    static constexpr u32 buffer = 0x10000;

    // One call; the whole entries in what it gave.
    std::vector<Entry> read(u32 fd, u32 size, u64 cookie, u32* used = nullptr) {
        EXPECT_EQ(m.call("fd_readdir", {fd, buffer, size, cookie, 0x100}), Errno::success);
        const u32 length = m.get<u32>(0x100);
        if (used) *used = length;
        std::vector<Entry> entries;
        for (u32 at = 0; at + sizeof(Dirent) <= length;) {
            const auto header = m.get<Dirent>(buffer + at);
            at += sizeof(Dirent) + header.name_len;
            if (at > length) break;
            entries.push_back({m.text(buffer + at - header.name_len, header.name_len), header});
        }
        return entries;
    }
    // As the C library does: again from the last whole entry, with a larger
    // buffer if there was none.
    std::vector<Entry> read_all(u32 fd, u32 size) {
        std::vector<Entry> all;
        for (u64 cookie = 0;;) {
            u32 used = 0;
            const std::vector<Entry> some = read(fd, size, cookie, &used);
            all.insert(all.end(), some.begin(), some.end());
            if (used < size) return all;
            if (some.empty()) {
                size *= 2;
                continue;
            }
            cookie = some.back().header.next;
        }
    }
    u32 open(const char* name) { return m.open(name, {.oflags = 2, .base = 1 << 14}); }
};

TEST_F(ReaddirTest, an_empty_directory_has_two_entries) {
    std::filesystem::create_directory(tree.root / "P/empty");
    const u32 fd = open("empty");
    const std::vector<Entry> entries = read(fd, 1000, 0);
    ASSERT_EQ(entries.size(), 2u);
    std::set<std::string> names{entries[0].name, entries[1].name};
    EXPECT_EQ(names, (std::set<std::string>{".", ".."}));
    struct stat host;
    ASSERT_EQ(::stat(tree.path("P/empty").c_str(), &host), 0);
    for (const Entry& entry : entries) {
        EXPECT_EQ(entry.header.type, Filetype::directory);
        EXPECT_EQ(entry.header.ino, host.st_ino) << "the parent is not the guest's business";
    }
}

TEST_F(ReaddirTest, types_and_numbers_are_those_of_the_files) {
    tree.link("in.txt", "P/link");
    ASSERT_EQ(::mkfifo(tree.path("P/fifo").c_str(), 0600), 0);
    std::map<std::string, Dirent> found;
    for (const Entry& entry : read(3, 4096, 0))
        found[entry.name] = entry.header;
    EXPECT_EQ(found.size(), 6u);
    EXPECT_EQ(found["in.txt"].type, Filetype::regular_file);
    EXPECT_EQ(found["sub"].type, Filetype::directory);
    EXPECT_EQ(found["link"].type, Filetype::symbolic_link);
    EXPECT_EQ(found["fifo"].type, Filetype::unknown);
    ASSERT_EQ(m.stat("in.txt", false), Errno::success);
    EXPECT_EQ(found["in.txt"].ino, m.get<Filestat>(m.out_at).ino);
}

TEST_F(ReaddirTest, reading_goes_on_from_any_cookie) {
    for (int i = 0; i < 20; ++i)
        tree.write("P/sub/file" + std::to_string(i), "");
    const u32 fd = open("sub");
    const std::vector<Entry> all = read(fd, 8192, 0);
    ASSERT_EQ(all.size(), 23u);
    for (usize i = all.size() - 1; i-- > 0;) {
        const std::vector<Entry> rest = read(fd, 8192, all[i].header.next);
        ASSERT_EQ(rest.size(), all.size() - i - 1);
        EXPECT_EQ(rest.front().name, all[i + 1].name);
    }
    u32 used = 1;
    read(fd, 8192, all.back().header.next, &used);
    EXPECT_EQ(used, 0u);
    read(fd, 8192, all.back().header.next + 1, &used);
    EXPECT_EQ(used, 0u);
    read(fd, 8192, ~0ull, &used);
    EXPECT_EQ(used, 0u);
    EXPECT_EQ(read(fd, 8192, 0).size(), 23u);
}

TEST_F(ReaddirTest, an_entry_is_cut_anywhere_and_the_buffer_always_full) {
    const u32 fd = open("sub");
    ASSERT_EQ(m.call("fd_readdir", {fd, buffer, 1000, 0, 0x100}), Errno::success);
    const u32 length = m.get<u32>(0x100);
    const std::string whole = m.text(buffer, length);
    for (u32 size = 0; size <= length + 1; ++size) {
        m.clear();
        ASSERT_EQ(m.call("fd_readdir", {fd, buffer, size, 0, 0x100}), Errno::success);
        EXPECT_EQ(m.get<u32>(0x100), std::min(size, length));
        EXPECT_EQ(m.text(buffer, size + 1), whole.substr(0, size) + (size > length ? "??" : "?"));
    }
}

TEST_F(ReaddirTest, a_thousand_entries_come_through_a_small_buffer_once_each) {
    std::filesystem::create_directory(tree.root / "P/big");
    for (int i = 0; i < 1000; ++i)
        tree.write("P/big/entry" + std::to_string(i), "");
    const u32 fd = open("big");
    for (const u32 size : {256u, 64u, 65536u}) {
        std::set<std::string> names;
        const std::vector<Entry> all = read_all(fd, size);
        for (const Entry& entry : all)
            names.insert(entry.name);
        EXPECT_EQ(all.size(), 1002u);
        EXPECT_EQ(names.size(), 1002u);
    }
}

TEST_F(ReaddirTest, starting_again_sees_what_is_new) {
    const u32 fd = open("sub");
    EXPECT_EQ(read(fd, 4096, 0).size(), 3u);
    tree.write("P/sub/g", "");
    EXPECT_EQ(read(fd, 4096, 0).size(), 4u);
    std::filesystem::remove(tree.root / "P/sub/f");
    std::filesystem::remove(tree.root / "P/sub/g");
    EXPECT_EQ(read(fd, 4096, 0).size(), 2u);
}

TEST_F(ReaddirTest, names_are_bytes) {
    const std::string name = "\xFF\xFE\n\xC3";
    tree.write("P/sub/" + name, "");
    std::set<std::string> names;
    for (const Entry& entry : read(open("sub"), 4096, 0))
        names.insert(entry.name);
    EXPECT_TRUE(names.contains(name));
    EXPECT_EQ(m.stat("sub/" + name, false), Errno::success);
}

TEST_F(ReaddirTest, a_buffer_outside_memory_is_a_trap) {
    EXPECT_TRUE(m.traps("fd_readdir", {3, Machine::size - 10, 100, 0, 0x100}));
    EXPECT_TRUE(m.traps("fd_readdir", {3, 0x200, 0xFFFFFFFF, 0, 0x100}));
    EXPECT_TRUE(m.traps("fd_readdir", {3, 0x200, 100, 0, Machine::size - 1}));
    EXPECT_EQ(m.text(Machine::size - 10, 10), "??????????");
}

}  // namespace
}  // namespace waxwing::wasi
