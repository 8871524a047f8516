// WASI preview1: what a guest may see of its host, and how it is linked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/file_tree.hpp"
#include "waxwing/store.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

// A directory that the guest sees: one of the host, or in memory.
struct Preopen {
    std::string guest;   // the guest's name for it: "/", "/data", "."
    std::string host{};  // the host's path; empty if `files` is set
    bool read_only = false;
    // By how many bytes the guest may make the files in it grow, and how many names
    // it may add (with a limit of bytes only: 65,536). Beyond either it sees EDQUOT.
    // docs/wasi.md says what counts.
    std::optional<std::uint64_t> max_bytes{};
    std::optional<std::uint64_t> max_entries{};
    std::optional<FileTree> files{};
    bool overlay = false;  // changes stay with this guest: it gets a copy of `files`
    // False: `host` is absolute and resolved, as Policy::check_preopen() leaves it, and
    // is opened as it is. A link on it by then is an error, so that nothing else is
    // opened than what was judged.
    bool follow_links = true;
};

// Where a standard stream comes from or goes to.
class Stream {
public:
    enum class Kind : std::uint8_t { null, inherit, file, descriptor, buffer, callback, source };

    static Stream null() { return {}; }
    static Stream inherit();
    // Opened when WASI is made: for reading (stdin) or truncated for writing.
    static Stream file(std::string host_path);
    static Stream descriptor(int fd);  // borrowed: the caller keeps it open
    // stdin: the bytes to be read. stdout, stderr: what is written is appended,
    // up to `limit` bytes; beyond it the guest sees ENOSPC.
    static Stream buffer(std::shared_ptr<std::string> bytes, std::uint64_t limit = 64 << 20);
    // stdout, stderr: called with what is written, at most 64 KiB at a time.
    static Stream callback(std::function<void(std::string_view)> on_write);
    // stdin: called for bytes, at most so many, which are at most 64 KiB; what it
    // returns beyond them is cut off, and none is the end.
    static Stream source(std::function<std::string(std::size_t)> on_read);

    Kind kind() const { return kind_; }
    const std::string& path() const { return path_; }
    int fd() const { return fd_; }
    const std::shared_ptr<std::string>& bytes() const { return bytes_; }
    std::uint64_t limit() const { return limit_; }
    const std::function<void(std::string_view)>& on_write() const { return on_write_; }
    const std::function<std::string(std::size_t)>& on_read() const { return on_read_; }

private:
    Kind kind_ = Kind::null;
    std::string path_;
    int fd_ = -1;
    std::shared_ptr<std::string> bytes_;
    std::uint64_t limit_ = 0;
    std::function<void(std::string_view)> on_write_;
    std::function<std::string(std::size_t)> on_read_;
};

// A socket that listens for connections, which the guest accepts.
class Listener {
public:
    // Borrowed: the caller keeps it open. It should be non-blocking if others
    // accept from it too.
    static Listener descriptor(int fd);
    // Opened when WASI is made: "127.0.0.1:8080", "[::1]:8080", "localhost:8080",
    // or ":8080" for all addresses of the host.
    static Listener tcp(std::string address);

    int fd() const { return fd_; }  // -1: see address()
    const std::string& address() const { return address_; }

private:
    int fd_ = -1;
    std::string address_;
};

// What the guest's clocks show; times are in nanoseconds since 1970.
class Clock {
public:
    enum class Kind : std::uint8_t { system, fixed, stepped, callback };

    static Clock system() { return {}; }
    // All clocks show this time for ever; whoever sleeps wakes at once.
    static Clock fixed(std::uint64_t time);
    // All clocks show one time, which gets later by `step` with every look at
    // it, and by as long as the guest sleeps, which takes no time of the host's.
    static Clock stepped(std::uint64_t start, std::uint64_t step);
    // All clocks show what `now` returns. A sleeping guest asks every 10 ms.
    static Clock callback(std::function<std::uint64_t()> now);

    Kind kind() const { return kind_; }
    std::uint64_t time() const { return time_; }
    std::uint64_t step() const { return step_; }
    const std::function<std::uint64_t()>& now() const { return now_; }

private:
    Kind kind_ = Kind::system;
    std::uint64_t time_ = 0;
    std::uint64_t step_ = 0;
    std::function<std::uint64_t()> now_;
};

// Where the guest's random bytes come from.
class Random {
public:
    enum class Kind : std::uint8_t { system, seeded, denied };

    static Random system() { return {}; }
    // The same bytes for the same seed and calls; they are no secret.
    static Random seeded(std::uint64_t seed);
    static Random denied();  // the guest sees EPERM

    Kind kind() const { return kind_; }
    std::uint64_t seed() const { return seed_; }

private:
    Kind kind_ = Kind::system;
    std::uint64_t seed_ = 0;
};

// How much of the host one guest may take. What has gone beyond is refused with
// the error named here.
struct WasiLimits {
    // Open at a time, the streams and preopens too. Never more than half of what
    // the host process may open. mfile.
    std::uint32_t descriptors = 1024;
    std::uint32_t path_bytes = 4095;     // of a path or a link's text; 4095 at most. nametoolong
    std::uint32_t iovecs = 1024;         // buffers of one transfer; 1024 at most. A short transfer
    std::uint32_t subscriptions = 4096;  // of one poll. inval
    std::uint64_t random_bytes = 64 << 20;  // of one random_get. inval
};

// Nothing is granted that is not written here: no files, no environment, no
// arguments, streams that are empty and swallow what is written.
struct WasiConfig {
    std::vector<Preopen> preopens{};
    std::vector<std::pair<std::string, std::string>> env{};
    std::vector<std::string> args{};     // argv as it is, argv[0] included
    std::optional<std::string> argv0{};  // put before args if set
    bool inherit_stdin = false;
    bool inherit_stdout = false;
    bool inherit_stderr = false;
    Stream stdin_stream{};  // used if the inherit flag is not set
    Stream stdout_stream{};
    Stream stderr_stream{};
    // Confine paths by walking them component by component even where the
    // kernel could do it (openat2).
    bool force_path_walk = false;
    // They have the numbers after those of the preopens.
    std::vector<Listener> listeners{};
    Clock clock{};
    Random random{};
    WasiLimits limits{};
    // Two runs of one program with the same arguments, input and files are the same
    // byte for byte, wherever the files lie. Clock and random bytes are stepped and
    // seeded if they are the system's; inode numbers, times of files, the order in
    // directories and how fast streams are do not show. See docs/wasi.md.
    bool deterministic = false;
};

// Puts the functions of wasi_snapshot_preview1 (and its older name
// wasi_unstable is not among them) into `imports`, serving one guest with the
// state described by `config`. Errors: Code::wasi, naming the field, if the
// configuration is wrong; then nothing was put in.
Result<void> add_wasi(Imports& imports, const WasiConfig& config);

}  // namespace waxwing
#pragma GCC visibility pop
