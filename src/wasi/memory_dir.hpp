// A directory of a file system in memory, and files in it. What each function
// answers is what the host's directory answers (host_dir.hpp), down to the
// error; tests/wasi/memory_test.cpp compares them.
#pragma once

#include "wasi/clock.hpp"
#include "wasi/dir.hpp"
#include "wasi/memory_tree.hpp"
#include "wasi/path_steps.hpp"
#include "wasi/quota.hpp"

namespace waxwing::wasi {

// What the directories and files of one preopen have in common.
struct MemoryMount {
    std::shared_ptr<MemoryTree> tree;
    u64 device;                    // a guest's number for the tree
    Clocks* clocks;                // the guest's, which outlive this; none: it is always 0
    std::shared_ptr<Quota> quota;  // none: the tree's own limits are all

    Timestamp now() const;
    // How large a node can get from `size` on: more than `from`, or nospc, dquot.
    Expected<u64> max_size(const Node& node, u64 from) const;
    // Requires: size <= max_size().
    void resize(Node& node, u64 size) const;
    // As those of the tree. dquot.
    Expected<NodeId> make(NodeId directory, const std::string& name, Filetype type) const;
    Expected<void> add_name(NodeId directory, const std::string& name, NodeId node) const;
    void remove_name(NodeId directory, const std::string& name) const;
    // A descriptor of the node is about to be closed.
    void count_closed(const Node& node) const;
    // As utimensat(2).
    void set_times(Node& node, const FileTimes& times) const;
    Filestat stat(NodeId id) const;
};

// A node that stays while this is there. Made with the tree's mutex held;
// destroyed without.
class NodeHold {
public:
    NodeHold(std::shared_ptr<MemoryTree> tree, NodeId id) : tree_(std::move(tree)), id_(id) {
        tree_->hold(id);
    }
    NodeHold(const NodeHold&) = delete;
    NodeHold& operator=(const NodeHold&) = delete;
    ~NodeHold() {
        const std::lock_guard lock(tree_->mutex());
        tree_->release(id_);
    }
    NodeId id() const { return id_; }

private:
    std::shared_ptr<MemoryTree> tree_;
    NodeId id_;
};

class MemoryDir final : public Dir {
public:
    // Requires: the tree's mutex is held.
    MemoryDir(const MemoryMount& mount, NodeId node) : mount_(mount), hold_(mount.tree, node) {}

    Expected<Opened> open(std::string_view path, const OpenRequest& request) override;
    Expected<Filestat> stat() override;
    Expected<Filestat> stat(std::string_view path, bool follow) override;
    Expected<void> set_times(const FileTimes& times) override;
    Expected<void> set_times(std::string_view path, bool follow, const FileTimes& times) override;
    Expected<void> create_directory(std::string_view path) override;
    Expected<void> remove_directory(std::string_view path) override;
    Expected<void> unlink_file(std::string_view path) override;
    Expected<std::string> read_link(std::string_view path) override;
    Expected<void> symlink(const std::string& target, std::string_view path) override;
    // As the embedder may: to an absolute path, too, which no guest can follow.
    Expected<void> add_link(const std::string& target, std::string_view path);
    Expected<void> sync(bool data_only) override;
    Expected<std::optional<DirEntry>> entry_after(Dircookie cookie) override;
    const void* storage() const override {
        // What one quota counts does not move to where another does, or none.
        if (mount_.quota) return mount_.quota.get();
        return mount_.tree.get();
    }
    Expected<void> link(std::string_view old_path, Dir& to, std::string_view new_path) override;
    Expected<void> rename(std::string_view old_path, Dir& to, std::string_view new_path) override;

private:
    // A path, walked to its last component, which is not looked at.
    class Walk;
    struct Place {
        NodeId directory;
        std::string name;          // "." if the path ends in a dot component
        bool must_be_dir = false;  // the path ends in a slash or a dot
        bool is_dot() const { return name == "."; }
    };

    Expected<Place> locate(std::string_view path) const;
    // What is at a place, a link not followed. noent.
    Expected<NodeId> at(const Place& place) const;
    // What a path leads to. noent.
    Expected<NodeId> resolve(std::string_view path, bool follow) const;
    Expected<NodeId> open_node(std::string_view path, const OpenRequest& request) const;
    Expected<void> check_new(const Place& place, bool is_dir) const;
    bool is_within(NodeId inner, NodeId outer) const;
    void touch(NodeId directory) const;

    MemoryTree& tree() const { return *mount_.tree; }
    Node& node(NodeId id) const { return tree().node(id); }

    MemoryMount mount_;
    NodeHold hold_;
    std::string name_;  // of the last entry
};

// A file. Requires: the tree's mutex is held.
std::unique_ptr<File> make_memory_file(const MemoryMount& mount, NodeId node, bool append);

}  // namespace waxwing::wasi
