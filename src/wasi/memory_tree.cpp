#include "wasi/memory_tree.hpp"

#include <algorithm>

namespace waxwing::wasi {

MemoryTree::MemoryTree(u64 max_bytes, u64 max_entries)
    : max_bytes_(max_bytes), max_entries_(max_entries) {
    Node& directory = nodes_[next_++];
    directory.type = Filetype::directory;
    directory.names = 1;
    directory.parent = root;
}

std::shared_ptr<MemoryTree> MemoryTree::copy() {
    auto other = std::make_shared<MemoryTree>(max_bytes_, max_entries_);
    for (auto& [id, node] : nodes_) {
        if (node.names == 0) continue;
        node.bytes_are_shared = true;
        Node& twin = other->nodes_[id] = node;
        twin.holders = 0;
        if (node.bytes) other->bytes_ += node.bytes->size();
    }
    other->next_ = next_;
    other->entries_ = entries_;
    return other;
}

Expected<std::optional<NodeId>> MemoryTree::find(NodeId directory, std::string_view name) {
    const Node& in = node(directory);
    if (!in.is_dir()) return fail(Errno::notdir);
    if (in.names == 0) return fail(Errno::noent);
    if (name.size() > max_name) return fail(Errno::nametoolong);
    const auto found = in.entries.find(name);
    if (found == in.entries.end()) return std::optional<NodeId>();
    return std::optional<NodeId>(found->second.node);
}

Expected<NodeId> MemoryTree::make(NodeId directory, const std::string& name, Filetype type,
                                  Timestamp now) {
    const NodeId id = next_;
    Node fresh;
    fresh.type = type;
    fresh.atim = fresh.mtim = fresh.ctim = now;
    fresh.parent = directory;
    if (type != Filetype::directory) fresh.bytes = std::make_shared<std::string>();
    nodes_.emplace(id, std::move(fresh));
    try {
        if (auto added = add_name(directory, name, id); !added) {
            nodes_.erase(id);
            return std::unexpected(std::move(added).error());
        }
    } catch (...) {
        nodes_.erase(id);
        throw;
    }
    ++next_;
    return id;
}

Expected<void> MemoryTree::add_name(NodeId directory, const std::string& name, NodeId id) {
    if (entries_ >= max_entries_) return fail(Errno::nospc);
    put_name(new_name(directory, name, id));
    return {};
}

MemoryTree::NewName MemoryTree::new_name(NodeId directory, const std::string& name, NodeId id) {
    NewName made;
    made.directory = directory;
    made.node = id;
    const Dircookie serial = node(directory).next_serial;
    made.entry.emplace(name, Node::Name{id, serial});
    made.by_serial.emplace(serial, name);
    return made;
}

void MemoryTree::put_name(NewName name) noexcept {
    Node& in = node(name.directory);
    in.entries.merge(name.entry);
    in.by_serial.merge(name.by_serial);
    ++in.next_serial;
    ++entries_;
    ++node(name.node).names;
}

void MemoryTree::remove_name(NodeId directory, const std::string& name) {
    Node& in = node(directory);
    const auto found = in.entries.find(name);
    const auto [id, serial] = found->second;
    in.by_serial.erase(serial);
    in.entries.erase(found);
    --entries_;
    --node(id).names;
    forget_if_unused(id);
}

u64 MemoryTree::max_size(const Node& file) const {
    return file.bytes->size() + (max_bytes_ - std::min(bytes_, max_bytes_));
}

void MemoryTree::resize(Node& file, u64 size) {
    std::string& bytes = writable(file);
    const u64 before = bytes.size();
    bytes.resize(size);
    bytes_ = bytes_ - before + size;
    if (size < bytes.capacity() / 4) bytes.shrink_to_fit();  // if there is memory for it
}

std::string& MemoryTree::writable(Node& file) {
    if (file.bytes_are_shared) file.bytes = std::make_shared<std::string>(*file.bytes);
    file.bytes_are_shared = false;
    return *file.bytes;
}

void MemoryTree::release(NodeId id) {
    --node(id).holders;
    forget_if_unused(id);
}

void MemoryTree::forget_if_unused(NodeId id) {
    const Node& unused = node(id);
    if (unused.names != 0 || unused.holders != 0) return;
    if (unused.bytes) bytes_ -= unused.bytes->size();
    nodes_.erase(id);
}

}  // namespace waxwing::wasi
