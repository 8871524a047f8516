// Standard streams of every kind.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <thread>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

struct Pipe {
    Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close_reader() { close(ends[0]); }
    void close_writer() { close(ends[1]); }
    static void close(int& fd) {
        if (fd >= 0) ::close(std::exchange(fd, -1));
    }
    int ends[2];
};

TEST(Stream, none_is_empty_and_swallows) {
    Machine m({});
    EXPECT_EQ(m.read(0), "");
    EXPECT_EQ(m.write(1, "gone"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 4u);
    EXPECT_EQ(m.write(2, "gone"), Errno::success);
    EXPECT_EQ(m.write(0, "x"), Errno::badf);
    EXPECT_EQ(m.read(1), "error: badf");
}

TEST(Stream, is_no_terminal_and_cannot_seek) {
    Machine m({});
    for (u32 fd = 0; fd < 3; ++fd) {
        ASSERT_EQ(m.call("fd_fdstat_get", {fd, 0x100}), Errno::success);
        const auto stat = m.get<Fdstat>(0x100);
        EXPECT_EQ(stat.filetype, Filetype::unknown);
        EXPECT_FALSE(stat.rights_base.has_any(Right::fd_seek | Right::fd_tell));
        EXPECT_EQ(m.call("fd_seek", {fd, 0, 0, 0x100}), Errno::spipe);
        EXPECT_EQ(m.call("fd_tell", {fd, 0x100}), Errno::spipe);
    }
    EXPECT_EQ(m.call("fd_pread", {0, 0x200, 0, 0, 0x100}), Errno::spipe);
    EXPECT_EQ(m.call("fd_pwrite", {1, 0x200, 0, 0, 0x100}), Errno::spipe);
    EXPECT_EQ(m.call("fd_sync", {1}), Errno::success);
}

TEST(Stream, has_neither_size_nor_times) {
    Pipe pipe;
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(pipe.ends[0]);
    Machine m(config);
    for (u32 fd = 0; fd < 3; ++fd) {
        ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
        EXPECT_EQ(m.text(0x100, 64), std::string(64, '\0'));
    }
}

TEST(Stream, buffers_are_read_and_appended_to) {
    WasiConfig config;
    const auto in = std::make_shared<std::string>("some input");
    const auto out = std::make_shared<std::string>("> ");
    config.stdin_stream = Stream::buffer(in);
    config.stdout_stream = Stream::buffer(out);
    Machine m(config);
    EXPECT_EQ(m.read(0, 4), "some");
    EXPECT_EQ(m.read(0), " input");
    EXPECT_EQ(m.read(0), "");
    EXPECT_EQ(m.write(1, "one"), Errno::success);
    EXPECT_EQ(m.write(1, " two"), Errno::success);
    EXPECT_EQ(*out, "> one two");
}

TEST(Stream, a_buffer_takes_no_more_than_its_limit) {
    WasiConfig config;
    const auto out = std::make_shared<std::string>();
    config.stdout_stream = Stream::buffer(out, 6);
    Machine m(config);
    EXPECT_EQ(m.write(1, "four"), Errno::success);
    EXPECT_EQ(m.write(1, "four"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 2u);
    EXPECT_EQ(m.write(1, "four"), Errno::nospc);
    EXPECT_EQ(m.write(1, ""), Errno::success);
    EXPECT_EQ(*out, "fourfo");
}

TEST(Stream, a_callback_sees_what_is_written_and_may_close_the_descriptor) {
    WasiConfig config;
    std::string seen;
    Machine* machine = nullptr;
    config.stdout_stream = Stream::callback([&](std::string_view bytes) {
        seen += bytes;
        EXPECT_EQ(machine->context().fds.close(Fd{1}).has_value(), true);
        machine->engine.bytes.resize(Machine::size * 2);  // memory moves
    });
    Machine m(config);
    machine = &m;
    EXPECT_EQ(m.write(1, "hello"), Errno::success);
    EXPECT_EQ(m.get<u32>(m.out_at), 5u);
    EXPECT_EQ(seen, "hello");
    EXPECT_EQ(m.write(1, "again"), Errno::badf);
}

TEST(Stream, a_source_is_asked_for_what_is_wanted_and_none_is_the_end) {
    WasiConfig config;
    std::vector<usize> asked;
    std::vector<std::string> answers = {"", "more than was asked for", "abcdef"};
    config.stdin_stream = Stream::source([&](usize wanted) {
        asked.push_back(wanted);
        const std::string answer = answers.back();
        if (answers.size() > 1) answers.pop_back();
        return answer;
    });
    Machine m(config);
    EXPECT_EQ(m.read(0, 100'000), "abcdef");
    EXPECT_EQ(m.read(0, 9), "more than");
    EXPECT_EQ(m.read(0, 5), "");
    EXPECT_EQ(m.read(0, 5), "");
    EXPECT_EQ(asked, (std::vector<usize>{65536, 9, 5, 5}));
}

TEST(Stream, bytes_of_a_source_that_moved_the_memory_come_with_the_next_read) {
    WasiConfig config;
    Machine* running = nullptr;
    config.stdin_stream = Stream::source([&](usize) {
        auto& memory = running->engine.bytes;
        memory.reserve(memory.capacity() * 2);
        return std::string("late");
    });
    Machine m(config);
    running = &m;
    EXPECT_EQ(m.read(0), "error: intr");
    EXPECT_EQ(m.read(0, 2), "la");
    EXPECT_EQ(m.read(0, 2), "te");
}

TEST(Stream, files_are_read_and_truncated) {
    const Tree tree;
    WasiConfig config;
    config.stdin_stream = Stream::file(tree.path("secret.txt"));
    config.stdout_stream = Stream::file(tree.path("victim.txt"));
    config.stderr_stream = Stream::file(tree.path("created"));
    Machine m(config);
    EXPECT_EQ(m.read(0), "secret");
    EXPECT_EQ(m.write(1, "out"), Errno::success);
    EXPECT_EQ(m.write(2, "err"), Errno::success);
    EXPECT_EQ(tree.read("victim.txt"), "out");
    EXPECT_EQ(tree.read("created"), "err");
}

// A guest without any grant, whose streams the host has redirected to files: they
// are as pipes to it, whichever way they came.
TEST(Stream, files_are_read_and_written_at_their_position_and_nothing_else) {
    for (const bool lent : {true, false}) {
        const Tree tree;
        tree.write("P/log", "kept");
        const OwnedFd in(::open(tree.path("P/in.txt").c_str(), O_RDWR | O_CLOEXEC));
        const OwnedFd log(::open(tree.path("P/log").c_str(), O_RDWR | O_CLOEXEC));
        ASSERT_EQ(::lseek(in.get(), 2, SEEK_SET), 2);
        ASSERT_EQ(::lseek(log.get(), 0, SEEK_END), 4);
        WasiConfig config;
        config.stdin_stream =
            lent ? Stream::descriptor(in.get()) : Stream::file(tree.path("P/in.txt"));
        config.stdout_stream =
            lent ? Stream::descriptor(log.get()) : Stream::file(tree.path("P/log"));
        Machine m(config);
        const std::string before = lent ? "kept" : "";
        EXPECT_EQ(m.write(1, "!"), Errno::success);
        const auto stat_of = [](const OwnedFd& fd) {
            struct stat status{};
            EXPECT_EQ(::fstat(fd.get(), &status), 0);
            return std::tuple(status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                              status.st_blocks);
        };
        const auto in_before = stat_of(in), log_before = stat_of(log);
        m.put(m.iov_at, Iovec{m.data_at, 1});
        for (const u64 fd : {0, 1}) {
            ASSERT_EQ(m.call("fd_fdstat_get", {fd, 0x100}), Errno::success);
            const auto stat = m.get<Fdstat>(0x100);
            EXPECT_EQ(stat.filetype, Filetype::unknown);
            EXPECT_EQ(stat.rights_base,
                      rights::stream - (fd == 0 ? Right::fd_write : Right::fd_read));
            EXPECT_EQ(stat.rights_inheriting, Rights());
            EXPECT_EQ(m.call("fd_fdstat_set_rights", {fd, rights::regular_file.bits, 0}),
                      Errno::notcapable);
            ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
            EXPECT_EQ(m.text(0x100, 64), std::string(64, '\0')) << "whose file it is";
            EXPECT_EQ(m.call("fd_seek", {fd, 0, 0, 0x100}), Errno::spipe);
            EXPECT_EQ(m.call("fd_tell", {fd, 0x100}), Errno::spipe);
            EXPECT_EQ(m.call("fd_filestat_set_size", {fd, 0}), Errno::notcapable);
            EXPECT_EQ(m.call("fd_filestat_set_times", {fd, 0, 0, 5}), Errno::notcapable);
            EXPECT_EQ(m.call("fd_allocate", {fd, 0, 1'000'000}), Errno::notcapable);
            EXPECT_EQ(m.call("fd_advise", {fd, 0, 1, 4}), Errno::notcapable);
            EXPECT_EQ(m.call("fd_fdstat_set_flags", {fd, 1}), Errno::notsup);
            EXPECT_EQ(m.call("fd_fdstat_set_flags", {fd, 4}), Errno::success);
            EXPECT_EQ(m.call("fd_sync", {fd}), Errno::success);
        }
        EXPECT_EQ(m.call("fd_pread", {0, m.iov_at, 1, 0, 0x100}), Errno::spipe);
        EXPECT_EQ(m.call("fd_pwrite", {1, m.iov_at, 1, 0, 0x100}), Errno::spipe);
        EXPECT_EQ(m.call("fd_write", {0, m.iov_at, 1, 0x100}), Errno::badf);
        EXPECT_EQ(m.call("fd_read", {1, m.iov_at, 1, 0x100}), Errno::badf);
        EXPECT_EQ(stat_of(in), in_before);
        EXPECT_EQ(stat_of(log), log_before);

        // Under another number it is no more.
        ASSERT_EQ(m.call("fd_renumber", {1, 2}), Errno::success);
        EXPECT_EQ(m.call("fd_filestat_set_size", {2, 0}), Errno::notcapable);
        EXPECT_EQ(m.write(2, "?"), Errno::success);
        EXPECT_EQ(tree.read("P/log"), before + "!?");
        EXPECT_EQ(m.read(0), lent ? "side" : "inside");
    }
}

TEST(Stream, a_lent_descriptor_stays_open_and_keeps_its_flags) {
    Pipe pipe;
    WasiConfig config;
    config.stdout_stream = Stream::descriptor(pipe.ends[1]);
    {
        Machine m(config);
        EXPECT_EQ(m.write(1, "through"), Errno::success);
        EXPECT_EQ(m.call("fd_fdstat_set_flags", {1, 4}), Errno::success);
        ASSERT_EQ(m.call("fd_fdstat_get", {1, 0x100}), Errno::success);
        EXPECT_EQ(m.get<Fdstat>(0x100).flags.bits, 4);
        EXPECT_EQ(m.call("fd_close", {1}), Errno::success);
    }
    EXPECT_EQ(::fcntl(pipe.ends[1], F_GETFL) & O_NONBLOCK, 0);
    char text[8] = {};
    EXPECT_EQ(::read(pipe.ends[0], text, 7), 7);
    EXPECT_STREQ(text, "through");
}

TEST(Stream, a_file_lent_for_appending_says_so_and_stays_it) {
    const Tree tree;
    const OwnedFd file(::open(tree.path("P/in.txt").c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
    WasiConfig config;
    config.stdout_stream = Stream::descriptor(file.get());
    Machine m(config);
    ASSERT_EQ(m.call("fd_fdstat_get", {1, 0x100}), Errno::success);
    EXPECT_TRUE(m.get<Fdstat>(0x100).flags.has(Fdflag::append));
    EXPECT_EQ(m.call("fd_fdstat_set_flags", {1, 0}), Errno::notsup);
    EXPECT_EQ(m.call("fd_fdstat_set_flags", {1, 1 | 4}), Errno::success);
    EXPECT_EQ(m.write(1, "!"), Errno::success);
    EXPECT_EQ(tree.read("P/in.txt"), "inside!");
}

TEST(Stream, a_terminal_is_a_character_device) {
    const OwnedFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!master || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0)
        GTEST_SKIP() << "no pseudo terminals";
    const OwnedFd terminal(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal) GTEST_SKIP() << "no pseudo terminals";
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(terminal.get());
    config.stdout_stream = Stream::descriptor(terminal.get());
    Machine m(config);
    ASSERT_EQ(m.call("fd_fdstat_get", {1, 0x100}), Errno::success);
    const auto stat = m.get<Fdstat>(0x100);
    EXPECT_EQ(stat.filetype, Filetype::character_device);
    EXPECT_FALSE(stat.rights_base.has_any(Right::fd_seek | Right::fd_tell));
    ASSERT_EQ(::write(master.get(), "typed\n", 6), 6);
    EXPECT_EQ(m.read(0), "typed\n");
    EXPECT_EQ(m.write(1, "shown"), Errno::success);
    ASSERT_EQ(m.call("fd_fdstat_set_flags", {0, 4}), Errno::success);
    EXPECT_EQ(m.read(0), "error: again");
    EXPECT_EQ(::fcntl(terminal.get(), F_GETFL) & O_NONBLOCK, 0);

    // And its far side.
    config.stdin_stream = Stream::descriptor(master.get());
    config.stdout_stream = Stream::null();
    Machine far(config);
    ASSERT_EQ(::write(terminal.get(), "answer", 6), 6);
    std::string seen;  // after what was echoed and shown before
    for (int i = 0; i < 5 && !seen.ends_with("answer"); ++i)
        seen += far.read(0);
    EXPECT_EQ(seen, "typed\r\nshownanswer");
}

TEST(Stream, the_null_device_is_no_terminal) {
    const OwnedFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(null.get());
    config.stdout_stream = Stream::descriptor(null.get());
    Machine m(config);
    ASSERT_EQ(m.call("fd_fdstat_get", {1, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Fdstat>(0x100).filetype, Filetype::unknown);
    EXPECT_EQ(m.read(0), "");
    EXPECT_EQ(m.write(1, "gone"), Errno::success);
}

TEST(Stream, reading_an_empty_pipe_gives_way_when_the_guest_is_to_stop) {
    Pipe pipe;
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(pipe.ends[0]);
    Machine m(config);
    m.put(m.iov_at, Iovec{m.data_at, 10});
    std::chrono::steady_clock::time_point stopped;
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        stopped = std::chrono::steady_clock::now();
        m.engine.stop = true;
    });
    const auto outcome = m.try_call("fd_read", {0, m.iov_at, 1, m.out_at});
    const auto ended = std::chrono::steady_clock::now();
    stopper.join();
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->kind(), ErrorKind::interrupted);
    EXPECT_LT(ended - stopped, std::chrono::milliseconds(50));
}

TEST(Stream, reading_gives_way_also_when_others_take_what_there_was) {
    Pipe pipe;
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(pipe.ends[0]);
    Machine m(config);
    std::atomic<bool> done = false;
    std::thread thief([&] {
        char byte;
        const iovec part{&byte, 1};
        while (!done)
            static_cast<void>(::preadv2(pipe.ends[0], &part, 1, -1, RWF_NOWAIT));
    });
    constexpr auto too_long = std::chrono::seconds(1);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        m.engine.stop = false;
        std::atomic<bool> stopped = false;
        std::thread host([&] {
            EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
            m.engine.stop = true;
            const auto start = std::chrono::steady_clock::now();
            while (!stopped && std::chrono::steady_clock::now() - start < too_long)
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            EXPECT_TRUE(stopped) << "the guest hangs";
            while (!stopped && ::write(pipe.ends[1], "x", 1) == 1)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        });
        m.put(m.iov_at, Iovec{m.data_at, 1});
        const auto error = m.try_call("fd_read", {0, m.iov_at, 1, m.out_at}).error;
        stopped = true;
        host.join();
        EXPECT_TRUE(!error || error->kind() == ErrorKind::interrupted);
    }
    done = true;
    thief.join();
    EXPECT_EQ(::fcntl(pipe.ends[0], F_GETFL) & O_NONBLOCK, 0);
}

TEST(Stream, writing_to_a_full_pipe_gives_way_when_the_guest_is_to_stop) {
    Pipe pipe;
    WasiConfig config;
    config.stdout_stream = Stream::descriptor(pipe.ends[1]);
    Machine m(config);
    m.put(m.iov_at, Iovec{0, Machine::size});
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        m.engine.stop = true;
    });
    // The pipe has room for a part of it.
    EXPECT_EQ(m.call("fd_write", {1, m.iov_at, 1, m.out_at}), Errno::success);
    EXPECT_LT(m.get<u32>(m.out_at), Machine::size);
    std::optional<Error> error;
    while (!error) {
        m.put(m.iov_at, Iovec{0x8000, 4096});
        error = m.try_call("fd_write", {1, m.iov_at, 1, m.out_at}).error;
    }
    stopper.join();
    EXPECT_EQ(error->kind(), ErrorKind::interrupted);
}

TEST(Stream, not_waiting_is_again) {
    Pipe pipe;
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(pipe.ends[0]);
    Machine m(config);
    ASSERT_EQ(m.call("fd_fdstat_set_flags", {0, 4}), Errno::success);
    EXPECT_EQ(m.read(0), "error: again");
    ASSERT_EQ(::write(pipe.ends[1], "x", 1), 1);
    EXPECT_EQ(m.read(0), "x");
    pipe.close_writer();
    EXPECT_EQ(m.read(0), "");
}

TEST(Stream, a_pipe_without_a_reader_is_an_error_and_no_signal) {
    Pipe pipe;
    WasiConfig config;
    config.stdout_stream = Stream::descriptor(pipe.ends[1]);
    Machine m(config);
    pipe.close_reader();
    ::signal(SIGPIPE, [](int) { FAIL() << "SIGPIPE reached the host"; });
    EXPECT_EQ(m.write(1, "x"), Errno::pipe);
    EXPECT_EQ(m.write(1, "x"), Errno::pipe);
    sigset_t pending;
    ::sigpending(&pending);
    EXPECT_FALSE(::sigismember(&pending, SIGPIPE));
    ::signal(SIGPIPE, SIG_DFL);
}

}  // namespace
}  // namespace waxwing::wasi
