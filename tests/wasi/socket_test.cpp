// Sockets: listening ones given by the embedder, connections accepted by the guest.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <thread>

#include "poll.hpp"

namespace waxwing::wasi {
namespace {

// A listening socket of the embedder's on a port that was free.
OwnedFd listening(int flags = SOCK_NONBLOCK) {
    OwnedFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    return fd;
}

sockaddr_in address_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return address;
}

// A client of what listens at `fd`.
OwnedFd connect_to(int fd) {
    OwnedFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = address_of(fd);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return client;
}

std::string receive_all(int fd) {
    std::string all;
    char bytes[4096];
    for (ssize_t count; (count = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
        all.append(bytes, static_cast<usize>(count));
    return all;
}

constexpr u32 nonblock = 4;

// A guest whose descriptor 3 listens.
class SocketTest : public ::testing::Test {
protected:
    WasiConfig config() const {
        WasiConfig config;
        config.listeners.push_back(Listener::descriptor(server.get()));
        return config;
    }
    u32 accept(u32 flags = 0) {
        EXPECT_EQ(m.call("sock_accept", {3, flags, m.out_at}), Errno::success);
        return m.get<u32>(m.out_at);
    }
    // sock_recv of at most `length`; "error: ..." if it fails.
    std::string receive(u32 fd, u32 length, u32 flags = 0) {
        m.put(m.iov_at, Iovec{m.data_at, length});
        const Errno code = m.call("sock_recv", {fd, m.iov_at, 1, flags, 0x100, 0x104});
        if (code != Errno::success) return std::string("error: ") + to_string(code);
        EXPECT_EQ(m.get<u16>(0x104), 0);
        return m.text(m.data_at, m.get<u32>(0x100));
    }
    Errno send(u32 fd, std::string_view bytes) {
        m.put(m.iov_at, Iovec{m.data_at, static_cast<u32>(bytes.size())});
        m.put_text(m.data_at, bytes);
        return m.call("sock_send", {fd, m.iov_at, 1, 0, 0x100});
    }

    OwnedFd server = listening();
    Machine m{config()};
};

TEST_F(SocketTest, a_listener_follows_the_preopens_and_can_be_accepted_from) {
    ASSERT_EQ(m.call("fd_fdstat_get", {3, 0x100}), Errno::success);
    const auto stat = m.get<Fdstat>(0x100);
    EXPECT_EQ(stat.filetype, Filetype::socket_stream);
    EXPECT_EQ(stat.rights_base, rights::listener);
    EXPECT_EQ(stat.rights_inheriting, rights::connection);
    EXPECT_EQ(m.call("fd_prestat_get", {3, 0x100}), Errno::badf);
    EXPECT_EQ(m.read(3), "error: badf");
    EXPECT_EQ(m.write(3, "x"), Errno::badf);
    EXPECT_EQ(receive(3, 1), "error: notcapable");
    EXPECT_EQ(send(3, "x"), Errno::notcapable);
    EXPECT_EQ(m.call("sock_shutdown", {3, 3}), Errno::notcapable);

    const Tree tree;
    WasiConfig both = config();
    both.preopens.push_back({"/", tree.preopen()});
    Machine other(both);
    EXPECT_EQ(other.call("fd_prestat_get", {3, 0x100}), Errno::success);
    EXPECT_EQ(other.call("sock_accept", {3, 0, 0x100}), Errno::notsock);
    ASSERT_EQ(other.call("fd_fdstat_set_flags", {4, nonblock}), Errno::success);
    EXPECT_EQ(other.call("sock_accept", {4, 0, 0x100}), Errno::again);
}

TEST_F(SocketTest, what_is_sent_is_received_both_ways) {
    const OwnedFd client = connect_to(server.get());
    const u32 fd = accept();
    EXPECT_EQ(fd, 4u);
    ASSERT_EQ(::send(client.get(), "question", 8, 0), 8);
    EXPECT_EQ(receive(fd, 4), "ques");
    EXPECT_EQ(m.read(fd), "tion");
    EXPECT_EQ(send(fd, "ans"), Errno::success);
    EXPECT_EQ(m.get<u32>(0x100), 3u);
    EXPECT_EQ(m.write(fd, "wer"), Errno::success);
    ASSERT_EQ(m.call("sock_shutdown", {fd, 2}), Errno::success);
    EXPECT_EQ(receive_all(client.get()), "answer");
    ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
    EXPECT_EQ(receive(fd, 4), "");
    EXPECT_EQ(m.call("fd_close", {fd}), Errno::success);
    EXPECT_EQ(receive(fd, 4), "error: badf");
}

TEST_F(SocketTest, a_connection_has_the_rights_that_the_listener_hands_on) {
    const OwnedFd client = connect_to(server.get());
    const OwnedFd second = connect_to(server.get());
    const u32 fd = accept(nonblock);
    ASSERT_EQ(m.call("fd_fdstat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Fdstat>(0x100).rights_base, rights::connection);
    EXPECT_EQ(m.get<Fdstat>(0x100).flags, Fdflags(Fdflag::nonblock));
    EXPECT_EQ(m.call("sock_accept", {fd, 0, 0x100}), Errno::notcapable);
    ASSERT_EQ(m.call("fd_filestat_get", {fd, 0x100}), Errno::success);
    EXPECT_EQ(m.get<Filestat>(0x100).filetype, Filetype::socket_stream);
    EXPECT_EQ(m.get<Filestat>(0x100).ino, 0u);

    const Rights only_read = Right::fd_read;
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {3, rights::listener.bits, only_read.bits}),
              Errno::success);
    const u32 deaf = accept();
    EXPECT_EQ(send(deaf, "x"), Errno::notcapable);
    EXPECT_EQ(m.call("sock_shutdown", {deaf, 2}), Errno::notcapable);
    ASSERT_EQ(m.call("fd_fdstat_set_rights", {3, 0, 0}), Errno::success);
    EXPECT_EQ(m.call("sock_accept", {3, 0, 0x100}), Errno::notcapable);
}

TEST_F(SocketTest, not_waiting_is_again) {
    ASSERT_EQ(m.call("fd_fdstat_set_flags", {3, nonblock}), Errno::success);
    EXPECT_EQ(m.call("sock_accept", {3, 0, 0x100}), Errno::again);
    const OwnedFd client = connect_to(server.get());
    const u32 fd = accept(nonblock);
    EXPECT_EQ(receive(fd, 4), "error: again");
    EXPECT_EQ(m.read(fd), "error: again");
    Errno code = Errno::success;
    for (int i = 0; i < 10'000 && code == Errno::success; ++i)
        code = send(fd, std::string(4096, 'x'));
    EXPECT_EQ(code, Errno::again);
}

TEST_F(SocketTest, flags_without_meaning_are_invalid) {
    const OwnedFd client = connect_to(server.get());
    for (const u32 flag : {1u, 2u, 8u, 16u, 32u, 0x10000u})
        EXPECT_EQ(m.call("sock_accept", {3, flag, 0x100}), Errno::inval) << flag;
    const u32 fd = accept();
    EXPECT_EQ(receive(fd, 1, 4), "error: inval");
    EXPECT_EQ(m.call("sock_send", {fd, m.iov_at, 1, 1, 0x100}), Errno::inval);
    EXPECT_EQ(m.call("sock_shutdown", {fd, 0}), Errno::inval);
    EXPECT_EQ(m.call("sock_shutdown", {fd, 4}), Errno::inval);
}

TEST_F(SocketTest, peeking_leaves_the_bytes_and_waitall_waits_for_them) {
    const OwnedFd client = connect_to(server.get());
    const u32 fd = accept();
    ASSERT_EQ(::send(client.get(), "abc", 3, 0), 3);
    EXPECT_EQ(receive(fd, 10, 1), "abc");
    EXPECT_EQ(receive(fd, 10, 1 | 2), "abc");

    // Two buffers, filled in three pieces.
    m.clear();
    m.put(m.iov_at, Iovec{0x8000, 4});
    m.put(m.iov_at + 8, Iovec{0x9000, 4});
    std::thread sender([&] {
        for (const char* piece : {"de", "fgh"}) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            EXPECT_GT(::send(client.get(), piece, std::strlen(piece), 0), 0);
        }
    });
    EXPECT_EQ(m.call("sock_recv", {fd, m.iov_at, 2, 2, 0x100, 0x104}), Errno::success);
    sender.join();
    EXPECT_EQ(m.get<u32>(0x100), 8u);
    EXPECT_EQ(m.text(0x8000, 5), "abcd?");
    EXPECT_EQ(m.text(0x9000, 5), "efgh?");

    // The end comes before the buffer is full.
    ASSERT_EQ(::send(client.get(), "xy", 2, 0), 2);
    ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
    EXPECT_EQ(receive(fd, 10, 2), "xy");
}

TEST_F(SocketTest, a_datagram_that_does_not_fit_is_cut_and_said_to_be) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    const OwnedFd ours(ends[0]), lent(ends[1]);
    WasiConfig config;
    config.stdin_stream = Stream::descriptor(lent.get());
    Machine guest(config);
    ASSERT_EQ(::send(ours.get(), "datagram", 8, 0), 8);
    ASSERT_EQ(guest.call("fd_fdstat_get", {0, 0x100}), Errno::success);
    EXPECT_EQ(guest.get<Fdstat>(0x100).filetype, Filetype::socket_dgram);
    guest.put(guest.iov_at, Iovec{0x8000, 4});
    ASSERT_EQ(guest.call("sock_recv", {0, guest.iov_at, 1, 2, 0x100, 0x104}), Errno::success);
    EXPECT_EQ(guest.get<u32>(0x100), 4u);
    EXPECT_EQ(guest.get<u16>(0x104), 1);
    EXPECT_EQ(guest.text(0x8000, 5), "data?");
}

TEST_F(SocketTest, a_peer_that_is_gone_is_an_error_and_no_signal) {
    OwnedFd client = connect_to(server.get());
    const u32 fd = accept();
    const linger reset{1, 0};
    ASSERT_EQ(::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    client.reset();
    struct sigaction before, after;
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &before), 0);
    Errno code = Errno::success;
    for (int i = 0; i < 100 && code != Errno::pipe; ++i)
        code = i % 2 ? send(fd, "x") : m.write(fd, "x");
    EXPECT_EQ(code, Errno::pipe);
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &after), 0);
    EXPECT_EQ(before.sa_handler, after.sa_handler);
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST_F(SocketTest, waiting_gives_way_when_the_guest_is_to_stop) {
    const OwnedFd client = connect_to(server.get());
    const u32 fd = accept();
    m.put(m.iov_at, Iovec{m.data_at, 10});
    const auto expect_interrupted = [&](std::string_view name, std::initializer_list<u64> args) {
        m.engine.stop = false;
        steady_clock::time_point stopped;
        std::thread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            stopped = steady_clock::now();
            m.engine.stop = true;
        });
        const auto outcome = m.try_call(name, args);
        const auto ended = steady_clock::now();
        stopper.join();
        ASSERT_TRUE(outcome.error.has_value()) << name;
        EXPECT_EQ(outcome.error->kind(), ErrorKind::interrupted) << name;
        EXPECT_LT(ended - stopped, std::chrono::milliseconds(100)) << name;
    };
    expect_interrupted("sock_accept", {3, 0, 0x100});
    expect_interrupted("sock_recv", {fd, m.iov_at, 1, 0, 0x100, 0x104});
    expect_interrupted("sock_recv", {fd, m.iov_at, 1, 2, 0x100, 0x104});
    expect_interrupted("fd_read", {fd, m.iov_at, 1, 0x100});
}

