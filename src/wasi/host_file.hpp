// What is behind a descriptor that is not a directory: a file of the host, a
// terminal or pipe, or a stream of the embedder's own.
#pragma once

#include <sys/stat.h>
#include <sys/uio.h>

#include <memory>
#include <span>

#include "wasi/guest.hpp"
#include "wasi/owned_fd.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

using Parts = std::span<const iovec>;

// When to set a file's times to: a point, now, or not at all.
struct FileTimes {
    timespec values[2];  // access, modification; as utimensat(2) takes them
};
// inval: a time both given and `now`.
Expected<FileTimes> file_times(Timestamp atim, Timestamp mtim, Fstflags which);

Filestat to_filestat(const struct stat& status);
Filetype to_filetype(mode_t mode);

class HostFile {
public:
    explicit HostFile(Filetype type) : type_(type) {}
    virtual ~HostFile() = default;

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

    // For poll: the host's descriptor, or -1 if always ready.
    virtual int poll_fd() const { return -1; }
    // Bytes that can be read now, as far as is known.
    virtual Filesize readable() { return 0; }

private:
    Filetype type_;
};

// A regular file of the host. Borrowed: `fd` outlives it and is not closed, and
// its flags, shared with the host, are left alone.
std::unique_ptr<HostFile> make_regular_file(OwnedFd fd);
std::unique_ptr<HostFile> make_borrowed_file(int fd);

// A terminal, pipe, socket or device. `fd` is closed only if owned.
std::unique_ptr<HostFile> make_host_stream(Filetype type, int fd, OwnedFd owner);

// Streams without a descriptor of the host's.
std::unique_ptr<HostFile> make_null_stream();
std::unique_ptr<HostFile> make_input_buffer(std::shared_ptr<std::string> bytes);
std::unique_ptr<HostFile> make_output_buffer(std::shared_ptr<std::string> bytes, u64 limit);
std::unique_ptr<HostFile> make_output_callback(std::function<void(std::string_view)> on_write);

}  // namespace waxwing::wasi
