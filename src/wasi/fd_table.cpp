#include "wasi/fd_table.hpp"

#include <algorithm>

namespace waxwing::wasi {

Expected<void> FdTable::check_room() const {
    if (slots_.size() < limit_ || std::ranges::find(slots_, nullptr) != slots_.end()) return {};
    return fail(Errno::mfile);
}

Expected<Fd> FdTable::insert(DescriptorPtr descriptor) {
    const auto free = std::ranges::find(slots_, nullptr);
    const auto number = static_cast<u32>(free - slots_.begin());
    if (free != slots_.end()) {
        *free = std::move(descriptor);
    } else if (slots_.size() < limit_) {
        slots_.push_back(std::move(descriptor));
    } else {
        return fail(Errno::mfile);
    }
    return Fd{number};
}

Expected<DescriptorPtr> FdTable::get(Fd fd) const {
    const auto number = static_cast<u32>(fd);
    if (number >= slots_.size() || !slots_[number]) return fail(Errno::badf);
    return slots_[number];
}

Expected<DescriptorPtr> FdTable::file(Fd fd, Rights needed, Errno missing) const {
    DescriptorPtr open = TRY(get(fd));
    if (!open->file) return fail(Errno::badf);
    if (!open->base.has_all(needed)) return fail(missing);
    return open;
}

Expected<DescriptorPtr> FdTable::dir(Fd fd, Rights needed) const {
    DescriptorPtr open = TRY(get(fd));
    if (!open->dir) return fail(Errno::notdir);
    if (!open->base.has_all(needed)) return fail(Errno::notcapable);
    return open;
}

Expected<void> FdTable::close(Fd fd) {
    TRY(get(fd));
    const DescriptorPtr closed = std::exchange(slots_[static_cast<u32>(fd)], nullptr);
    // Whatever uses it still, such as a call that this one runs in, closes it.
    if (closed.use_count() != 1 || !closed->file) return {};
    return closed->file->close();
}

Expected<void> FdTable::renumber(Fd from, Fd to) {
    TRY(get(from));
    TRY(get(to));
    if (from != to)
        slots_[static_cast<u32>(to)] = std::exchange(slots_[static_cast<u32>(from)], nullptr);
    return {};
}

}  // namespace waxwing::wasi
