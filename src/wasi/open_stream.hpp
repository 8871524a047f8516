// From what a WasiConfig says of streams and sockets to what is behind their
// descriptors. Errors: Code::wasi, naming `field`.
#pragma once

#include "wasi/host_file.hpp"

namespace waxwing::wasi {

enum class Direction : u8 { in, out };

// `inherited`: the host's own number for it.
Result<std::unique_ptr<File>> open_stream(const Stream& stream, int inherited, Direction direction,
                                          const std::string& field);

Result<std::unique_ptr<File>> open_listener(const Listener& listener, const std::string& field);

}  // namespace waxwing::wasi
