#include "wasi/steady.hpp"

#include <algorithm>
#include <vector>

namespace waxwing::wasi {
namespace {

// An open file or directory, so that its inode is not somebody else's meanwhile.
class OpenIdentity {
public:
    // Takes over one that Identities::opened() has counted.
    OpenIdentity(Identities& all, Identities::FileId id) : all_(all), id_(id) {}
    OpenIdentity(const OpenIdentity&) = delete;
    OpenIdentity& operator=(const OpenIdentity&) = delete;
    ~OpenIdentity() { all_.closed(id_); }

    Identities& all() const { return all_; }
    Identities::FileId id() const { return id_; }

private:
    Identities& all_;
    Identities::FileId id_;
};

// The names in a directory, sorted, without dots. What all of them take that one
// guest has is limited.
class Listing {
public:
    explicit Listing(Identities& all) : all_(all) {}
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;
    ~Listing() { all_.give_back(bytes_); }

    struct Entry {
        std::string name;
        u64 ino;  // the host's
        Filetype type;
    };
    // nomem: no room.
    Expected<void> add(const DirEntry& entry) {
        // With what growing takes for a while, and what an allocation costs.
        const u64 cost = 2 * sizeof(Entry) + entry.name.size() + 32;
        TRY(all_.take(cost));
        bytes_ += cost;
        entries_.push_back({std::string(entry.name), entry.ino, entry.type});
        return {};
    }
    void sort() { std::ranges::sort(entries_, {}, &Entry::name); }
    const std::vector<Entry>& entries() const { return entries_; }

private:
    Identities& all_;
    std::vector<Entry> entries_;
    u64 bytes_ = 0;
};

class SteadyFile final : public File {
public:
    SteadyFile(std::unique_ptr<File> file, Identities& identities, Identities::FileId id)
        : File(file->type()), identity_(identities, id), file_(std::move(file)) {}

    Expected<Size> read(Guest& guest, Parts parts, bool block) override {
        return file_->read(guest, parts, block);
    }
    Expected<Size> write(Guest& guest, Parts parts, bool block) override {
        return file_->write(guest, parts, block);
    }
    Expected<Size> pread(Parts parts, Filesize offset) override {
        return file_->pread(parts, offset);
    }
    Expected<Size> pwrite(Parts parts, Filesize offset) override {
        return file_->pwrite(parts, offset);
    }
    Expected<Filesize> seek(Filedelta delta, Whence whence) override {
        return file_->seek(delta, whence);
    }
    bool can_seek() const override { return file_->can_seek(); }

    Expected<Filestat> stat() override { return identity_.all().shown(TRY(file_->stat())); }
    Expected<void> set_size(Filesize size) override { return file_->set_size(size); }
    Expected<void> set_times(const FileTimes& times) override {
        const FileTimes fixed = TRY(identity_.all().by_clock(times));
        TRY(file_->set_times(fixed));
        return identity_.all().set_times(identity_.id(), fixed);
    }
    Expected<void> allocate(Filesize offset, Filesize length) override {
        return file_->allocate(offset, length);
    }
    Expected<void> advise(Filesize offset, Filesize length, Advice advice) override {
        return file_->advise(offset, length, advice);
    }
    Expected<void> sync(bool data_only) override { return file_->sync(data_only); }
    Expected<void> set_flags(Fdflags flags) override { return file_->set_flags(flags); }
    Expected<void> close() override { return file_->close(); }
    Filesize readable() override { return file_->readable(); }

private:
    OpenIdentity identity_;
    std::unique_ptr<File> file_;
};

class SteadyStream final : public File {
public:
    explicit SteadyStream(std::unique_ptr<File> stream)
        : File(stream->type()), stream_(std::move(stream)) {}

    Expected<Size> read(Guest& guest, Parts parts, bool) override {
        // Of a terminal a line: whoever types waits for the answer.
        if (type() == Filetype::character_device) return stream_->read(guest, parts, true);
        return whole(parts, [&](Parts rest) { return stream_->read(guest, rest, true); });
    }
    Expected<Size> write(Guest& guest, Parts parts, bool) override {
        return whole(parts, [&](Parts rest) { return stream_->write(guest, rest, true); });
    }
    Filesize readable() override { return 1; }

private:
    // Moves until nothing is left or nothing moves any more.
    template <class Move>
    Expected<Size> whole(Parts parts, Move move) {
        if (untold_) return fail(*std::exchange(untold_, std::nullopt));
        std::vector<iovec> left(parts.begin(), parts.end());
        Size total = 0;  // IoVectors::max_bytes at most
        for (Parts rest = left; !rest.empty();) {
            auto moved = move(rest);
            if (!moved && (total == 0 || !moved.error().code())) return moved;
            if (!moved) untold_ = *moved.error().code();  // with the next call
            if (!moved || *moved == 0) break;
            total += *moved;
            usize count = *moved;
            while (!rest.empty() && count >= rest.front().iov_len) {
                count -= rest.front().iov_len;
                rest = rest.subspan(1);
            }
            if (count == 0) continue;
            iovec& cut = left[left.size() - rest.size()];
            cut.iov_base = static_cast<char*>(cut.iov_base) + count;
            cut.iov_len -= count;
        }
        return total;
    }

