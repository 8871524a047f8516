#include "wasi/memory_dir.hpp"

#include <vector>

namespace waxwing::wasi {

class MemoryDir::Walk {
public:
    Walk(MemoryTree& tree, NodeId base, std::string_view path)
        : tree_(tree), base_(base), steps_(path) {}

    Expected<Place> to_last() {
        for (;;) {
            Step step = steps_.next();
            if (step.is_last) return Place{top(), std::move(step.name), step.must_be_dir};
            if (step.name == "..") {
                if (stack_.empty()) return fail(Errno::perm);
                stack_.pop_back();
                continue;
            }
            const auto found = TRY(tree_.find(top(), step.name));
            if (!found) return fail(Errno::noent);
            const Node& node = tree_.node(*found);
            if (node.is_link()) {
                TRY(steps_.expand(*node.bytes));
            } else if (node.is_dir()) {
                stack_.push_back(*found);
            } else {
                return fail(Errno::notdir);
            }
        }
    }
    // A link was at the last place: goes on with its text.
    Expected<Place> follow(const Node& link) {
        TRY(steps_.expand(*link.bytes));
        return to_last();
    }

private:
    NodeId top() const { return stack_.empty() ? base_ : stack_.back(); }

    MemoryTree& tree_;
    NodeId base_;
    std::vector<NodeId> stack_;
    PathSteps steps_;
};

namespace {

Expected<void> check_relative(std::string_view path) {
    if (path.empty()) return fail(Errno::noent);
    if (path.front() == '/') return fail(Errno::perm);
    return {};
}

}  // namespace

Expected<MemoryDir::Place> MemoryDir::locate(std::string_view path) const {
    TRY(check_relative(path));
    return Walk(tree(), hold_.id(), path).to_last();
}

Expected<NodeId> MemoryDir::at(const Place& place) const {
    if (place.is_dot()) return place.directory;
    const auto found = TRY(tree().find(place.directory, place.name));
    if (!found) return fail(Errno::noent);
    return *found;
}

Expected<NodeId> MemoryDir::resolve(std::string_view path, bool follow) const {
    if (follow || path.ends_with('/')) {
        TRY(check_relative(path));
        Walk walk(tree(), hold_.id(), path);
        for (Place place = TRY(walk.to_last());;) {
            const NodeId found = TRY(at(place));
            if (node(found).is_link()) {
                place = TRY(walk.follow(node(found)));
            } else if (place.must_be_dir && !node(found).is_dir()) {
                return fail(Errno::notdir);
            } else {
                return found;
            }
        }
    }
    return at(TRY(locate(path)));
}

// As open(2) has it, in its order of what is wrong.
Expected<NodeId> MemoryDir::open_node(std::string_view path, const OpenRequest& request) const {
    const bool creates = request.oflags.has(Oflag::creat);
    const bool exclusive = creates && request.oflags.has(Oflag::excl);
    const bool truncates = request.oflags.has(Oflag::trunc);
    TRY(check_relative(path));
    Walk walk(tree(), hold_.id(), path);
    for (Place place = TRY(walk.to_last());;) {
        if (creates && place.must_be_dir)
            return fail(exclusive && place.is_dot() ? Errno::exist : Errno::isdir);
        const bool wants_dir = place.must_be_dir || request.oflags.has(Oflag::directory);
        const bool follows = (request.follow || place.must_be_dir) && !exclusive;
        const auto found = place.is_dot() ? std::optional(place.directory)
                                          : TRY(tree().find(place.directory, place.name));
        if (!found) {
            if (!creates) return fail(Errno::noent);
            const auto made = mount_.make(place.directory, place.name, Filetype::regular_file);
            if (made) touch(place.directory);
            return made;
        }
        if (exclusive) return fail(Errno::exist);
        Node& there = node(*found);
        if (there.is_link()) {
            if (!follows) return fail(wants_dir ? Errno::notdir : Errno::loop);
            place = TRY(walk.follow(there));
            continue;
        }
        if (there.is_dir()) {
            if (creates || truncates || request.writes) return fail(Errno::isdir);
        } else if (wants_dir) {
            return fail(Errno::notdir);
        } else if (truncates) {
            mount_.resize(there, 0);
            there.mtim = there.ctim = mount_.now();
        }
        return *found;
    }
}

Expected<Opened> MemoryDir::open(std::string_view path, const OpenRequest& request) {
    const std::lock_guard lock(tree().mutex());
    const NodeId found = TRY(open_node(path, request));
    Opened opened;
    if (node(found).is_dir())
        opened.dir = std::make_unique<MemoryDir>(mount_, found);
    else
        opened.file = make_memory_file(mount_, found, request.fdflags.has(Fdflag::append));
    return opened;
}

Expected<Filestat> MemoryDir::stat() {
    const std::lock_guard lock(tree().mutex());
    return mount_.stat(hold_.id());
}

Expected<Filestat> MemoryDir::stat(std::string_view path, bool follow) {
    const std::lock_guard lock(tree().mutex());
    return mount_.stat(TRY(resolve(path, follow)));
}

Expected<void> MemoryDir::set_times(const FileTimes& times) {
    const std::lock_guard lock(tree().mutex());
    mount_.set_times(node(hold_.id()), times);
    return {};
}

Expected<void> MemoryDir::set_times(std::string_view path, bool follow, const FileTimes& times) {
    const std::lock_guard lock(tree().mutex());
    mount_.set_times(node(TRY(resolve(path, follow))), times);
    return {};
}

// No new name can be there. exist; noent if a slash follows what is not a new
// directory's; nametoolong.
Expected<void> MemoryDir::check_new(const Place& place, bool is_dir) const {
    if (place.is_dot()) return fail(Errno::exist);
    if (TRY(tree().find(place.directory, place.name))) return fail(Errno::exist);
    if (place.must_be_dir && !is_dir) return fail(Errno::noent);
    return {};
}

void MemoryDir::touch(NodeId directory) const {
    Node& changed = node(directory);
    changed.mtim = changed.ctim = mount_.now();
}

Expected<void> MemoryDir::create_directory(std::string_view path) {
    const std::lock_guard lock(tree().mutex());
    const Place place = TRY(locate(path));
    TRY(check_new(place, true));
    TRY(mount_.make(place.directory, place.name, Filetype::directory));
    touch(place.directory);
    return {};
}

Expected<void> MemoryDir::remove_directory(std::string_view path) {
    const std::lock_guard lock(tree().mutex());
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::inval);
    const Node& there = node(TRY(at(place)));
    if (!there.is_dir()) return fail(Errno::notdir);
    if (!there.entries.empty()) return fail(Errno::notempty);
    mount_.remove_name(place.directory, place.name);
    touch(place.directory);
    return {};
}

