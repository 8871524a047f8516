#include "wasi/errno.hpp"

#include <cerrno>

namespace waxwing::wasi {

const char* to_string(Errno code) {
    switch (code) {
#define ERRNO(ident, number, host) \
    case Errno::ident: return #ident;
#include "wasi/errno.def"
    }
    return "unknown";
}

Errno from_host(int host_errno) {
    struct Row {
        int host;
        Errno code;
    };
    constexpr int none = -1;
    static constexpr Row rows[] = {
#define ERRNO(ident, number, host) {host, Errno::ident},
#include "wasi/errno.def"
    };
    for (const Row& row : rows)
        if (row.host == host_errno) return row.code;
    return Errno::io;
}

Errno last_errno() { return from_host(errno); }

}  // namespace waxwing::wasi
