#include "wasi/literal_path.hpp"

#include <string>

#include "wasi/owned_fd.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {

int open_without_links(std::string_view path, int flags) {
    constexpr int on_the_way = O_PATH | O_DIRECTORY;
    constexpr auto none = std::string_view::npos;
    if (!path.starts_with('/') || path.find('\0') != none) {
        errno = EINVAL;
        return -1;
    }
    std::size_t begin = path.find_first_not_of('/');
    OwnedFd at(sys::open("/", (begin == none ? flags : on_the_way) | O_CLOEXEC, 0));
    while (at && begin != none) {
        const std::size_t end = path.find('/', begin);
        const std::string name(path.substr(begin, end - begin));
        begin = path.find_first_not_of('/', end);
        if (name == "." || name == "..") {
            errno = EINVAL;
            return -1;
        }
        const int how = (begin == none ? flags : on_the_way) | O_NOFOLLOW | O_CLOEXEC;
        at = OwnedFd(sys::openat(at.get(), name.c_str(), how, 0));
    }
    return at.release();
}

}  // namespace waxwing::wasi