TEST_F(SocketTest, accepting_stops_at_the_limit_and_leaves_whoever_waits) {
    WasiConfig few = config();
    few.limits.descriptors = 5;
    Machine guest(few);
    const OwnedFd first = connect_to(server.get());
    const OwnedFd second = connect_to(server.get());
    EXPECT_EQ(guest.call("sock_accept", {3, 0, 0x100}), Errno::success);
    const usize before = open_descriptors();
    EXPECT_EQ(guest.call("sock_accept", {3, 0, 0x100}), Errno::mfile);
    EXPECT_EQ(open_descriptors(), before);
    ASSERT_EQ(guest.call("fd_close", {4}), Errno::success);
    EXPECT_EQ(guest.call("sock_accept", {3, 0, 0x100}), Errno::success);
}

TEST_F(SocketTest, a_pointer_outside_of_memory_traps_before_anything_is_taken) {
    const OwnedFd client = connect_to(server.get());
    EXPECT_TRUE(m.traps("sock_accept", {3, 0, Machine::size - 3}));
    const u32 fd = accept();
    ASSERT_EQ(::send(client.get(), "abc", 3, 0), 3);
    m.put(m.iov_at, Iovec{m.data_at, 3});
    EXPECT_TRUE(m.traps("sock_recv", {fd, m.iov_at, 1, 0, 0x100, Machine::size - 1}));
    EXPECT_TRUE(m.traps("sock_recv", {fd, m.iov_at, 1, 0, Machine::size - 3, 0x100}));
    m.put(m.iov_at, Iovec{Machine::size - 2, 3});
    EXPECT_TRUE(m.traps("sock_recv", {fd, m.iov_at, 1, 0, 0x100, 0x104}));
    EXPECT_TRUE(m.traps("sock_send", {fd, m.iov_at, 1, 0, 0x100}));
    EXPECT_EQ(receive(fd, 10), "abc");
}

