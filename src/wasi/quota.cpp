#include "wasi/quota.hpp"

#include <algorithm>

namespace waxwing::wasi {

Expected<void> Quota::check_bytes(u64 more) const {
    if (more > bytes_left()) return fail(Errno::dquot);
    return {};
}

Expected<void> Quota::check_entry() const {
    if (used_entries_ >= max_entries_) return fail(Errno::dquot);
    return {};
}

void Quota::resized(u64 from, u64 to) {
    if (to >= from) {
        used_bytes_ += std::min(to - from, bytes_left());
    } else {
        used_bytes_ -= std::min(from - to, used_bytes_);
    }
}

bool Quota::closed(FileId file) {
    const auto found = open_.find(file);
    if (--found->second != 0) return false;
    open_.erase(found);
    return true;
}

}  // namespace waxwing::wasi
