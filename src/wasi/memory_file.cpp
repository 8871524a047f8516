#include <algorithm>
#include <cstring>
#include <limits>

#include "wasi/memory_dir.hpp"

namespace waxwing::wasi {
namespace {

constexpr u64 max_offset = std::numeric_limits<s64>::max();

class MemoryFile final : public File {
public:
    MemoryFile(const MemoryMount& mount, NodeId node, bool append)
        : File(Filetype::regular_file), mount_(mount), hold_(mount.tree, node), append_(append) {}
    ~MemoryFile() override {
        const std::lock_guard lock(tree().mutex());
        mount_.count_closed(node());
    }

    Expected<Size> read(Guest&, Parts parts, bool) override {
        const Size count = TRY(pread(parts, at_));
        at_ += count;
        return count;
    }
    Expected<Size> write(Guest&, Parts parts, bool) override {
        const std::lock_guard lock(tree().mutex());
        const u64 at = append_ ? node().bytes->size() : at_;
        const Size count = TRY(put(parts, at));
        at_ = at + count;
        return count;
    }
    Expected<Size> pread(Parts parts, Filesize offset) override {
        if (offset > max_offset) return fail(Errno::inval);
        const std::lock_guard lock(tree().mutex());
        const std::string_view bytes = *node().bytes;
        std::string_view rest = bytes.substr(std::min<u64>(offset, bytes.size()));
        Size total = 0;
        for (const iovec& part : parts) {
            const usize count = std::min(part.iov_len, rest.size());
            std::memcpy(part.iov_base, rest.data(), count);
            rest.remove_prefix(count);
            total += static_cast<Size>(count);
        }
        return total;
    }
    Expected<Size> pwrite(Parts parts, Filesize offset) override {
        if (offset > max_offset) return fail(Errno::inval);
        const std::lock_guard lock(tree().mutex());
        return put(parts, append_ ? node().bytes->size() : offset);
    }

    Expected<Filesize> seek(Filedelta delta, Whence whence) override {
        const std::lock_guard lock(tree().mutex());
        const u64 from = whence == Whence::set   ? 0
                         : whence == Whence::cur ? at_
                                                 : node().bytes->size();
        if (delta < 0 ? u64{0} - static_cast<u64>(delta) > from
                      : static_cast<u64>(delta) > max_offset - from)
            return fail(Errno::inval);
        return at_ = from + static_cast<u64>(delta);
    }
    bool can_seek() const override { return true; }

    Expected<Filestat> stat() override {
        const std::lock_guard lock(tree().mutex());
        return mount_.stat(hold_.id());
    }
    Expected<void> set_size(Filesize size) override {
        if (size > max_offset) return fail(Errno::inval);
        const std::lock_guard lock(tree().mutex());
        return grow_to(size);
    }
    Expected<void> set_times(const FileTimes& times) override {
        const std::lock_guard lock(tree().mutex());
        mount_.set_times(node(), times);
        return {};
    }
    Expected<void> allocate(Filesize offset, Filesize length) override {
        const std::lock_guard lock(tree().mutex());
        return grow_to(std::max<u64>(node().bytes->size(), offset + length));
    }
    Expected<void> advise(Filesize, Filesize, Advice) override { return {}; }
    Expected<void> set_flags(Fdflags flags) override {
        append_ = flags.has(Fdflag::append);
        return {};
    }

    Filesize readable() override {
        const std::lock_guard lock(tree().mutex());
        const u64 size = node().bytes->size();
        return size > at_ ? size - at_ : 0;
    }

private:
    MemoryTree& tree() const { return *mount_.tree; }
    Node& node() const { return tree().node(hold_.id()); }
    void changed() { node().mtim = node().ctim = mount_.now(); }

    Expected<void> grow_to(u64 size) {
        if (size > node().bytes->size()) TRY(mount_.max_size(node(), size - 1));
        mount_.resize(node(), size);
        changed();
        return {};
    }
    // As much as there is room for.
    Expected<Size> put(Parts parts, u64 at) {
        u64 wanted = 0;  // IoVectors::max_bytes at most
        for (const iovec& part : parts)
            wanted += part.iov_len;
        const u64 max_size = TRY(mount_.max_size(node(), at));
        u64 left = std::min(wanted, max_size - at);
        const u64 written = left;
        if (at + left > node().bytes->size()) mount_.resize(node(), at + left);
        char* to = tree().writable(node()).data() + at;
        for (const iovec& part : parts) {
            const usize count = std::min<u64>(part.iov_len, left);
            std::memcpy(to, part.iov_base, count);
            to += count;
            left -= count;
        }
        changed();
        return static_cast<Size>(written);
    }

    MemoryMount mount_;
    NodeHold hold_;
    bool append_;
    u64 at_ = 0;
};

}  // namespace

std::unique_ptr<File> make_memory_file(const MemoryMount& mount, NodeId node, bool append) {
    return std::make_unique<MemoryFile>(mount, node, append);
}

Timestamp MemoryMount::now() const {
    if (clocks == nullptr) return 0;
    const auto time = clocks->now(ClockId::realtime);
    return time ? *time : 0;
}

Expected<u64> MemoryMount::max_size(const Node& node, u64 from) const {
    const u64 room = tree->max_size(node);
    if (from >= room) return fail(Errno::nospc);
    if (!quota) return room;
    const u64 size = node.bytes->size();
    if (from >= size) TRY(quota->check_bytes(from - size + 1));
    return std::min(room, size + quota->bytes_left());
}

void MemoryMount::resize(Node& node, u64 size) const {
    const u64 before = node.bytes->size();
    tree->resize(node, size);
    if (quota) quota->resized(before, size);
}

Expected<NodeId> MemoryMount::make(NodeId directory, const std::string& name, Filetype type) const {
    if (quota) TRY(quota->check_entry());
    const NodeId made = TRY(tree->make(directory, name, type, now()));
    if (quota) quota->added_entry();
    return made;
}

Expected<void> MemoryMount::add_name(NodeId directory, const std::string& name, NodeId node) const {
    if (quota) TRY(quota->check_entry());
    TRY(tree->add_name(directory, name, node));
    if (quota) quota->added_entry();
    return {};
}

void MemoryMount::remove_name(NodeId directory, const std::string& name) const {
    if (quota) {
        const Node& gone = tree->node(tree->node(directory).entries.find(name)->second.node);
        if (gone.bytes && gone.names == 1 && gone.holders == 0)
            quota->resized(gone.bytes->size(), 0);
        quota->removed_entry();
    }
    tree->remove_name(directory, name);
}

void MemoryMount::count_closed(const Node& node) const {
    if (quota && node.names == 0 && node.holders == 1) quota->resized(node.bytes->size(), 0);
}

void MemoryMount::set_times(Node& node, const FileTimes& times) const {
    using To = TimeChange::To;
    if (times.none()) return;
    const Timestamp time = now();
    node.ctim = time;
    if (times.access.to != To::nothing)
        node.atim = times.access.to == To::now ? time : times.access.value;
    if (times.modification.to != To::nothing)
        node.mtim = times.modification.to == To::now ? time : times.modification.value;
}

Filestat MemoryMount::stat(NodeId id) const {
    const Node& node = tree->node(id);
    Filestat status;
    status.dev = device;
    status.ino = id;
    status.filetype = node.type;
    status.nlink = node.names;
    status.size = node.bytes ? node.bytes->size() : 0;
    status.atim = node.atim;
    status.mtim = node.mtim;
    status.ctim = node.ctim;
    return status;
}

}  // namespace waxwing::wasi
