// What if the system says no? Each system call that an operation of a guest makes
// is made to fail, one after another, with each of some errors: the guest sees that
// error, nothing stays open, nothing is half done, and afterwards it works.
//
// This program has a door of its own in place of src/wasi/system.cpp.
#include <gtest/gtest.h>
#include <sys/un.h>

#include <functional>
#include <set>

#include "machine.hpp"
#include "wasi/raw_calls.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

struct Door {
    bool is_watched = false;
    std::vector<std::string> calls;  // that went through while it was watched
    int fail_at = -1;                // which of them fails
    std::string fail_all;            // or: all of this name
    int error = 0;

    // What the next call of that name is to fail with, or 0.
    int enter(const char* name) {
        if (!is_watched) return 0;
        const int index = static_cast<int>(calls.size());
        calls.push_back(name);
        return index == fail_at || fail_all == name ? error : 0;
    }
};
Door door;

}  // namespace

namespace sys {
#define CALL(result, name, parameters, ...)                                    \
    result name parameters {                                                   \
        if (const int error = door.enter(#name)) {                             \
            if (std::string_view(#name) == "close")                            \
                static_cast<void>(__VA_ARGS__); /* which it is all the same */ \
            errno = error;                                                     \
            return -1;                                                         \
        }                                                                      \
        return static_cast<result>(__VA_ARGS__);                               \
    }
#include "wasi/system.def"
}  // namespace sys

namespace {

constexpr int errors[] = {EINVAL, EINTR, EAGAIN, ENOMEM, EMFILE, ENOSPC, EIO};

// The world of one operation: made anew for each failure.
struct World {
    explicit World(Resolver resolver, bool has_quota, bool is_deterministic) {
        std::filesystem::create_directory(tree.path("P/empty"));
        tree.link("in.txt", "P/to_file");
        EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
        EXPECT_EQ(::write(in[1], "typed", 5), 5);
        log = OwnedFd(::open(tree.path("P/sub/log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
        config = config_for(tree);
        config.force_path_walk = resolver == Resolver::walk;
        if (has_quota) config.preopens[0].max_bytes = 1000;
        config.deterministic = is_deterministic;
        config.stdin_stream = Stream::descriptor(in[0]);
        config.stdout_stream = Stream::descriptor(out[1]);
        config.stderr_stream = Stream::descriptor(log.get());
        if (!is_deterministic) listen();
    }
    ~World() {
        for (const int fd : {in[0], in[1], out[0], out[1]})
            ::close(fd);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Somebody waits at the door; what it sends has come already.
    void listen() {
        listener = OwnedFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        client = OwnedFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        tree.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
        const auto* at = reinterpret_cast<const sockaddr*>(&address);
        EXPECT_EQ(::bind(listener.get(), at, sizeof address), 0);
        EXPECT_EQ(::listen(listener.get(), 5), 0);
        EXPECT_EQ(::connect(client.get(), at, sizeof address), 0);
        EXPECT_EQ(::write(client.get(), "sent", 4), 4);
        config.listeners = {Listener::descriptor(listener.get())};
    }

    // Everything beneath P, as text.
    std::string inside() const {
        std::vector<std::string> lines;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(tree.preopen())) {
            std::string line = entry.path().string();
            struct stat status{};
            EXPECT_EQ(::lstat(line.c_str(), &status), 0);
            if (S_ISREG(status.st_mode)) {
                std::ifstream bytes(line, std::ios::binary);
                line += ": " + std::string(std::istreambuf_iterator<char>(bytes), {});
                line += " " + std::to_string(status.st_mtim.tv_sec);
            }
            lines.push_back(line);
        }
        std::ranges::sort(lines);
        std::string all;
        for (const std::string& line : lines)
            all += line + "\n";
        return all;
    }

    Tree tree;
    WasiConfig config;
    int in[2], out[2];
    OwnedFd log, listener, client;
};

struct Operation {
    const char* name;
    std::function<Errno(Machine&)> run;
    std::function<void(Machine&)> prepare = [](Machine&) {};
    bool can_be_repeated = true;
    bool may_be_half_done = false;
};

constexpr u32 file = 5, directory = 6, connection = 7;

Errno at_iovec(Machine& m, const char* name, u32 fd, std::optional<u64> offset = {}) {
    m.put(m.iov_at, Iovec{m.data_at, 3});
    m.put_text(m.data_at, "xyz");
    if (offset) return m.call(name, {fd, m.iov_at, 1, *offset, m.out_at});
    return m.call(name, {fd, m.iov_at, 1, m.out_at});
}

// Opens, and closes at once without being watched.
Errno open_once(Machine& m, const char* path, const Machine::Open& how) {
    const Errno code = m.try_open(path, how);
    const bool was_watched = std::exchange(door.is_watched, false);
    if (code == Errno::success) m.call("fd_close", {m.get<u32>(m.out_at)});
    door.is_watched = was_watched;
    return code;
}

Errno poll_of(Machine& m, std::initializer_list<std::pair<u8, u32>> subscriptions) {
    u32 count = 0;
    for (const auto& [tag, subject] : subscriptions)
        m.put(0x10000 + 48 * count++, Subscription{.tag = tag, .subject = subject});
    return m.call("poll_oneoff", {0x10000, 0x20000, count, m.out_at});
}

Errno read_link(Machine& m) {
    const u64 length = m.path("to_file");
    return m.call("path_readlink", {3, m.path_at, length, m.data_at, 100, m.out_at});
}

const Operation operations[] = {
    {"open", [](Machine& m) { return open_once(m, "sub/f", {.base = 2}); }},
    {"open link", [](Machine& m) { return open_once(m, "to_file", {.base = 2}); }},
    {"open directory",
     [](Machine& m) { return open_once(m, "sub", {.oflags = 2, .base = 1 << 14}); }},
    {.name = "create",
     .run = [](Machine& m) { return open_once(m, "sub/new", {.oflags = 1, .base = 64}); },
     .may_be_half_done = true},
    {.name = "create anew",
     .run = [](Machine& m) { return open_once(m, "new", {.oflags = 5, .base = 64}); },
     .can_be_repeated = false,
     .may_be_half_done = true},
    {.name = "truncate",
     .run = [](Machine& m) { return open_once(m, "in.txt", {.oflags = 8, .base = 64}); },
     .may_be_half_done = true},
    {"stat", [](Machine& m) { return m.stat("to_file", true); }},
    {"stat, not following", [](Machine& m) { return m.stat("sub/f", false); }},
    {"set times", [](Machine& m) { return m.times("to_file", 77'000'000'000, true); }},
    {"set times, not following",
     [](Machine& m) { return m.times("sub/f", 77'000'000'000, false); }},
    {"create directory", [](Machine& m) { return m.at("path_create_directory", "sub/made"); },
     [](Machine&) {}, false},
    {"remove directory", [](Machine& m) { return m.at("path_remove_directory", "empty"); },
     [](Machine&) {}, false},
    {"unlink", [](Machine& m) { return m.at("path_unlink_file", "sub/f"); }, [](Machine&) {},
     false},
    {"rename", [](Machine& m) { return m.rename("sub/f", "in.txt"); }, [](Machine&) {}, false},
    {"link", [](Machine& m) { return m.link("sub/f", "second"); }, [](Machine&) {}, false},
    {"symlink", [](Machine& m) { return m.symlink("f", "sub/made"); }, [](Machine&) {}, false},
    {"readlink", [](Machine& m) { return read_link(m); }},
    {"fd_read", [](Machine& m) { return at_iovec(m, "fd_read", file); }},
    {"fd_write", [](Machine& m) { return at_iovec(m, "fd_write", file); }},
    {"fd_pread", [](Machine& m) { return at_iovec(m, "fd_pread", file, 1); }},
    {"fd_pwrite", [](Machine& m) { return at_iovec(m, "fd_pwrite", file, 1); }},
    {"fd_seek", [](Machine& m) { return m.call("fd_seek", {file, 1, 0, m.out_at}); }},
    {"fd_tell", [](Machine& m) { return m.call("fd_tell", {file, m.out_at}); }},
    {"fd_filestat_get", [](Machine& m) { return m.call("fd_filestat_get", {file, m.out_at}); }},
    {"fd_filestat_get of a directory",
     [](Machine& m) { return m.call("fd_filestat_get", {directory, m.out_at}); }},
    {"fd_filestat_set_size", [](Machine& m) { return m.call("fd_filestat_set_size", {file, 20}); }},
    {"fd_filestat_set_times",
     [](Machine& m) { return m.call("fd_filestat_set_times", {file, 0, 77'000'000'000, 4}); }},
    {"fd_filestat_set_times of a directory",
     [](Machine& m) { return m.call("fd_filestat_set_times", {directory, 0, 77, 4}); }},
    {"fd_allocate", [](Machine& m) { return m.call("fd_allocate", {file, 0, 30}); }},
    {"fd_advise", [](Machine& m) { return m.call("fd_advise", {file, 0, 1, 1}); }},
    {"fd_sync", [](Machine& m) { return m.call("fd_sync", {file}); }},
    {"fd_datasync", [](Machine& m) { return m.call("fd_datasync", {file}); }},
    {"fd_sync of a preopen", [](Machine& m) { return m.call("fd_sync", {3}); }},
    {"fd_fdstat_set_flags", [](Machine& m) { return m.call("fd_fdstat_set_flags", {file, 1}); }},
    {"fd_readdir",
     [](Machine& m) { return m.call("fd_readdir", {3, m.data_at, 999, 0, m.out_at}); }},
    {"fd_readdir of a directory",
     [](Machine& m) { return m.call("fd_readdir", {directory, m.data_at, 999, 0, m.out_at}); }},
    {"fd_close", [](Machine& m) { return m.call("fd_close", {file}); }, [](Machine&) {}, false},
    {"read from a pipe", [](Machine& m) { return at_iovec(m, "fd_read", 0); }, [](Machine&) {},
     false},
    {"write to a pipe", [](Machine& m) { return at_iovec(m, "fd_write", 1); }},
    {"write to a log", [](Machine& m) { return at_iovec(m, "fd_write", 2); }},
    {"read from a log, which is not for that",
     [](Machine& m) {
         return at_iovec(m, "fd_read", 2) == Errno::badf ? Errno::success : Errno::io;
     }},
    {"poll", [](Machine& m) { return poll_of(m, {{1, 0}, {2, 1}, {1, file}}); }},
    {"poll of a clock", [](Machine& m) { return poll_of(m, {{0, 1}}); }},
    {"clock_time_get", [](Machine& m) { return m.call("clock_time_get", {0, 0, m.out_at}); }},
    {"clock_res_get", [](Machine& m) { return m.call("clock_res_get", {1, m.out_at}); }},
    {"random_get", [](Machine& m) { return m.call("random_get", {m.data_at, 16}); }},
    {"sched_yield", [](Machine& m) { return m.call("sched_yield", {}); }},
};

void accept(Machine& m) {
    ASSERT_EQ(m.call("sock_accept", {4, 0, m.out_at}), Errno::success);
    ASSERT_EQ(m.get<u32>(m.out_at), connection);
}
const Operation socket_operations[] = {
    {"sock_accept", [](Machine& m) { return m.call("sock_accept", {4, 0, m.out_at}); },
     [](Machine&) {}, false},
    {"sock_recv",
     [](Machine& m) {
         m.put(m.iov_at, Iovec{m.data_at, 2});
         return m.call("sock_recv", {connection, m.iov_at, 1, 0, m.out_at, m.out_at + 8});
     },
     accept, false},
    {"sock_send",
     [](Machine& m) {
         m.put(m.iov_at, Iovec{m.data_at, 2});
         return m.call("sock_send", {connection, m.iov_at, 1, 0, m.out_at});
     },
     accept, false},
    {"sock_shutdown", [](Machine& m) { return m.call("sock_shutdown", {connection, 3}); }, accept},
};

// Where an error does not reach the guest, and why that is right.
bool is_overcome(const std::string& operation, const std::string& call, int error) {
    // Made again, after a signal or because it would have blocked.
    static const std::set<std::string> repeated = {
        "openat2",   "openat",    "readv",     "writev",    "preadv",  "pwritev",
        "preadv2",   "pwritev2",  "ftruncate", "fallocate", "fadvise", "fsync",
        "fdatasync", "getrandom", "ppoll",     "recvmsg",   "sendmsg", "accept4"};
    static const std::set<std::string> would_block = {"openat2", "preadv2", "pwritev2", "recvmsg",
                                                      "sendmsg", "accept4", "ppoll"};
    if (error == EINTR && repeated.contains(call)) return true;
    if (error == EAGAIN && would_block.contains(call)) return true;
    // What an older kernel says of a flag or a descriptor: there is another way.
    if (error == EINVAL && (call == "preadv2" || call == "pwritev2" || call == "utimensat"))
        return true;
    // What is no link.
    if (error == EINVAL && call == "readlinkat" && operation != "readlink") return true;
    // It is closed in any case; the guest's own closing tells what the host said.
    if (call == "close") return operation != "fd_close" || error == EINTR;
    // How much could be read, as far as is known; the bytes of a removed file count on.
    if (operation == "poll" && (call == "ioctl" || call == "lseek" || call == "fstat")) return true;
    if (operation == "fd_close" && call == "fstat") return true;
    return call == "sched_yield";
}

struct Setting {
    const char* name;
    Resolver resolver;
    bool has_quota;
    bool is_deterministic;
};
void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.name; }

class FailingCalls : public ::testing::TestWithParam<Setting> {
protected:
    void SetUp() override {
        if (GetParam().resolver == Resolver::kernel && best_resolver(AT_FDCWD) != Resolver::kernel)
            GTEST_SKIP() << "this kernel has no openat2";
    }
    void TearDown() override { door = {}; }

    // What an operation answers while the door is as it is set.
    Errno watched(const Operation& operation, Machine& m) {
        door.calls.clear();
        door.is_watched = true;
        const Errno code = operation.run(m);
        door.is_watched = false;
        return code;
    }
    std::optional<World> world;
    std::unique_ptr<Machine> start(const Operation& operation) {
        const Setting& setting = GetParam();
        world.emplace(setting.resolver, setting.has_quota, setting.is_deterministic);
        auto m = std::make_unique<Machine>(world->config);
        // 4 is the listener, or closed below where there is none.
        if (setting.is_deterministic) EXPECT_EQ(m->open(".", {.base = 0}), 4u);
        EXPECT_EQ(m->open("in.txt", {.base = rights::regular_file.bits}), file);
        EXPECT_EQ(m->open("sub", {.oflags = 2, .base = rights::directory.bits}), directory);
        operation.prepare(*m);
        return m;
    }

    void fail_each_call(const Operation& operation) {
        door = {};
        std::vector<std::string> calls;
        {
            auto m = start(operation);
            ASSERT_EQ(watched(operation, *m), Errno::success) << operation.name;
            calls = door.calls;
        }
        for (int i = 0; i < static_cast<int>(calls.size()); ++i)
            for (const int error : errors)
                fail_one(operation, calls[static_cast<usize>(i)], i, error);
        for (const std::string& call : std::set(calls.begin(), calls.end()))
            interrupt_all(operation, call);
    }

    void fail_one(const Operation& operation, const std::string& call, int index, int error) {
        const std::string what = std::string(operation.name) + ": " + call + " (call " +
                                 std::to_string(index + 1) + ") fails with " + std::strerror(error);
        world.reset();
        const usize open_before = open_descriptors();
        {
            auto m = start(operation);
            const std::string before = world->inside();
            door.fail_at = index;
            door.error = error;
            const Errno code = watched(operation, *m);
            door.fail_at = -1;
            if (code == Errno::success) {
                EXPECT_TRUE(is_overcome(operation.name, call, error)) << what << ": nobody told";
            } else {
                EXPECT_EQ(code, from_host(error)) << what;
                if (!operation.may_be_half_done) EXPECT_EQ(world->inside(), before) << what;
            }
            const bool is_over = code == Errno::success && !operation.can_be_repeated;
            const bool is_gone = std::string_view(operation.name) == "fd_close" ||
                                 (operation.may_be_half_done && !operation.can_be_repeated);
            if (!is_over && !is_gone)
                EXPECT_EQ(operation.run(*m), Errno::success) << what << ", then";
        }
        world.reset();
        EXPECT_EQ(open_descriptors(), open_before) << what << ": left open";
    }

    // Signals that come faster than anything ends are no endless loop.
    void interrupt_all(const Operation& operation, const std::string& call) {
        auto m = start(operation);
        door.fail_all = call;
        door.error = EINTR;
        const Errno code = watched(operation, *m);
        door.fail_all.clear();
        const bool is_told = code == Errno::intr || code == Errno::again;
        EXPECT_TRUE(is_told || (code == Errno::success &&
                                !std::set<std::string>{"openat2", "readv", "writev", "preadv2",
                                                       "pwritev2", "getrandom"}
                                     .contains(call)))
            << operation.name << ": " << call << ": " << to_string(code);
    }
};

TEST_P(FailingCalls, are_what_the_guest_is_told) {
    for (const Operation& operation : operations)
        fail_each_call(operation);
}

TEST_P(FailingCalls, on_sockets_are_what_the_guest_is_told) {
    if (GetParam().is_deterministic) GTEST_SKIP() << "which has none";
    for (const Operation& operation : socket_operations)
        fail_each_call(operation);
}

// A guest is made whole or not at all.
TEST_P(FailingCalls, while_a_guest_is_made_are_an_error_of_the_configuration) {
    const Setting& setting = GetParam();
    world.emplace(setting.resolver, setting.has_quota, setting.is_deterministic);
    WasiConfig config = world->config;
    config.stdout_stream = Stream::file(world->tree.path("P/created"));
    if (!setting.is_deterministic) config.listeners.push_back(Listener::tcp("127.0.0.1:0"));
    const auto make = [&] {
        door.calls.clear();
        door.is_watched = true;
        auto context = make_context(config);
        door.is_watched = false;
        return context;
    };
    const usize open_before = open_descriptors();
    ASSERT_TRUE(make().has_value());
    const std::vector<std::string> calls = door.calls;
    for (int i = 0; i < static_cast<int>(calls.size()); ++i) {
        for (const int error : errors) {
            const std::string& call = calls[static_cast<usize>(i)];
            door.fail_at = i;
            door.error = error;
            const auto context = make();
            door.fail_at = -1;
            const std::string what = call + ": " + std::strerror(error);
            if (context) {
                // A kernel without openat2, what is no terminal, what is closed anyway.
                EXPECT_TRUE((std::set<std::string>{"openat2", "isatty", "close"}.contains(call)))
                    << what;
            } else {
                EXPECT_EQ(context.error().code(), Code::wasi) << what;
            }
        }
    }
    EXPECT_EQ(open_descriptors(), open_before);
}

INSTANTIATE_TEST_SUITE_P(everywhere, FailingCalls,
                         ::testing::Values(Setting{"openat2", Resolver::kernel, false, false},
                                           Setting{"walk", Resolver::walk, false, false},
                                           Setting{"quota", Resolver::kernel, true, false},
                                           Setting{"deterministic", Resolver::kernel, true, true}),
                         [](const auto& each) { return each.param.name; });

// Waiting gives way although the kernel says again and again that it would block.
TEST(FailingCalls, that_would_block_for_ever_give_way_when_the_guest_is_to_stop) {
    World world(Resolver::walk, false, false);
    Machine m(world.config);
    m.engine.stop = true;
    m.put(m.iov_at, Iovec{m.data_at, 1});
    for (const auto& [function, fd, call] :
         {std::tuple("fd_read", 0u, "preadv2"), {"fd_write", 1u, "pwritev2"}}) {
        door = {.is_watched = true, .fail_all = call, .error = EAGAIN};
        const auto outcome = m.try_call(function, {fd, m.iov_at, 1, m.out_at});
        ASSERT_TRUE(outcome.error.has_value()) << function;
        EXPECT_EQ(outcome.error->kind(), ErrorKind::interrupted);
    }
    door = {};
}

}  // namespace
}  // namespace waxwing::wasi
