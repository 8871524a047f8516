#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

#include "wasi/socket.hpp"

namespace waxwing::wasi {
namespace {

constexpr int backlog = 128;

struct Address {
    std::string host;  // without brackets; empty for all
    std::string port;
};

std::optional<Address> split(const std::string& text) {
    const usize colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    Address address{text.substr(0, colon), text.substr(colon + 1)};
    std::string& host = address.host;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        if (host.empty()) return std::nullopt;
    } else if (host.find(':') != host.npos) {
        return std::nullopt;  // which of them is the port's?
    }
    if (host == "localhost") host = "127.0.0.1";
    const char* const end = address.port.data() + address.port.size();
    u16 port = 0;  // getaddrinfo would take more, and keep 16 bits of it
    const auto [rest, error] = std::from_chars(address.port.data(), end, port);
    if (rest != end || error != std::errc()) return std::nullopt;
    return address;
}

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

std::expected<OwnedFd, std::string> listen_on(const std::string& text) {
    const auto address = split(text);
    if (!address) return std::unexpected<std::string>("expected HOST:PORT");

    // Numbers only: no name is looked up, which might take long.
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const char* host = address->host.empty() ? nullptr : address->host.c_str();
    if (const int error = ::getaddrinfo(host, address->port.c_str(), &hints, &found))
        return std::unexpected<std::string>(::gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);

    OwnedFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 ||
        ::listen(fd.get(), backlog) != 0)
        return std::unexpected(reason(errno));
    return fd;
}

}  // namespace waxwing::wasi