    std::unique_ptr<File> stream_;
    std::optional<Errno> untold_;
};

class SteadyDir final : public Dir {
public:
    SteadyDir(std::unique_ptr<Dir> dir, Identities& identities, Identities::FileId id)
        : identity_(identities, id), dir_(std::move(dir)) {}

    Expected<Opened> open(std::string_view path, const OpenRequest& request) override {
        Opened opened = TRY(dir_->open(path, request));
        if (opened.dir) opened.dir = TRY(make_steady(std::move(opened.dir), all()));
        if (opened.file) opened.file = TRY(make_steady(std::move(opened.file), all()));
        return opened;
    }
    Expected<Filestat> stat() override { return all().shown(TRY(dir_->stat())); }
    Expected<Filestat> stat(std::string_view path, bool follow) override {
        return all().shown(TRY(dir_->stat(path, follow)));
    }
    Expected<void> set_times(const FileTimes& times) override {
        const FileTimes fixed = TRY(all().by_clock(times));
        TRY(dir_->set_times(fixed));
        return all().set_times(identity_.id(), fixed);
    }
    Expected<void> set_times(std::string_view path, bool follow, const FileTimes& times) override {
        const FileTimes fixed = TRY(all().by_clock(times));
        // Before, so that nothing has happened if it cannot be told which file it is.
        const auto id = Identities::id_of(TRY(dir_->stat(path, follow)));
        TRY(dir_->set_times(path, follow, fixed));
        return all().set_times(id, fixed);
    }
    Expected<void> create_directory(std::string_view path) override {
        return dir_->create_directory(path);
    }
    Expected<void> remove_directory(std::string_view path) override {
        const auto gone = TRY(look_at(*dir_, path));
        TRY(dir_->remove_directory(path));
        if (gone) all().removed(*gone);
        return {};
    }
    Expected<void> unlink_file(std::string_view path) override {
        const auto gone = TRY(look_at(*dir_, path));
        TRY(dir_->unlink_file(path));
        if (gone) all().removed(*gone);
        return {};
    }
    Expected<std::string> read_link(std::string_view path) override {
        return dir_->read_link(path);
    }
    Expected<void> symlink(const std::string& target, std::string_view path) override {
        return dir_->symlink(target, path);
    }
    Expected<void> sync(bool data_only) override { return dir_->sync(data_only); }
    Expected<std::optional<DirEntry>> entry_after(Dircookie cookie) override;
    const void* storage() const override { return dir_->storage(); }
    Expected<void> link(std::string_view old_path, Dir& to, std::string_view new_path) override {
        return dir_->link(old_path, *static_cast<SteadyDir&>(to).dir_, new_path);
    }
    Expected<void> rename(std::string_view old_path, Dir& to, std::string_view new_path) override {
        Dir& target = *static_cast<SteadyDir&>(to).dir_;
        const auto moved = TRY(look_at(*dir_, old_path));
        const auto gone = TRY(look_at(target, new_path));
        TRY(dir_->rename(old_path, target, new_path));
        const bool is_same = moved && gone && Identities::id_of(*moved) == Identities::id_of(*gone);
        if (gone && !is_same) all().removed(*gone);
        return {};
    }

private:
    Identities& all() const { return identity_.all(); }
    Expected<void> list();
    // What a call will take away; none where it is the call that says what is wrong.
    static Expected<std::optional<Filestat>> look_at(Dir& dir, std::string_view path);

