#include "core/module_bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace waxwing::core {

void ModuleBytes::discard(usize offset, usize size) const {
    if (!owner_) return;
    const auto page = static_cast<usize>(sysconf(_SC_PAGESIZE));
    const auto at = reinterpret_cast<usize>(view_.data()) + offset;
    const usize begin = (at + page - 1) / page * page;
    const usize end = (at + size) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace waxwing::core
