// Opening a path that was judged before.
#pragma once

#include <string_view>

namespace waxwing::wasi {

// Opens an absolute path as it is, one component after another: a symbolic link,
// `.` or `..` on it is an error, as is a link in its place. So what is opened lies
// where the path says, whoever exchanges directories and links meanwhile. The
// descriptor is the caller's, O_CLOEXEC added; -1, and errno, on failure.
int open_without_links(std::string_view path, int flags);

}  // namespace waxwing::wasi
