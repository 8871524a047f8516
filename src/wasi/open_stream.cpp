#include "wasi/open_stream.hpp"

#include "wasi/config_error.hpp"
#include "wasi/socket.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// A descriptor that the embedder keeps open.
std::unique_ptr<File> borrow(int fd) {
    struct stat status;
    if (sys::fstat(fd, &status) != 0) return nullptr;
    if (S_ISREG(status.st_mode)) return make_borrowed_file(fd, {max_file_size(), nullptr});
    if (S_ISSOCK(status.st_mode)) return make_socket(fd, OwnedFd());
    // A character device that is no terminal must not be taken for one.
    const Filetype type = sys::isatty(fd) == 0 ? Filetype::character_device : Filetype::unknown;
    return make_host_stream(type, fd, OwnedFd());
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
    if (S_ISREG(status.st_mode))
        return make_regular_file(std::move(fd), {max_file_size(), nullptr}, false);
    const int number = fd.get();
    return make_host_stream(Filetype::unknown, number, std::move(fd));
}

}  // namespace

Result<std::unique_ptr<File>> open_stream(const Stream& stream, int inherited, Direction direction,
                                          const std::string& field) {
    switch (stream.kind()) {
    case Stream::Kind::null: break;
    case Stream::Kind::inherit:
        // Closed in the host: as good as null.
        if (auto file = borrow(inherited)) return file;
        break;
    case Stream::Kind::file: return open_file(stream.path(), direction, field);
    case Stream::Kind::descriptor:
        if (auto file = borrow(stream.fd())) return file;
        return wrong(field, "descriptor " + std::to_string(stream.fd()) + " is not open");
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
        return make_socket(number, *std::move(fd));
    }
    if (!is_listening(lent))
        return wrong(field, "descriptor " + std::to_string(lent) + " is no listening socket");
    return make_socket(lent, OwnedFd());
}

}  // namespace waxwing::wasi
