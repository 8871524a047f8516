// What a guest that means harm may try, beyond paths that lead out: links that
// take long to follow, magic links, rights, many descriptors, wrong arguments.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <random>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

enum : u32 { creat = 1, directory = 2, excl = 4, trunc = 8 };

// Seconds of this thread's processor time.
double cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class AttackTest : public PathTest {};
INSTANTIATE_PATH_TESTS(AttackTest);

TEST_P(AttackTest, the_longest_path_is_walked_in_linear_time) {
    // 40 links, each of which says ./././ to the limit and leaves as much unread.
    Machine& m = machine();
    std::string dots;
    while (dots.size() < 4000)
        dots += "/.";
    tree.link("sub" + dots, "P/l0");
    for (int i = 1; i < 40; ++i)
        tree.link("l" + std::to_string(i - 1) + dots, "P/l" + std::to_string(i));
    const double start = cpu_time();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(m.try_open("l39/f", {.base = 2}), Errno::success);
    }
    EXPECT_LT(cpu_time() - start, 0.5);
}

TEST_P(AttackTest, magic_links_lead_nowhere) {
    WasiConfig config;
    config.preopens.push_back({"/", "/proc/self"});
    config.force_path_walk = GetParam() == Resolver::walk;
    Machine m(config);
    const OwnedFd secret(::open(tree.path("secret.txt").c_str(), O_RDONLY | O_CLOEXEC));
    const std::string number = "fd/" + std::to_string(secret.get());
    for (const std::string& path : {std::string("root/etc/hostname"), std::string("root/"),
                                    std::string("cwd/"), std::string("exe"), number, number + "/"})
        for (const u32 lookup : {0u, 1u}) {
            SCOPED_TRACE(path);
            EXPECT_NE(m.try_open(path, {.base = 2, .lookup = lookup}), Errno::success);
            EXPECT_NE(m.stat(path, true), Errno::success);
        }
    EXPECT_TRUE(m.readlink("root/proc/self/cwd").starts_with("error: "));
    EXPECT_EQ(m.try_open("status", {.base = 2}), Errno::success) << "a file like any other";
}

TEST_P(AttackTest, no_pair_of_directories_makes_a_read_only_one_writable) {
    WasiConfig config = this->config(true);
    config.preopens.push_back({"/same", tree.preopen(), true});
    config.preopens.push_back({"/rw", tree.path("outdir")});
    Machine m(config);
    constexpr u64 not_writing = ~rights::writing.bits;
    const u32 sub = m.open("sub", {.oflags = directory, .base = not_writing});
    const std::pair<u32, const char*> read_only[] = {{3, "in.txt"}, {4, "in.txt"}, {sub, "f"}};
    for (const auto& [dir, file] : read_only) {
        for (const u32 other : {3u, 4u, 5u, sub})
            for (const char* name : {"new", "in.txt", "f", "secret2", ".", "new/"}) {
                EXPECT_EQ(m.rename(file, name, dir, other), Errno::perm) << name;
                EXPECT_EQ(m.rename(name, file, other, dir), Errno::perm) << name;
                EXPECT_EQ(m.link(file, name, dir, other), Errno::perm) << name;
                EXPECT_EQ(m.link(name, file, other, dir), Errno::perm) << name;
            }
        for (u32 oflags = 0; oflags < 16; ++oflags)
            for (u32 right = 0; right < 30; ++right)
                for (const char* name : {file, "new", "."}) {
                    const u64 base = u64{1} << right;
                    if (m.try_open(name, {.oflags = oflags, .base = base, .dir = dir}) !=
                        Errno::success)
                        continue;
                    EXPECT_EQ(oflags & (creat | trunc), 0u);
                    EXPECT_FALSE(rights::writing.has_any(Rights::from_bits(base)));
                    const u32 fd = m.get<u32>(m.out_at);
                    EXPECT_NE(m.write(fd, "x"), Errno::success);
                    EXPECT_NE(m.call("fd_filestat_set_size", {fd, 0}), Errno::success);
                    EXPECT_NE(m.call("fd_filestat_set_times", {fd, 1, 1, 5}), Errno::success);
                    EXPECT_NE(m.call("fd_allocate", {fd, 0, 100}), Errno::success);
                    EXPECT_NE(m.call("fd_pwrite", {fd, m.iov_at, 1, 0, m.out_at}), Errno::success);
                    EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
                }
    }
    // The number makes no difference.
    ASSERT_EQ(m.call("fd_renumber", {3, 5}), Errno::success);
    EXPECT_EQ(m.at("path_unlink_file", "in.txt", 5), Errno::perm);
    EXPECT_EQ(m.try_open("new", {.oflags = creat, .dir = 5}), Errno::perm);
    EXPECT_EQ(tree.read("P/in.txt"), "inside");
    EXPECT_EQ(tree.read("P/sub/f"), "f in sub");
    EXPECT_FALSE(tree.exists("P/new") || tree.exists("P/sub/new") || tree.exists("outdir/new"));
}

