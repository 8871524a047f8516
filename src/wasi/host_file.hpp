// Files and streams of the host, and streams of the embedder's.
#pragma once

#include <sys/stat.h>

#include <array>

#include "wasi/file.hpp"
#include "wasi/owned_fd.hpp"
#include "wasi/quota.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::wasi {

// Access and modification, as utimensat(2) takes them.
std::array<timespec, 2> to_host(const FileTimes& times);

Filestat to_filestat(const struct stat& status);
Filetype to_filetype(mode_t mode);

// How large a file this process may make (RLIMIT_FSIZE). Beyond it the kernel
// would end the process by a signal, so that it is kept to here.
Expected<u64> max_file_size();

// How the size of a file changes: through its own descriptor, or, where that is open for
// reading only, through another one, for as long as that takes.
enum class Resizing : u8 { itself, reopened };

// A regular file of the host, with what fstat(2) says of it; `appends` as it was
// opened.
std::unique_ptr<File> make_regular_file(OwnedFd fd, const struct stat& status,
                                        const FileLimits& limits, bool appends,
                                        Resizing resizing = Resizing::itself);
// One that is a stream. `fd` is closed only if owned; its flags are left alone.
Expected<std::unique_ptr<File>> make_file_stream(int fd, OwnedFd owner);
// Whether this process may write to an open file, however it is open.
Expected<bool> may_write(int fd);

// A device that moves bytes of memory, and does nothing else.
enum class MemoryDevice : u8 { none, constant, random };  // null, zero, full; random, urandom
MemoryDevice memory_device(const struct stat& status);
std::unique_ptr<File> make_device(OwnedFd fd);

// A terminal, pipe or device. `fd` is closed only if owned.
std::unique_ptr<File> make_host_stream(Filetype type, int fd, OwnedFd owner);

// Streams without a descriptor of the host's.
std::unique_ptr<File> make_null_stream();
std::unique_ptr<File> make_input_buffer(std::shared_ptr<std::string> bytes);
std::unique_ptr<File> make_input_source(std::function<std::string(usize)> on_read);
std::unique_ptr<File> make_output_buffer(std::shared_ptr<std::string> bytes, u64 limit);
std::unique_ptr<File> make_output_callback(std::function<void(std::string_view)> on_write);

}  // namespace waxwing::wasi
