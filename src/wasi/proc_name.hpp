// An open file by the name that it has below /proc, for what the kernel does only by a
// name. It leads to that very file, and no guest sees it.
#pragma once

#include <cstdio>

namespace waxwing::wasi {

struct ProcName {
    explicit ProcName(int fd) { std::snprintf(text, sizeof text, "/proc/self/fd/%d", fd); }
    char text[32];
};

}  // namespace waxwing::wasi