Expected<void> MemoryDir::unlink_file(std::string_view path) {
    const std::lock_guard lock(tree().mutex());
    const Place place = TRY(locate(path));
    if (place.is_dot()) return fail(Errno::isdir);
    Node& there = node(TRY(at(place)));
    if (there.is_dir()) return fail(Errno::isdir);
    if (place.must_be_dir) return fail(Errno::notdir);
    there.ctim = mount_.now();
    mount_.remove_name(place.directory, place.name);
    touch(place.directory);
    return {};
}

Expected<std::string> MemoryDir::read_link(std::string_view path) {
    const std::lock_guard lock(tree().mutex());
    const Node& link = node(TRY(resolve(path, false)));
    if (!link.is_link()) return fail(Errno::inval);
    return *link.bytes;
}

Expected<void> MemoryDir::symlink(const std::string& target, std::string_view path) {
    if (target.starts_with('/')) return fail(Errno::perm);
    return add_link(target, path);
}

Expected<void> MemoryDir::add_link(const std::string& target, std::string_view path) {
    const std::lock_guard lock(tree().mutex());
    if (target.empty()) return fail(Errno::noent);
    const Place place = TRY(locate(path));
    TRY(check_new(place, false));
    const NodeId link = TRY(mount_.make(place.directory, place.name, Filetype::symbolic_link));
    if (auto fits = mount_.max_size(node(link), target.size() - 1); !fits) {
        mount_.remove_name(place.directory, place.name);
        return std::unexpected(std::move(fits).error());
    }
    try {
        mount_.resize(node(link), target.size());
    } catch (...) {
        mount_.remove_name(place.directory, place.name);
        throw;
    }
    tree().writable(node(link)) = target;
    touch(place.directory);
    return {};
}