TEST_F(SocketTest, a_lent_listener_stays_open_and_keeps_its_flags) {
    const OwnedFd lent = listening(0);
    {
        WasiConfig config;
        config.listeners.push_back(Listener::descriptor(lent.get()));
        Machine guest(config);
        ASSERT_EQ(guest.call("fd_fdstat_set_flags", {3, nonblock}), Errno::success);
        EXPECT_EQ(guest.call("sock_accept", {3, 0, 0x100}), Errno::again);
        ASSERT_EQ(guest.call("fd_close", {3}), Errno::success);
    }
    EXPECT_EQ(::fcntl(lent.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_GE(connect_to(lent.get()).get(), 0);
}

TEST_F(SocketTest, an_address_is_listened_on) {
    for (const char* address : {"127.0.0.1:0", "localhost:0", ":0"}) {
        WasiConfig config;
        config.listeners.push_back(Listener::tcp(address));
        const usize before = open_descriptors();
        {
            Machine guest(config);
            const Descriptor& open = **guest.context().fds.get(Fd{3});
            const OwnedFd client = connect_to(open.file->poll_fd());
            EXPECT_EQ(guest.call("sock_accept", {3, 0, 0x100}), Errno::success) << address;
        }
        EXPECT_EQ(open_descriptors(), before);
    }
}

TEST_F(SocketTest, poll_tells_who_is_there) {
    Poll poll(config());
    const u32 out_at = poll.m.out_at;
    ASSERT_EQ(poll.readable(1, 3).clock(2, 1, 1'000'000).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);

    OwnedFd client = connect_to(server.get());
    ASSERT_EQ(poll.readable(1, 3).clock(2, 1, 5'000'000'000).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 1u);
    EXPECT_EQ(poll.writable(1, 3).run(), Errno::badf);

    ASSERT_EQ(poll.m.call("sock_accept", {3, 0, out_at}), Errno::success);
    const u32 fd = poll.m.get<u32>(out_at);
    ASSERT_EQ(poll.readable(1, fd).writable(2, fd).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].userdata, 2u);

    ASSERT_EQ(::send(client.get(), "abc", 3, 0), 3);
    ASSERT_EQ(poll.readable(1, fd).clock(2, 1, 5'000'000'000).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].nbytes, 3u);
    EXPECT_EQ(poll.events[0].flags.bits, 0);

    ASSERT_EQ(::shutdown(client.get(), SHUT_WR), 0);
    poll.m.read(fd, 3);
    ASSERT_EQ(poll.readable(1, fd).clock(2, 1, 5'000'000'000).run(), Errno::success);
    ASSERT_EQ(poll.events.size(), 1u);
    EXPECT_EQ(poll.events[0].nbytes, 0u);
    EXPECT_EQ(poll.events[0].flags, Flags<Eventrwflag>(Eventrwflag::hangup));
}

}  // namespace
}  // namespace waxwing::wasi
