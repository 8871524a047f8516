// How the parts of a WasiConfig are made.
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

Stream Stream::source(std::function<std::string(std::size_t)> on_read) {
    Stream stream;
    stream.kind_ = Kind::source;
    stream.on_read_ = std::move(on_read);
    return stream;
}

Listener Listener::descriptor(int fd) {
    Listener listener;
    listener.fd_ = fd;
    return listener;
}

Listener Listener::tcp(std::string address) {
    Listener listener;
    listener.address_ = std::move(address);
    return listener;
}

Clock Clock::fixed(std::uint64_t time) {
    Clock clock;
    clock.kind_ = Kind::fixed;
    clock.time_ = time;
    return clock;
}

Clock Clock::stepped(std::uint64_t start, std::uint64_t step) {
    Clock clock;
    clock.kind_ = Kind::stepped;
    clock.time_ = start;
    clock.step_ = step;
    return clock;
}

Clock Clock::callback(std::function<std::uint64_t()> now) {
    Clock clock;
    clock.kind_ = Kind::callback;
    clock.now_ = std::move(now);
    return clock;
}

Random Random::seeded(std::uint64_t seed) {
    Random random;
    random.kind_ = Kind::seeded;
    random.seed_ = seed;
    return random;
}

Random Random::denied() {
    Random random;
    random.kind_ = Kind::denied;
    return random;
}

}  // namespace waxwing
