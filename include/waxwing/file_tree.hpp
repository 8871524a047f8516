// Files in memory, which guests can be given as a preopened directory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "waxwing/error.hpp"

namespace waxwing::wasi {
class MemoryTree;
}

#pragma GCC visibility push(default)
namespace waxwing {

// A tree of directories, files and symbolic links. Copies of this object are the
// same tree; it lives as long as one of them or a guest that was given it. It may
// be used from several threads, and while guests run.
//
// Paths lead from the root of the tree, with or without a slash before them; a
// `..` above the root is refused. Errors: Code::wasi, naming the path, with the
// word that a guest would see, such as "exist" or "nospc"; kind limit, "out of
// memory".
class FileTree {
public:
    // Files and the texts of links may take `max_bytes` together, of names there
    // may be `max_entries`; beyond either a guest sees ENOSPC.
    explicit FileTree(std::uint64_t max_bytes = 64 << 20, std::uint64_t max_entries = 65'536);

    // Directories on the way are made. What is there is not replaced.
    Result<void> add_file(std::string_view path, std::string_view bytes);
    Result<void> add_directory(std::string_view path);
    // A guest cannot follow a link to an absolute path, nor one that leads out.
    Result<void> add_symlink(std::string_view path, std::string_view target);

    // Links are followed.
    Result<std::string> read_file(std::string_view path) const;
    // Everything there is, sorted; directories end in a slash. What only a path of more
    // bytes than this leads to is left out, since in a deep nest of directories the paths
    // together are far larger than the tree.
    static constexpr std::size_t max_listed_path = 4096;
    Result<std::vector<std::string>> paths() const;
    // What files and the texts of links take.
    std::uint64_t bytes() const;

    // A tree of its own that is like this one now. Bytes are shared until one of
    // the two writes to their file, so that this is quick.
    Result<FileTree> copy() const;

    const std::shared_ptr<wasi::MemoryTree>& tree() const { return tree_; }

private:
    explicit FileTree(std::shared_ptr<wasi::MemoryTree> tree) : tree_(std::move(tree)) {}

    std::shared_ptr<wasi::MemoryTree> tree_;
};

}  // namespace waxwing
#pragma GCC visibility pop
