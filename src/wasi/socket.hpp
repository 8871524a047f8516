// Sockets of the host: those that stand for a standard stream, those that listen
// for a guest, and the connections it accepts.
#pragma once

#include <memory>
#include <string>

#include "wasi/file.hpp"
#include "wasi/owned_fd.hpp"

namespace waxwing::wasi {

// `fd` is a socket; closed only if owned. A borrowed one that is shared with
// others who accept from it should not block, or a guest may wait in accept.
Expected<std::unique_ptr<File>> make_socket(int fd, OwnedFd owner);
bool is_listening(int fd);

// A socket that listens on "127.0.0.1:80", "[::1]:80", "localhost:80" or, on all
// addresses of the host, ":80". Port 0: one that is free. The error is a message.
std::expected<OwnedFd, std::string> listen_on(const std::string& address);

}  // namespace waxwing::wasi
