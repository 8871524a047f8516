#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace waxwing::cli {
namespace {

std::unexpected<Error> io_error(const std::string& file, int error) {
    return std::unexpected(Error(Code::io, ErrorKind::host, file + ": " + std::strerror(error)));
}

// A name that leads through no symbolic link; the name itself if there is no such file.
std::string resolved(const std::string& path) {
    char* const real = ::realpath(path.c_str(), nullptr);
    std::string text = real ? real : path;
    std::free(real);
    return text;
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
    if (path == "-") return OutputFile("standard output", STDOUT_FILENO);
    OutputFile file(path, -1);
    file.target_ = resolved(path);
    struct stat status;
    const bool exists = ::stat(file.target_.c_str(), &status) == 0;
    const bool writable = !exists || ::access(file.target_.c_str(), W_OK) == 0;
    if ((!exists || S_ISREG(status.st_mode)) && writable) {
        file.temporary_ = file.target_ + ".part" + std::to_string(::getpid());
        file.fd_ = ::open(file.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file.fd_ >= 0 && exists) (void)::fchmod(file.fd_, status.st_mode & 07777);
        if (file.fd_ < 0) file.temporary_.clear();
    }
    if (file.fd_ < 0)
        file.fd_ = ::open(file.target_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file.fd_ < 0) return io_error(path, errno);
    return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})), buffer_(std::move(other.buffer_)),
      fd_(std::exchange(other.fd_, -1)), error_(other.error_) {}

OutputFile::~OutputFile() {
    if (fd_ >= 0 && fd_ != STDOUT_FILENO) ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

bool OutputFile::write(std::string_view bytes) {
    constexpr std::size_t enough = 1 << 16;
    buffer_ += bytes;
    return buffer_.size() < enough || flush();
}

bool OutputFile::flush() {
    std::string_view left = buffer_;
    while (!left.empty() && error_ == 0) {
        const ssize_t count = ::write(fd_, left.data(), left.size());
        if (count >= 0)
            left.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            error_ = errno;
    }
    buffer_.clear();
    return error_ == 0;
}

Result<void> OutputFile::commit() {
    flush();
    if (fd_ != STDOUT_FILENO && ::close(std::exchange(fd_, -1)) != 0 && error_ == 0) error_ = errno;
    if (error_ == 0 && !temporary_.empty()) {
        if (::rename(temporary_.c_str(), target_.c_str()) == 0)
            temporary_.clear();
        else
            error_ = errno;
    }
    if (error_ != 0) return io_error(path_, error_);
    return {};
}

}  // namespace waxwing::cli
