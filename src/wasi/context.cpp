#include "wasi/context.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>
#include <system_error>

#include "wasi/host_dir.hpp"
#include "wasi/host_file.hpp"

namespace waxwing::wasi {
namespace {

std::unexpected<Error> wrong(const std::string& field, const std::string& what) {
    return std::unexpected(
        Error(Code::wasi, ErrorKind::usage, "invalid WASI configuration: " + field + ": " + what));
}

std::string host_reason(const std::string& path) {
    return "\"" + path + "\": " + std::generic_category().message(errno);
}

std::string indexed(const char* field, usize index) {
    return field + ("[" + std::to_string(index) + "]");
}

Result<void> append(StringList& list, const std::string& text, const std::string& field) {
    if (text.find('\0') != std::string::npos) return wrong(field, "contains a NUL byte");
    if (text.size() >= std::numeric_limits<u32>::max() - list.bytes.size())
        return wrong(field, "too long for a 32-bit guest");
    list.offsets.push_back(list.size());
    list.bytes.append(text.c_str(), text.size() + 1);
    return {};
}

Result<void> add_args(StringList& list, const WasiConfig& config) {
    if (config.argv0) TRY(append(list, *config.argv0, "argv0"));
    for (usize i = 0; i < config.args.size(); ++i)
        TRY(append(list, config.args[i], indexed("args", i)));
    return {};
}

Result<void> add_env(StringList& list, const WasiConfig& config) {
    for (usize i = 0; i < config.env.size(); ++i) {
        const auto& [name, value] = config.env[i];
        const std::string field = indexed("env", i);
        if (name.empty()) return wrong(field, "empty name");
        if (name.find('=') != std::string::npos) return wrong(field, "name contains '='");
        TRY(append(list, name + "=" + value, field));
    }
    return {};
}

enum class Direction : u8 { in, out };

// A descriptor that the embedder keeps open.
std::unique_ptr<File> borrow(int fd) {
    struct stat status;
    if (::fstat(fd, &status) != 0) return nullptr;
    if (S_ISREG(status.st_mode)) return make_borrowed_file(fd);
    // A character device that is no terminal must not be taken for one.
    Filetype type = Filetype::unknown;
    if (S_ISSOCK(status.st_mode)) type = Filetype::socket_stream;
    if (::isatty(fd)) type = Filetype::character_device;
    return make_host_stream(type, fd, OwnedFd());
}

Result<std::unique_ptr<File>> open_file(const std::string& path, Direction direction,
                                        const std::string& field) {
    if (path.find('\0') != std::string::npos) return wrong(field, "path contains a NUL byte");
    const int flags = direction == Direction::in ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
    OwnedFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0666));
    if (!fd) return wrong(field, host_reason(path));
    struct stat status;
    if (::fstat(fd.get(), &status) != 0) return wrong(field, host_reason(path));
    if (S_ISDIR(status.st_mode)) return wrong(field, "\"" + path + "\": is a directory");
    if (S_ISREG(status.st_mode)) return make_regular_file(std::move(fd));
    const int number = fd.get();
    return make_host_stream(Filetype::unknown, number, std::move(fd));
}

Result<std::unique_ptr<File>> open_stream(const Stream& stream, int inherited, Direction direction,
                                          const std::string& field) {
    switch (stream.kind()) {
    case Stream::Kind::null: break;
    case Stream::Kind::inherit:
        // Closed in the host: as good as null.
        if (auto file = borrow(inherited)) return file;
        break;
    case Stream::Kind::file: return open_file(stream.path(), direction, field);
    case Stream::Kind::descriptor:
        if (auto file = borrow(stream.fd())) return file;
        return wrong(field, "descriptor " + std::to_string(stream.fd()) + " is not open");
    case Stream::Kind::buffer:
        if (!stream.bytes()) return wrong(field, "buffer is null");
        if (direction == Direction::in) return make_input_buffer(stream.bytes());
        return make_output_buffer(stream.bytes(), stream.limit());
    case Stream::Kind::callback:
        if (direction == Direction::in) return wrong(field, "a callback cannot be read from");
        if (!stream.on_write()) return wrong(field, "callback is empty");
        return make_output_callback(stream.on_write());
    }
    return make_null_stream();
}

Result<void> add_stream(FdTable& fds, bool inherit, const Stream& stream, int number,
                        const std::string& field) {
    const Direction direction = number == 0 ? Direction::in : Direction::out;
    Descriptor open;
    open.file = TRY(open_stream(inherit ? Stream::inherit() : stream, number, direction, field));
    const Rights other_way = direction == Direction::in ? Right::fd_write : Right::fd_read;
    open.base = (open.file->can_seek() ? rights::regular_file : rights::stream) - other_way;
    if (!fds.insert(std::move(open))) return wrong(field, "too many descriptors");
    return {};
}

bool has_dotdot(std::string_view path) {
    while (!path.empty()) {
        const usize end = std::min(path.find('/'), path.size());
        if (path.substr(0, end) == "..") return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

Result<void> add_preopen(FdTable& fds, const Preopen& preopen, bool force_walk,
                         const std::string& field) {
    if (preopen.host.find('\0') != std::string::npos)
        return wrong(field + ".host", "contains a NUL byte");
    OwnedFd fd(::open(preopen.host.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return wrong(field + ".host", host_reason(preopen.host));

    Descriptor open;
    const Resolver resolver = force_walk ? Resolver::walk : best_resolver(fd.get());
    open.dir = std::make_unique<HostDir>(std::move(fd), resolver, HostDir::Access::path);
    open.base = rights::directory;
    open.inheriting = rights::all;
    open.read_only = preopen.read_only;
    open.preopen = preopen.guest;
    if (!fds.insert(std::move(open))) return wrong(field, "too many descriptors");
    return {};
}

Result<void> add_preopens(FdTable& fds, const WasiConfig& config) {
    std::set<std::string> names;
    for (usize i = 0; i < config.preopens.size(); ++i) {
        const std::string& guest = config.preopens[i].guest;
        const std::string field = indexed("preopens", i);
        if (guest.empty()) return wrong(field + ".guest", "empty");
        if (guest.find('\0') != std::string::npos)
            return wrong(field + ".guest", "contains a NUL byte");
        if (has_dotdot(guest)) return wrong(field + ".guest", "\"" + guest + "\" contains \"..\"");
        if (!names.insert(guest).second)
            return wrong(field + ".guest", "\"" + guest + "\" is given twice");
        TRY(add_preopen(fds, config.preopens[i], config.force_path_walk, field));
    }
    return {};
}

// A guest must not use up the descriptors of the process it runs in.
u32 fd_limit(usize preopens) {
    rlimit limit{};
    u64 half = Context::max_fds;
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        half = limit.rlim_cur / 2;
    const u64 least = 16 + preopens;
    return static_cast<u32>(std::clamp<u64>(half, least, std::max<u64>(least, Context::max_fds)));
}

}  // namespace

Result<std::shared_ptr<Context>> make_context(const WasiConfig& config) {
    auto context = std::make_shared<Context>();
    TRY(add_args(context->args, config));
    TRY(add_env(context->env, config));
    FdTable& fds = context->fds;
    fds = FdTable(fd_limit(config.preopens.size()));
    TRY(add_stream(fds, config.inherit_stdin, config.stdin_stream, 0, "stdin_stream"));
    TRY(add_stream(fds, config.inherit_stdout, config.stdout_stream, 1, "stdout_stream"));
    TRY(add_stream(fds, config.inherit_stderr, config.stderr_stream, 2, "stderr_stream"));
    TRY(add_preopens(fds, config));
    return context;
}

}  // namespace waxwing::wasi
