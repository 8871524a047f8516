#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include "wasi/socket.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

constexpr int backlog = 128;

struct Address {
    std::string host;  // without brackets
    u16 port = 0;
};

std::optional<Address> split(const std::string& text) {
    const usize colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    Address address{.host = text.substr(0, colon)};
    std::string& host = address.host;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        if (host.empty()) return std::nullopt;
    } else if (host.find(':') != host.npos) {
        return std::nullopt;  // which of them is the port's?
    }
    if (host.empty()) host = "0.0.0.0";
    if (host == "localhost") host = "127.0.0.1";
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (rest != end || error != std::errc()) return std::nullopt;
    return address;
}

// Numbers only: no name is looked up, which might take long. The size, or 0 if it is none.
::socklen_t to_sockaddr(const Address& address, sockaddr_storage& storage) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
        std::memcpy(&storage, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    if (::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
        std::memcpy(&storage, &v6, sizeof v6);
        return sizeof v6;
    }
    return 0;
}

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

std::expected<OwnedFd, std::string> listen_on(const std::string& text) {
    const auto address = split(text);
    if (!address) return std::unexpected<std::string>("expected HOST:PORT");

    sockaddr_storage storage{};
    const ::socklen_t size = to_sockaddr(*address, storage);
    if (size == 0) return std::unexpected("'" + address->host + "' is no IP address");

    OwnedFd fd(sys::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!fd || sys::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        sys::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
        sys::listen(fd.get(), backlog) != 0)
        return std::unexpected(reason(errno));
    return fd;
}

}  // namespace waxwing::wasi