    OpenIdentity identity_;
    std::unique_ptr<Dir> dir_;
    std::optional<Listing> listing_;
};

Expected<std::optional<Filestat>> SteadyDir::look_at(Dir& dir, std::string_view path) {
    auto status = dir.stat(path, false);
    if (status) return *status;
    for (const Errno of_the_path :
         {Errno::noent, Errno::notdir, Errno::loop, Errno::perm, Errno::acces, Errno::nametoolong})
        if (status.error().is(of_the_path)) return std::optional<Filestat>();
    return std::unexpected(std::move(status).error());
}

// nomem: more names than are kept. Then there is no listing.
Expected<void> SteadyDir::list() {
    listing_.emplace(all());  // the old one's room is the new one's
    const auto fill = [this]() -> Expected<void> {
        for (Dircookie at = 0;;) {
            const auto entry = TRY(dir_->entry_after(at));
            if (!entry) return {};
            at = entry->next;
            if (entry->name != "." && entry->name != "..") TRY(listing_->add(*entry));
        }
    };
    auto filled = fill();
    if (filled)
        listing_->sort();
    else
        listing_.reset();
    return filled;
}

Expected<std::optional<DirEntry>> SteadyDir::entry_after(Dircookie cookie) {
    constexpr Dircookie dots = 2;
    if (cookie == 0 || !listing_) TRY(list());
    const auto [device, ino] = identity_.id();
    if (cookie < dots)
        return std::optional(DirEntry{cookie + 1, TRY(all().number_of({device, ino})),
                                      Filetype::directory, cookie == 0 ? "." : ".."});
    const auto& entries = listing_->entries();
    if (cookie - dots >= entries.size()) return std::optional<DirEntry>();
    const Listing::Entry& entry = entries[cookie - dots];
    return std::optional(
        DirEntry{cookie + 1, TRY(all().number_of({device, entry.ino})), entry.type, entry.name});
}

}  // namespace

Expected<Identities::Met*> Identities::find(FileId file) {
    const auto found = files_.find(file);
    if (found != files_.end()) return &found->second;
    if (files_.size() == max_files) return fail(Errno::nomem);
    Met& met = files_[file];
    met.number = next_++;
    return &met;
}

Expected<u64> Identities::number_of(FileId file) { return TRY(find(file))->number; }

Expected<void> Identities::opened(FileId file) {
    ++TRY(find(file))->open;
    return {};
}

Expected<void> Identities::take(u64 bytes) {
    if (bytes > max_listing_bytes - listing_bytes_) return fail(Errno::nomem);
    listing_bytes_ += bytes;
    return {};
}

Expected<Filestat> Identities::shown(Filestat status) {
    const Met& met = *TRY(find(id_of(status)));
    status.dev = devices_.try_emplace(status.dev, devices_.size() + 1).first->second;
    status.ino = met.number;
    status.atim = met.access;
    status.mtim = met.modification;
    status.ctim = year_2000;
    if (status.filetype == Filetype::directory) {
        status.size = 0;
        status.nlink = 1;
    }
    return status;
}

Expected<FileTimes> Identities::by_clock(FileTimes times) const {
    for (TimeChange* change : {&times.access, &times.modification})
        if (change->to == TimeChange::To::now)
            *change = {TimeChange::To::value, TRY(clocks_.now(ClockId::realtime))};
    return times;
}

Expected<void> Identities::set_times(FileId file, const FileTimes& times) {
    Met& met = *TRY(find(file));
    if (times.access.to == TimeChange::To::value) met.access = times.access.value;
    if (times.modification.to == TimeChange::To::value) met.modification = times.modification.value;
    return {};
}

void Identities::closed(FileId file) {
    const auto found = files_.find(file);
    if (--found->second.open == 0 && found->second.is_removed) files_.erase(found);
}

void Identities::removed(const Filestat& status) {
    if (status.filetype != Filetype::directory && status.nlink != 1) return;
    const auto found = files_.find(id_of(status));
    if (found == files_.end()) return;
    if (found->second.open == 0) {
        files_.erase(found);
    } else {
        found->second.is_removed = true;
    }
}

Expected<std::unique_ptr<Dir>> make_steady(std::unique_ptr<Dir> dir, Identities& identities) {
    const auto id = Identities::id_of(TRY(dir->stat()));
    TRY(identities.opened(id));
    return std::make_unique<SteadyDir>(std::move(dir), identities, id);
}

Expected<std::unique_ptr<File>> make_steady(std::unique_ptr<File> file, Identities& identities) {
    if (!file->can_seek()) return std::make_unique<SteadyStream>(std::move(file));
    const auto id = Identities::id_of(TRY(file->stat()));
    TRY(identities.opened(id));
    return std::make_unique<SteadyFile>(std::move(file), identities, id);
}

}  // namespace waxwing::wasi
