// A file system in memory: nodes by their inode numbers, and their names.
//
// 1. Whoever calls a function here, or touches a Node, holds the mutex.
// 2. A node lives as long as it has a name or a descriptor holds it. A directory
//    has one name; the root's is not in any directory.
// 3. Bytes of files and texts of links, and names, stay within the limits, which
//    are the embedder's: they, and no number from a guest, size memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "wasi/abi.hpp"
#include "wasi/expected.hpp"

namespace waxwing::wasi {

using NodeId = u64;

struct Node {
    // Of a directory.
    struct Name {
        NodeId node;
        Dircookie serial;  // names are numbered as they come
    };
    static constexpr Dircookie first_serial = 2;  // after "." and ".."

    Filetype type = Filetype::regular_file;
    u32 names = 0;    // in directories
    u32 holders = 0;  // descriptors
    Timestamp atim = 0, mtim = 0, ctim = 0;
    std::shared_ptr<std::string> bytes;  // of a file, or the text of a link
    bool bytes_are_shared = false;       // with a copy of the tree: not to be written
    NodeId parent = 0;
    std::map<std::string, Name, std::less<>> entries;
    std::map<Dircookie, std::string> by_serial;
    Dircookie next_serial = first_serial;

    bool is_dir() const { return type == Filetype::directory; }
    bool is_link() const { return type == Filetype::symbolic_link; }
};

class MemoryTree {
public:
    static constexpr NodeId root = 1;
    static constexpr usize max_name = 255;

    MemoryTree(u64 max_bytes, u64 max_entries);
    // What has a name now; bytes are shared until they are written.
    std::shared_ptr<MemoryTree> copy();

    std::mutex& mutex() { return mutex_; }
    u64 bytes() const { return bytes_; }

    // Requires: it is alive.
    Node& node(NodeId id) { return nodes_.find(id)->second; }
    // None if there is no such name. notdir; noent: the directory was removed.
    // nametoolong.
    Expected<std::optional<NodeId>> find(NodeId directory, std::string_view name);

    // A new node under a new name. Requires: find() found nothing there.
    //   nospc: too many.
    Expected<NodeId> make(NodeId directory, const std::string& name, Filetype type, Timestamp now);
    //   nospc: too many.
    Expected<void> add_name(NodeId directory, const std::string& name, NodeId node);
    // The same in two steps, of which only the first needs memory. In between nothing else is
    // added to the directory.
    struct NewName {
        NodeId directory = 0;
        NodeId node = 0;
        decltype(Node::entries) entry;
        decltype(Node::by_serial) by_serial;
    };
    NewName new_name(NodeId directory, const std::string& name, NodeId node);
    void put_name(NewName name) noexcept;
    // Requires: it is there.
    void remove_name(NodeId directory, const std::string& name);

    // How large a file can get.
    u64 max_size(const Node& file) const;
    // Requires: size <= max_size(file).
    void resize(Node& file, u64 size);
    // To be written to.
    std::string& writable(Node& file);

    void hold(NodeId id) { ++node(id).holders; }
    void release(NodeId id);

private:
    void forget_if_unused(NodeId id);

    std::mutex mutex_;
    std::unordered_map<NodeId, Node> nodes_;
    NodeId next_ = root;
    u64 max_bytes_;
    u64 max_entries_;
    u64 bytes_ = 0;
    u64 entries_ = 0;
};

}  // namespace waxwing::wasi