TEST_P(AttackTest, two_guests_of_one_directory_keep_to_what_each_may) {
    Machine reader(config(true));
    Machine& writer = machine();
    const u32 seen = reader.open("in.txt", {.base = 2});
    ASSERT_EQ(writer.write(writer.open("in.txt", {.base = 0x40}), "INSIDE"), Errno::success);
    EXPECT_EQ(reader.read(seen), "INSIDE");
    EXPECT_EQ(reader.try_open("in.txt", {.base = 0x40}), Errno::perm);
    EXPECT_EQ(reader.rename("in.txt", "x"), Errno::perm);
    EXPECT_EQ(writer.rename("in.txt", "x"), Errno::success);
}

TEST_P(AttackTest, renumbering_takes_the_confinement_along) {
    WasiConfig config = this->config();
    config.preopens.push_back({"/out", tree.path("outdir")});
    Machine m(config);
    const u32 sub = m.open("sub", {.oflags = directory, .base = rights::directory.bits});
    ASSERT_EQ(m.call("fd_renumber", {sub, 4}), Errno::success);
    EXPECT_EQ(m.try_open("f", {.base = 2, .dir = 4}), Errno::success);
    EXPECT_EQ(m.try_open("secret2", {.base = 2, .dir = 4}), Errno::noent);
    EXPECT_TRUE(is_escape(m.try_open("../in.txt", {.base = 2, .dir = 4})));
    ASSERT_EQ(m.call("fd_renumber", {3, 0}), Errno::success);
    EXPECT_TRUE(is_escape(m.try_open("../secret.txt", {.base = 2, .dir = 0})));
    EXPECT_EQ(m.call("fd_prestat_get", {4, m.out_at}), Errno::badf);
    const u32 file = m.open("in.txt", {.base = 2, .dir = 0});
    EXPECT_EQ(file, 3u) << "the number of what was preopened";
    EXPECT_EQ(m.call("fd_prestat_get", {3, m.out_at}), Errno::badf);
    EXPECT_EQ(m.try_open("x", {.base = 2, .dir = 3}), Errno::notdir);
}

TEST_P(AttackTest, rights_that_were_given_up_are_gone_for_every_function) {
    Machine& m = machine();
    const u32 file = m.open("in.txt", {});
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {file, 0x04, 0}), Errno::success);
    m.put(m.iov_at, Iovec{m.data_at, 4});
    EXPECT_EQ(m.call("fd_read", {file, m.iov_at, 1, m.out_at}), Errno::badf);
    EXPECT_EQ(m.call("fd_pread", {file, m.iov_at, 1, 0, m.out_at}), Errno::badf);
    EXPECT_EQ(m.call("fd_write", {file, m.iov_at, 1, m.out_at}), Errno::badf);
    EXPECT_EQ(m.call("fd_pwrite", {file, m.iov_at, 1, 0, m.out_at}), Errno::badf);
    EXPECT_EQ(m.call("fd_filestat_set_size", {file, 0}), Errno::notcapable);
    m.put(0x4000, Subscription{.tag = 1, .subject = file});
    EXPECT_EQ(m.call("poll_oneoff", {0x4000, 0x5000, 1, m.out_at}), Errno::notcapable);
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {3, 1 << 13, 0x20}), Errno::success);
    EXPECT_EQ(m.call("fd_readdir", {3, m.data_at, 100, 0, m.out_at}), Errno::notcapable);
    EXPECT_EQ(m.try_open("in.txt", {.base = 2, .inheriting = 0}), Errno::notcapable);
    EXPECT_EQ(m.try_open("in.txt", {.base = 0x20, .inheriting = 0}), Errno::success);
    EXPECT_EQ(m.try_open("in.txt", {.oflags = trunc, .base = 0, .inheriting = 0}),
              Errno::notcapable);
    EXPECT_EQ(m.stat("in.txt", false), Errno::notcapable);
    EXPECT_EQ(tree.read("P/in.txt"), "inside");
}

TEST_P(AttackTest, a_directory_that_is_read_costs_the_host_one_descriptor) {
    Machine& m = machine();
    ASSERT_EQ(m.call("fd_readdir", {3, m.data_at, 1000, 0, m.out_at}), Errno::success);
    const usize before = open_descriptors();
    constexpr usize count = 50;
    for (usize i = 0; i < count; ++i) {
        const u32 fd = m.open("sub", {.oflags = directory, .base = 1 << 14 | 1 << 4});
        ASSERT_EQ(m.call("fd_readdir", {fd, m.data_at, 1000, 0, m.out_at}), Errno::success);
        EXPECT_GT(m.get<u32>(m.out_at), 24u * 3);
        ASSERT_EQ(m.call("fd_sync", {fd}), Errno::success);
    }
    EXPECT_EQ(open_descriptors(), before + count);
}

