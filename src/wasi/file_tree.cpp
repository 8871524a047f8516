#include "waxwing/file_tree.hpp"

#include <algorithm>
#include <functional>

#include "core/guard.hpp"
#include "wasi/memory_dir.hpp"

namespace waxwing {
namespace wasi {
namespace {

// What adding and reading are done through: the root, as a guest would see it.
class Root {
public:
    explicit Root(const std::shared_ptr<MemoryTree>& tree) : dir_(open(tree)) {}

    MemoryDir* operator->() { return dir_.get(); }

    Expected<void> make_parents(std::string_view path) {
        for (usize slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
            const auto made = dir_->create_directory(path.substr(0, slash));
            if (!made && !made.error().is(Errno::exist)) return made;
        }
        return {};
    }

private:
    static std::unique_ptr<MemoryDir> open(const std::shared_ptr<MemoryTree>& tree) {
        const std::lock_guard lock(tree->mutex());
        return std::make_unique<MemoryDir>(MemoryMount{tree, 0, nullptr, nullptr},
                                           MemoryTree::root);
    }
    std::unique_ptr<MemoryDir> dir_;
};

std::string_view from_root(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return path;
}
std::string_view without_slashes(std::string_view path) {
    return path.substr(0, path.find_last_not_of('/') + 1);
}

// Of everything in memory a file's bytes are moved in pieces whose size fits.
constexpr usize max_piece = 1 << 30;

Expected<void> write_all(File& file, std::string_view bytes) {
    for (usize at = 0; at < bytes.size();) {
        const iovec part{const_cast<char*>(bytes.data()) + at,
                         std::min(bytes.size() - at, max_piece)};
        at += TRY(file.pwrite({&part, 1}, at));
    }
    return {};
}

Expected<std::string> read_all(File& file) {
    std::string bytes(TRY(file.stat()).size, '\0');
    for (usize at = 0; at < bytes.size();) {
        const iovec part{bytes.data() + at, std::min(bytes.size() - at, max_piece)};
        const Size count = TRY(file.pread({&part, 1}, at));
        if (count == 0) bytes.resize(at);  // it has become shorter
        at += count;
    }
    return bytes;
}

Expected<void> add_file(Root& root, std::string_view path, std::string_view bytes) {
    if (path.ends_with('/')) return fail(Errno::isdir);  // before anything is made
    TRY(root.make_parents(path));
    OpenRequest request;
    request.oflags = Oflag::creat | Oflag::excl;
    const Opened opened = TRY(root->open(path, request));
    try {
        auto written = write_all(*opened.file, bytes);
        if (!written) TRY(root->unlink_file(path));
        return written;
    } catch (...) {
        (void)root->unlink_file(path);
        throw;
    }
}

Expected<void> add_link(Root& root, std::string_view path, const std::string& target) {
    if (!path.ends_with('/')) TRY(root.make_parents(path));
    return root->add_link(target, path);
}

Expected<std::string> read_file(Root& root, std::string_view path) {
    OpenRequest request;
    request.reads = true;
    request.follow = true;
    const Opened opened = TRY(root->open(path, request));
    if (opened.dir) return fail(Errno::isdir);
    return read_all(*opened.file);
}

// With the path that `change` was about, if it failed.
template <class T>
Result<T> named(std::string_view path, Expected<T> result) {
    if (result) return take(std::move(result));
    const Errno why = result.error().code() ? *result.error().code() : Errno::io;
    return std::unexpected(
        Error(Code::wasi, ErrorKind::usage,
              "files in memory: \"" + std::string(path) + "\": " + to_string(why)));
}
template <>
Result<void> named(std::string_view path, Expected<void> result) {
    if (result) return {};
    return std::unexpected(named<int>(path, std::unexpected(std::move(result).error())).error());
}

bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

}  // namespace
}  // namespace wasi

FileTree::FileTree(std::uint64_t max_bytes, std::uint64_t max_entries)
    : tree_(std::make_shared<wasi::MemoryTree>(max_bytes, max_entries)) {}

Result<void> FileTree::add_file(std::string_view path, std::string_view bytes) {
    return guard(Code::wasi, [&]() -> Result<void> {
        wasi::Root root(tree_);
        if (wasi::has_nul(path)) return wasi::named<void>(path, wasi::fail(wasi::Errno::inval));
        return wasi::named(path, wasi::add_file(root, wasi::from_root(path), bytes));
    });
}

Result<void> FileTree::add_directory(std::string_view path) {
    return guard(Code::wasi, [&]() -> Result<void> {
        wasi::Root root(tree_);
        if (wasi::has_nul(path)) return wasi::named<void>(path, wasi::fail(wasi::Errno::inval));
        const std::string_view name = wasi::without_slashes(wasi::from_root(path));
        auto made = root.make_parents(name);
        if (made) made = root->create_directory(name);
        return wasi::named(path, std::move(made));
    });
}

Result<void> FileTree::add_symlink(std::string_view path, std::string_view target) {
    return guard(Code::wasi, [&]() -> Result<void> {
        wasi::Root root(tree_);
        if (wasi::has_nul(path) || wasi::has_nul(target))
            return wasi::named<void>(path, wasi::fail(wasi::Errno::inval));
        return wasi::named(path, wasi::add_link(root, wasi::from_root(path), std::string(target)));
    });
}

Result<std::string> FileTree::read_file(std::string_view path) const {
    return guard(Code::wasi, [&]() -> Result<std::string> {
        wasi::Root root(tree_);
        return wasi::named(path, wasi::read_file(root, wasi::from_root(path)));
    });
}

Result<std::vector<std::string>> FileTree::paths() const {
    return guard(Code::wasi, [&]() -> Result<std::vector<std::string>> {
        const std::lock_guard lock(tree_->mutex());
        std::vector<std::string> paths;
        std::vector<std::pair<wasi::NodeId, std::string>> directories{{wasi::MemoryTree::root, ""}};
        while (!directories.empty()) {
            const auto [id, prefix] = std::move(directories.back());
            directories.pop_back();
            for (const auto& [name, entry] : tree_->node(id).entries) {
                if (prefix.size() + name.size() > max_listed_path) continue;
                const bool is_dir = tree_->node(entry.node).is_dir();
                paths.push_back(prefix + name + (is_dir ? "/" : ""));
                if (is_dir) directories.emplace_back(entry.node, paths.back());
            }
        }
        std::ranges::sort(paths);
        return paths;
    });
}

std::uint64_t FileTree::bytes() const {
    const std::lock_guard lock(tree_->mutex());
    return tree_->bytes();
}

Result<FileTree> FileTree::copy() const {
    return guard(Code::wasi, [&]() -> Result<FileTree> {
        const std::lock_guard lock(tree_->mutex());
        return FileTree(tree_->copy());
    });
}

}  // namespace waxwing
