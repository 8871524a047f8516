#include "waxwing/wasi.hpp"

namespace waxwing {

Stream Stream::inherit() {
    Stream stream;
    stream.kind_ = Kind::inherit;
    return stream;
}

Stream Stream::file(std::string host_path) {
    Stream stream;
    stream.kind_ = Kind::file;
    stream.path_ = std::move(host_path);
    return stream;
}

Stream Stream::descriptor(int fd) {
    Stream stream;
    stream.kind_ = Kind::descriptor;
    stream.fd_ = fd;
    return stream;
}

Stream Stream::buffer(std::shared_ptr<std::string> bytes, std::uint64_t limit) {
    Stream stream;
    stream.kind_ = Kind::buffer;
    stream.bytes_ = std::move(bytes);
    stream.limit_ = limit;
    return stream;
}

Stream Stream::callback(std::function<void(std::string_view)> on_write) {
    Stream stream;
    stream.kind_ = Kind::callback;
    stream.on_write_ = std::move(on_write);
    return stream;
}

}  // namespace waxwing