Expected<void> MemoryDir::sync(bool) { return {}; }

Expected<std::optional<DirEntry>> MemoryDir::entry_after(Dircookie cookie) {
    const std::lock_guard lock(tree().mutex());
    const Node& directory = node(hold_.id());
    if (directory.names == 0) return fail(Errno::noent);
    if (cookie < Node::first_serial)
        return std::optional(
            DirEntry{cookie + 1, hold_.id(), Filetype::directory, cookie == 0 ? "." : ".."});
    const auto next = directory.by_serial.lower_bound(cookie);
    if (next == directory.by_serial.end()) return std::optional<DirEntry>();
    name_ = next->second;
    const NodeId id = directory.entries.find(name_)->second.node;
    return std::optional(DirEntry{next->first + 1, id, node(id).type, name_});
}

Expected<void> MemoryDir::link(std::string_view old_path, Dir& to, std::string_view new_path) {
    const std::lock_guard lock(tree().mutex());
    const NodeId linked = TRY(resolve(old_path, false));
    const Place target = TRY(static_cast<MemoryDir&>(to).locate(new_path));
    TRY(check_new(target, false));
    if (node(linked).is_dir()) return fail(Errno::perm);
    TRY(mount_.add_name(target.directory, target.name, linked));
    node(linked).ctim = mount_.now();
    touch(target.directory);
    return {};
}

bool MemoryDir::is_within(NodeId inner, NodeId outer) const {
    while (inner != outer && inner != MemoryTree::root)
        inner = node(inner).parent;
    return inner == outer;
}

// As rename(2), in its order of what is wrong.
Expected<void> MemoryDir::rename(std::string_view old_path, Dir& to, std::string_view new_path) {
    const std::lock_guard lock(tree().mutex());
    const Place source = TRY(locate(old_path));
    const Place target = TRY(static_cast<MemoryDir&>(to).locate(new_path));
    if (source.is_dot() || target.is_dot()) return fail(Errno::busy);
    const NodeId moved = TRY(at(source));
    const auto replaced = TRY(tree().find(target.directory, target.name));
    const bool moves_dir = node(moved).is_dir();
    if (!moves_dir && (source.must_be_dir || target.must_be_dir)) return fail(Errno::notdir);
    if (moves_dir && is_within(target.directory, moved)) return fail(Errno::inval);
    if (replaced && node(*replaced).is_dir() && is_within(source.directory, *replaced))
        return fail(Errno::notempty);
    if (replaced == moved) return {};
    // Made before anything is taken away.
    MemoryTree::NewName name = tree().new_name(target.directory, target.name, moved);
    if (replaced) {
        const Node& there = node(*replaced);
        if (moves_dir && !there.is_dir()) return fail(Errno::notdir);
        if (!moves_dir && there.is_dir()) return fail(Errno::isdir);
        if (!there.entries.empty()) return fail(Errno::notempty);
        mount_.remove_name(target.directory, target.name);
    }
    tree().hold(moved);  // while it has no name
    tree().remove_name(source.directory, source.name);
    tree().put_name(std::move(name));
    if (moves_dir) node(moved).parent = target.directory;
    node(moved).ctim = mount_.now();
    tree().release(moved);
    touch(source.directory);
    touch(target.directory);
    return {};
}

}  // namespace waxwing::wasi
