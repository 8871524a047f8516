#include "wasi/open_stream.hpp"

#include "wasi/config_error.hpp"
#include "wasi/resolve.hpp"
#include "wasi/socket.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

std::unexpected<Error> cannot(const std::string& field, const Failure& why) {
    const Errno code = why.code() ? *why.code() : Errno::io;
    return wrong(field, std::string("cannot be looked at: ") + to_string(code));
}

// From a descriptor: its owner's, or, without one, lent by the embedder.
Expected<std::unique_ptr<File>> to_stream(int fd, OwnedFd owner, bool may_be_terminal) {
    const struct stat status = TRY(stat_fd(fd));
    if (S_ISREG(status.st_mode)) return make_file_stream(fd, std::move(owner));
    if (S_ISSOCK(status.st_mode)) return make_socket(fd, std::move(owner));
    // A character device that is no terminal must not be taken for one.
    const bool is_terminal = may_be_terminal && sys::isatty(fd) == 0;
    const Filetype type = is_terminal ? Filetype::character_device : Filetype::unknown;
    return make_host_stream(type, fd, std::move(owner));
}

Result<std::unique_ptr<File>> open_file(const std::string& path, Direction direction,
                                        const std::string& field) {
    if (path.find('\0') != std::string::npos) return wrong(field, "path contains a NUL byte");
    const int flags = direction == Direction::in ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
    OwnedFd fd(sys::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0666));
    if (!fd) return wrong(field, host_reason(path));
    struct stat status;
    if (sys::fstat(fd.get(), &status) != 0) return wrong(field, host_reason(path));
    if (S_ISDIR(status.st_mode)) return wrong(field, "\"" + path + "\": is a directory");
    const int number = fd.get();
    auto stream = to_stream(number, std::move(fd), false);
    if (!stream) return cannot(field, stream.error());
    return *std::move(stream);
}

// `closed` is what it is if the host has closed it.
Result<std::unique_ptr<File>> borrow(int fd, std::unique_ptr<File> closed,
                                     const std::string& field) {
    auto stream = to_stream(fd, OwnedFd(), true);
    if (stream) return *std::move(stream);
    if (!stream.error().is(Errno::badf)) return cannot(field, stream.error());
    if (closed) return closed;
    return wrong(field, "descriptor " + std::to_string(fd) + " is not open");
}

Result<std::unique_ptr<File>> to_listener(int fd, OwnedFd owner, const std::string& field) {
    auto socket = make_socket(fd, std::move(owner));
    if (!socket) return cannot(field, socket.error());
    return *std::move(socket);
}

}  // namespace

Result<std::unique_ptr<File>> open_stream(const Stream& stream, int inherited, Direction direction,
                                          const std::string& field) {
    switch (stream.kind()) {
    case Stream::Kind::null: break;
    case Stream::Kind::inherit:
        // Closed in the host: as good as null.
        return borrow(inherited, make_null_stream(), field);
    case Stream::Kind::file: return open_file(stream.path(), direction, field);
    case Stream::Kind::descriptor: return borrow(stream.fd(), nullptr, field);
    case Stream::Kind::buffer:
        if (!stream.bytes()) return wrong(field, "buffer is null");
        if (direction == Direction::in) return make_input_buffer(stream.bytes());
        return make_output_buffer(stream.bytes(), stream.limit());
    case Stream::Kind::callback:
        if (direction == Direction::in) return wrong(field, "a callback cannot be read from");
        if (!stream.on_write()) return wrong(field, "callback is empty");
        return make_output_callback(stream.on_write());
    case Stream::Kind::source:
        if (direction == Direction::out) return wrong(field, "a source cannot be written to");
        if (!stream.on_read()) return wrong(field, "callback is empty");
        return make_input_source(stream.on_read());
    }
    return make_null_stream();
}

Result<std::unique_ptr<File>> open_listener(const Listener& listener, const std::string& field) {
    const int lent = listener.fd();
    if (lent < 0) {
        auto fd = listen_on(listener.address());
        if (!fd) return wrong(field, "\"" + listener.address() + "\": " + fd.error());
        const int number = fd->get();
        return to_listener(number, *std::move(fd), field);
    }
    if (!is_listening(lent))
        return wrong(field, "descriptor " + std::to_string(lent) + " is no listening socket");
    return to_listener(lent, OwnedFd(), field);
}

}  // namespace waxwing::wasi