TEST_P(AttackTest, a_large_directory_through_a_small_buffer_takes_linear_time) {
    std::filesystem::create_directory(tree.root / "P/large");
    constexpr u32 count = 1500;
    for (u32 i = 0; i < count; ++i)
        tree.write("P/large/" + std::to_string(i), "");
    Machine& m = machine();
    const u32 fd = m.open("large", {.oflags = directory, .base = 1 << 14});
    const double start = cpu_time();
    u64 cookie = 0;
    u32 seen = 0;
    for (;; ++seen) {
        ASSERT_EQ(m.call("fd_readdir", {fd, m.data_at, 40, cookie, m.out_at}), Errno::success);
        if (m.get<u32>(m.out_at) < 24) break;
        cookie = m.get<Dirent>(m.data_at).next;
    }
    EXPECT_EQ(seen, count + 2);
    EXPECT_LT(cpu_time() - start, 1.0);
}

TEST_P(AttackTest, sixty_five_thousand_buffers_are_a_short_transfer) {
    Machine& m = machine();
    const u32 fd = m.open("new", {.oflags = creat, .base = 0x40});
    constexpr u32 list = 0x10000;
    for (u32 i = 0; i < (Machine::size - list) / 8; ++i)
        m.put(list + i * 8, Iovec{m.data_at, 1});
    const u64 count = (Machine::size - list) / 8;
    ASSERT_EQ(m.call("fd_write", {fd, list, count, m.out_at}), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 1024u);
    EXPECT_TRUE(m.traps("fd_write", {fd, list, count + 1, m.out_at}));
}

// Every function, with arguments of which most are wrong: it fails or it works,
// but never leaves a descriptor of the host's behind, nor anything outside.
TEST_P(AttackTest, ten_thousand_wrong_calls_of_each_function_leak_nothing) {
    tree.link("../secret.txt", "P/out");
    tree.link("self", "P/self");
    const std::string outside = tree.outside();
    std::mt19937 random(7);
    const auto any = [&](auto... choices) {
        const u64 values[] = {static_cast<u64>(choices)...};
        return values[random() % std::size(values)];
    };
    constexpr const char* paths[] = {"../x",     "/x",        "out", "self/x",
                                     "in.txt/x", "nothing/x", "",    "in.txt/"};
    const usize before = open_descriptors();
    for (const Function& function : preview1()) {
        const std::string_view name = function.name;
        // The first may wait, the second takes all the room there is.
        if (name == "poll_oneoff" || name == "fd_allocate") continue;
        if (GetParam() == Resolver::walk && !name.starts_with("path_")) continue;
        tree.write("P/in.txt", "inside");  // a function before may have made it huge
        const bool is_sync = name == "fd_sync" || name == "fd_datasync";
        Machine m(config());
        const u32 file = m.open("in.txt", {});
        const u32 dir = m.open("sub", {.oflags = directory, .base = rights::directory.bits});
        ASSERT_EQ(m.call("fd_readdir", {3, m.data_at, 100, 0, m.out_at}), Errno::success);
        ASSERT_EQ(m.call("fd_readdir", {dir, m.data_at, 100, 0, m.out_at}), Errno::success);
        const usize while_open = open_descriptors();
        for (int i = 0; i < 10'000; ++i) {
            const char* path = paths[random() % std::size(paths)];
            m.path(path);
            m.path(path, m.path2_at);
            m.put(m.iov_at, Iovec{static_cast<u32>(any(m.data_at, Machine::size - 2)), 8});
            u64 slots[10] = {is_sync ? any(99, 100) : any(3, file, dir, 99, 0)};
            for (usize at = 1; at < function.type().params.size(); ++at)
                slots[at] = any(0, 1, 2, 3, 8, std::strlen(path), m.path_at, m.path2_at, m.iov_at,
                                m.data_at, Machine::size - 3, 0xFFFFFFFF);
            Guest guest(m.engine, m.context().limits);
            static_cast<void>(function.call(m.context(), guest, slots));
            if (i % 64 == 0)  // what path_open opened after all
                for (u64 fd = dir + 1; fd < dir + 70; ++fd)
                    m.call("fd_close", {fd});
        }
        for (u64 fd = dir + 1; fd < dir + 70; ++fd)
            m.call("fd_close", {fd});
        EXPECT_LE(open_descriptors(), while_open) << name;
        for (u64 fd = 0; fd <= dir; ++fd)
            m.call("fd_close", {fd});
        EXPECT_EQ(open_descriptors(), before) << name;
    }
    EXPECT_EQ(tree.outside(), outside);
}

}  // namespace
}  // namespace waxwing::wasi
