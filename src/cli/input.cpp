#include "cli/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "waxwing/text.hpp"

namespace waxwing::cli {
namespace {

std::unexpected<Error> io_error(const std::string& file) {
    return std::unexpected(Error(Code::io, ErrorKind::host, file + ": " + std::strerror(errno)));
}

class Descriptor {
public:
    explicit Descriptor(int fd, bool owned = true) : fd_(fd), owned_(owned) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owned_ && fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
    bool owned_;
};

}  // namespace

Result<std::vector<std::byte>> read_input(const std::string& file) {
    const bool is_stdin = file == "-";
    const Descriptor in(is_stdin ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC),
                        !is_stdin);
    if (in.get() < 0) return io_error(file);

    // The size is only a hint: a pipe has none, and a file may change.
    struct stat status;
    const bool sized = ::fstat(in.get(), &status) == 0 && S_ISREG(status.st_mode);
    std::vector<std::byte> bytes(sized ? static_cast<std::size_t>(status.st_size) + 1 : 1 << 16);
    std::size_t filled = 0;
    for (;;) {
        const ssize_t count = ::read(in.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error(file);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
        if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(filled);
    return bytes;
}

Result<std::vector<std::byte>> to_binary(std::vector<std::byte>&& input) {
    constexpr std::array magic{std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'}};
    // What begins with a zero byte is no text in any case: the decoder will say why.
    const bool binary = input.empty() || input.front() == magic.front();
    if (!binary)
        return parse_wat(
            std::string_view(reinterpret_cast<const char*>(input.data()), input.size()));
    return std::move(input);
}

Result<std::vector<std::byte>> read_module(const std::string& file) {
    auto input = read_input(file);
    if (!input) return input;
    return to_binary(*std::move(input));
}

Result<Module> load_module(const std::string& file, const LoadOptions& options) {
    // A pipe must be opened once only.
    struct stat status;
    if (file != "-" && ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
        const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (in.get() < 0) return io_error(file);
        char first = 1;
        if (::read(in.get(), &first, 1) == 1 && first == 0) return Module::load_file(file, options);
    }
    auto bytes = read_module(file);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    return Module::load(*std::move(bytes), options);
}

Result<void> write_output(const std::string& file, const std::vector<std::byte>& bytes) {
    const bool is_stdout = file == "-";
    const Descriptor out(is_stdout
                             ? STDOUT_FILENO
                             : ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666),
                         !is_stdout);
    if (out.get() < 0) return io_error(file);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::write(out.get(), bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error(file);
        done += static_cast<std::size_t>(count);
    }
    return {};
}

}  // namespace waxwing::cli
