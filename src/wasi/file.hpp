// What is behind a descriptor that is not a directory: a file of the host or in
// memory, a terminal or pipe, a socket, or a stream of the embedder's own.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>

#include "wasi/guest.hpp"

namespace waxwing::wasi {

using Parts = std::span<const iovec>;

// What to set one of a file's times to.
struct TimeChange {
    enum class To : u8 { nothing, now, value };
    To to = To::nothing;
    Timestamp value = 0;
};
struct FileTimes {
    TimeChange access, modification;
    bool none() const {
        return access.to == TimeChange::To::nothing && modification.to == TimeChange::To::nothing;
    }
};
// inval: a time both given and `now`.
Expected<FileTimes> file_times(Timestamp atim, Timestamp mtim, Fstflags which);

class File {
public:
    explicit File(Filetype type) : type_(type) {}
    virtual ~File() = default;

    Filetype type() const { return type_; }

    // One transfer at the cursor, possibly short. `block`: wait until at least
    // one byte can be moved, giving way when the guest is to stop; else `again`.
    virtual Expected<Size> read(Guest& guest, Parts parts, bool block);
    virtual Expected<Size> write(Guest& guest, Parts parts, bool block);
    virtual Expected<Size> pread(Parts parts, Filesize offset);
    virtual Expected<Size> pwrite(Parts parts, Filesize offset);
    virtual Expected<Filesize> seek(Filedelta delta, Whence whence);
    virtual bool can_seek() const { return false; }

    virtual Expected<Filestat> stat();
    virtual Expected<void> set_size(Filesize size);
    virtual Expected<void> set_times(const FileTimes& times);
    virtual Expected<void> allocate(Filesize offset, Filesize length);
    virtual Expected<void> advise(Filesize offset, Filesize length, Advice advice);
    virtual Expected<void> sync(bool data_only);
    virtual Expected<void> set_flags(Fdflags flags);
    // What the host says of closing, which happens in any case. The last call.
    virtual Expected<void> close();
    // Those it came with, of a stream.
    virtual Fdflags flags() const { return {}; }

    // Of sockets; notsock for all else. `block` as for read.
    struct Received {
        Size size;
        Roflags flags;
    };
    virtual Expected<std::unique_ptr<File>> accept(Guest& guest, bool block);
    virtual Expected<Received> receive(Guest& guest, Parts parts, Riflags flags, bool block);
    virtual Expected<Size> send(Guest& guest, Parts parts, bool block);
    virtual Expected<void> shut_down(Sdflags how);

    // For poll: the host's descriptor, or -1 if always ready.
    virtual int poll_fd() const { return -1; }
    // Bytes that can be read now, as far as is known.
    virtual Filesize readable() { return 0; }

private:
    Filetype type_;
};

}  // namespace waxwing::wasi
