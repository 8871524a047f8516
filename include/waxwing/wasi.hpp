// WASI preview1: what a guest may see of its host, and how it is linked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waxwing/error.hpp"
#include "waxwing/store.hpp"

#pragma GCC visibility push(default)
namespace waxwing {

// A host directory that the guest sees.
struct Preopen {
    std::string guest;  // the guest's name for it: "/", "/data", "."
    std::string host;   // the host's path
    bool read_only = false;
};

// Where a standard stream comes from or goes to.
class Stream {
public:
    enum class Kind : std::uint8_t { null, inherit, file, descriptor, buffer, callback };

    static Stream null() { return {}; }
    static Stream inherit();
    // Opened when WASI is made: for reading (stdin) or truncated for writing.
    static Stream file(std::string host_path);
    static Stream descriptor(int fd);  // borrowed: the caller keeps it open
    // stdin: the bytes to be read. stdout, stderr: what is written is appended,
    // up to `limit` bytes; beyond it the guest sees ENOSPC.
    static Stream buffer(std::shared_ptr<std::string> bytes, std::uint64_t limit = 64 << 20);
    static Stream callback(std::function<void(std::string_view)> on_write);

    Kind kind() const { return kind_; }
    const std::string& path() const { return path_; }
    int fd() const { return fd_; }
    const std::shared_ptr<std::string>& bytes() const { return bytes_; }
    std::uint64_t limit() const { return limit_; }
    const std::function<void(std::string_view)>& on_write() const { return on_write_; }

private:
    Kind kind_ = Kind::null;
    std::string path_;
    int fd_ = -1;
    std::shared_ptr<std::string> bytes_;
    std::uint64_t limit_ = 0;
    std::function<void(std::string_view)> on_write_;
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
};

// Puts the functions of wasi_snapshot_preview1 (and its older name
// wasi_unstable is not among them) into `imports`, serving one guest with the
// state described by `config`. Errors: Code::wasi, naming the field, if the
// configuration is wrong; then nothing was put in.
Result<void> add_wasi(Imports& imports, const WasiConfig& config);

}  // namespace waxwing
#pragma GCC visibility pop
