#include "wasi/steady.hpp"

#include <algorithm>
#include <vector>

namespace waxwing::wasi {
namespace {

// An open file or directory, so that its inode is not somebody else's meanwhile.
class OpenIdentity {
public:
    OpenIdentity(Identities& all, Identities::FileId id) : all_(all), id_(id) { all_.opened(id_); }
    OpenIdentity(const OpenIdentity&) = delete;
    OpenIdentity& operator=(const OpenIdentity&) = delete;
    ~OpenIdentity() { all_.closed(id_); }

    Identities& all() const { return all_; }
    Identities::FileId id() const { return id_; }

private:
    Identities& all_;
    Identities::FileId id_;
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
        identity_.all().set_times(identity_.id(), fixed);
        return {};
    }
    Expected<void> allocate(Filesize offset, Filesize length) override {
        return file_->allocate(offset, length);
    }
    Expected<void> advise(Filesize offset, Filesize length, Advice advice) override {
        return file_->advise(offset, length, advice);
    }
    Expected<void> sync(bool data_only) override { return file_->sync(data_only); }
    Expected<void> set_flags(Fdflags flags) override { return file_->set_flags(flags); }
    Fdflags flags() const override { return file_->flags(); }
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
    static Expected<Size> whole(Parts parts, Move move) {
        std::vector<iovec> left(parts.begin(), parts.end());
        Size total = 0;  // IoVectors::max_bytes at most
        for (Parts rest = left; !rest.empty();) {
            auto moved = move(rest);
            if (!moved && (total == 0 || !moved.error().code())) return moved;
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
        all().set_times(identity_.id(), fixed);
        return {};
    }
    Expected<void> set_times(std::string_view path, bool follow, const FileTimes& times) override {
        const FileTimes fixed = TRY(all().by_clock(times));
        TRY(dir_->set_times(path, follow, fixed));
        all().set_times(Identities::id_of(TRY(dir_->stat(path, follow))), fixed);
        return {};
    }
    Expected<void> create_directory(std::string_view path) override {
        return dir_->create_directory(path);
    }
    Expected<void> remove_directory(std::string_view path) override {
        const auto gone = dir_->stat(path, false);
        TRY(dir_->remove_directory(path));
        if (gone) all().removed(*gone);
        return {};
    }
    Expected<void> unlink_file(std::string_view path) override {
        const auto gone = dir_->stat(path, false);
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
        const auto moved = dir_->stat(old_path, false);
        const auto gone = target.stat(new_path, false);
        TRY(dir_->rename(old_path, target, new_path));
        const bool is_same = moved && gone && Identities::id_of(*moved) == Identities::id_of(*gone);
        if (gone && !is_same) all().removed(*gone);
        return {};
    }

private:
    static constexpr usize max_entries = 1 << 20;  // each is kept in memory
    struct Entry {
        std::string name;
        u64 ino;  // the host's
        Filetype type;
    };
    Identities& all() const { return identity_.all(); }
    Expected<void> list();

    OpenIdentity identity_;
    std::unique_ptr<Dir> dir_;
    std::optional<std::vector<Entry>> entries_;  // sorted, without dots
};

// nomem: more names than are kept.
Expected<void> SteadyDir::list() {
    std::vector<Entry> entries;
    for (Dircookie at = 0;;) {
        const auto entry = TRY(dir_->entry_after(at));
        if (!entry) break;
        at = entry->next;
        if (entry->name == "." || entry->name == "..") continue;
        if (entries.size() == max_entries) return fail(Errno::nomem);
        entries.push_back({std::string(entry->name), entry->ino, entry->type});
    }
    std::ranges::sort(entries, {}, &Entry::name);
    entries_ = std::move(entries);
    return {};
}

Expected<std::optional<DirEntry>> SteadyDir::entry_after(Dircookie cookie) {
    constexpr Dircookie dots = 2;
    if (cookie == 0 || !entries_) TRY(list());
    const auto [device, ino] = identity_.id();
    if (cookie < dots)
        return std::optional(DirEntry{cookie + 1, all().number_of({device, ino}),
                                      Filetype::directory, cookie == 0 ? "." : ".."});
    if (cookie - dots >= entries_->size()) return std::optional<DirEntry>();
    const Entry& entry = (*entries_)[cookie - dots];
    return std::optional(
        DirEntry{cookie + 1, all().number_of({device, entry.ino}), entry.type, entry.name});
}

}  // namespace

Identities::Met& Identities::find(FileId file) {
    Met& met = files_[file];
    if (met.number == 0) met.number = next_++;
    return met;
}

Filestat Identities::shown(Filestat status) {
    const Met& met = find(id_of(status));
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

void Identities::set_times(FileId file, const FileTimes& times) {
    Met& met = find(file);
    if (times.access.to == TimeChange::To::value) met.access = times.access.value;
    if (times.modification.to == TimeChange::To::value) met.modification = times.modification.value;
}

void Identities::closed(FileId file) {
    Met& met = find(file);
    if (--met.open == 0 && met.is_removed) files_.erase(file);
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
    return std::make_unique<SteadyDir>(std::move(dir), identities, id);
}

Expected<std::unique_ptr<File>> make_steady(std::unique_ptr<File> file, Identities& identities) {
    if (!file->can_seek())
        return std::make_unique<SteadyStream>(std::move(file));
    const auto id = Identities::id_of(TRY(file->stat()));
    return std::make_unique<SteadyFile>(std::move(file), identities, id);
}

}  // namespace waxwing::wasi
