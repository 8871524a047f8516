#include "wasi/context.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "wasi/config_error.hpp"
#include "wasi/host_dir.hpp"
#include "wasi/literal_path.hpp"
#include "wasi/memory_dir.hpp"
#include "wasi/open_stream.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// Of a path that the kernel takes, without its NUL.
constexpr u32 max_path_bytes = 4095;

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

// For a guest that is to be deterministic, in its place; else as it is.
template <class T>
Result<std::unique_ptr<T>> steadied(Context& context, std::unique_ptr<T> opened,
                                    const std::string& field) {
    if (!context.identities) return opened;
    auto steady = make_steady(std::move(opened), *context.identities);
    if (!steady) return wrong(field, "cannot be looked at");
    return *std::move(steady);
}

bool is_of_the_host(const Stream& stream) {
    return stream.kind() == Stream::Kind::inherit || stream.kind() == Stream::Kind::descriptor ||
           stream.kind() == Stream::Kind::file;
}

Result<void> add_stream(Context& context, bool inherit, const Stream& configured, int number,
                        const std::string& field) {
    const Direction direction = number == 0 ? Direction::in : Direction::out;
    const Stream stream = inherit ? Stream::inherit() : configured;
    Descriptor open;
    open.file = TRY(open_stream(stream, number, direction, field));
    if (is_of_the_host(stream)) open.file = TRY(steadied(context, std::move(open.file), field));
    const Rights other_way = direction == Direction::in ? Right::fd_write : Right::fd_read;
    open.flags = open.file->flags();
    open.base = rights::stream - other_way;
    if (!context.fds.insert(std::move(open))) return wrong(field, "too many descriptors");
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

std::shared_ptr<Quota> quota_of(const Preopen& preopen) {
    constexpr u64 unlimited = std::numeric_limits<s64>::max();
    if (!preopen.max_bytes && !preopen.max_entries) return nullptr;
    return std::make_shared<Quota>(std::min(preopen.max_bytes.value_or(unlimited), unlimited),
                                   preopen.max_entries.value_or(65'536));
}

// Where nothing else is chosen: a microsecond for each look.
Clock clock_of(const WasiConfig& config) {
    if (!config.deterministic || config.clock.kind() != Clock::Kind::system) return config.clock;
    return Clock::stepped(year_2000, 1000);
}
Random random_of(const WasiConfig& config) {
    if (!config.deterministic || config.random.kind() != Random::Kind::system) return config.random;
    return Random::seeded(0);
}

Result<std::unique_ptr<Dir>> open_host_dir(const WasiConfig& config, const Preopen& preopen,
                                           const std::string& field) {
    if (preopen.host.find('\0') != std::string::npos)
        return wrong(field + ".host", "contains a NUL byte");
    constexpr int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    OwnedFd fd(preopen.follow_links ? sys::open(preopen.host.c_str(), flags, 0)
                                    : open_without_links(preopen.host, flags));
    if (!fd) return wrong(field + ".host", host_reason(preopen.host));
    const Resolver resolver = config.force_path_walk ? Resolver::walk : best_resolver(fd.get());
    const bool random_devices = random_of(config).kind() == Random::Kind::system;
    const auto max_size = max_file_size();
    if (!max_size) return wrong(field, "the limit of a file's size (RLIMIT_FSIZE) is not known");
    return std::make_unique<HostDir>(std::move(fd), resolver, HostDir::Access::path,
                                     FileLimits{*max_size, quota_of(preopen), random_devices});
}

Result<std::unique_ptr<Dir>> open_memory_dir(const Preopen& preopen, u64 device, Clocks* clocks,
                                             const std::string& field) {
    if (!preopen.host.empty()) return wrong(field + ".host", "there are files in memory, too");
    auto tree = preopen.files->tree();
    if (preopen.overlay) {
        const FileTree copy = TRY(preopen.files->copy());
        tree = copy.tree();
    }
    const std::lock_guard lock(tree->mutex());
    return std::make_unique<MemoryDir>(MemoryMount{tree, device, clocks, quota_of(preopen)},
                                       MemoryTree::root);
}

Result<void> add_preopen(Context& context, const WasiConfig& config, usize index,
                         const std::string& field) {
    const Preopen& preopen = config.preopens[index];
    Descriptor open;
    if (preopen.files) {
        // A number that no device of the host has; one for each tree.
        const auto same = std::ranges::find_if(config.preopens, [&](const Preopen& other) {
            return &other == &preopen || (!preopen.overlay && !other.overlay && other.files &&
                                          other.files->tree() == preopen.files->tree());
        });
        const u64 device = u64{1} << 63 | static_cast<u64>(same - config.preopens.begin());
        // Times that nobody sees should not be looked at on a clock that counts that.
        Clocks* const clocks = context.identities ? nullptr : &context.clocks;
        open.dir = TRY(open_memory_dir(preopen, device, clocks, field));
    } else {
        if (preopen.overlay) return wrong(field + ".overlay", "only files in memory can have one");
        open.dir = TRY(open_host_dir(config, preopen, field));
    }
    open.dir = TRY(steadied(context, std::move(open.dir), field));
    open.base = rights::directory;
    open.inheriting = rights::all;
    open.read_only = preopen.read_only;
    open.preopen = preopen.guest;
    if (!context.fds.insert(std::move(open))) return wrong(field, "too many descriptors");
    return {};
}

Result<void> add_preopens(Context& context, const WasiConfig& config) {
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
        TRY(add_preopen(context, config, i, field));
    }
    return {};
}

Result<void> add_listeners(FdTable& fds, const WasiConfig& config) {
    for (usize i = 0; i < config.listeners.size(); ++i) {
        const std::string field = indexed("listeners", i);
        Descriptor open;
        open.file = TRY(open_listener(config.listeners[i], field));
        open.base = rights::listener;
        open.inheriting = rights::connection;
        if (!fds.insert(std::move(open))) return wrong(field, "too many descriptors");
    }
    return {};
}

// A guest must not use up the descriptors of the process it runs in.
Result<u32> fd_limit(u32 wanted) {
    rlimit limit{};
    if (sys::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wrong("limits.descriptors", "what the host allows (RLIMIT_NOFILE) is not known");
    if (limit.rlim_cur == RLIM_INFINITY) return wanted;
    return static_cast<u32>(std::min<u64>(wanted, limit.rlim_cur / 2));
}

Result<void> set_limits(WasiLimits& limits, const WasiConfig& config) {
    limits = config.limits;
    if (limits.path_bytes > max_path_bytes) return wrong("limits.path_bytes", "more than 4095");
    if (limits.iovecs == 0) return wrong("limits.iovecs", "none");
    if (limits.iovecs > IoVectors::max_count) return wrong("limits.iovecs", "more than 1024");
    limits.descriptors = TRY(fd_limit(limits.descriptors));
    if (config.deterministic && limits.descriptors != config.limits.descriptors)
        return wrong("limits.descriptors",
                     "the host allows no more than " + std::to_string(limits.descriptors));
    return {};
}

}  // namespace

Result<std::shared_ptr<Context>> make_context(const WasiConfig& config) {
    auto context = std::make_shared<Context>();
    TRY(set_limits(context->limits, config));
    if (config.clock.kind() == Clock::Kind::callback && !config.clock.now())
        return wrong("clock", "callback is empty");
    context->clocks = Clocks(clock_of(config));
    context->random = random_of(config).kind();
    context->seeded = SeededBytes(random_of(config).seed());
    if (config.deterministic) {
        if (!config.listeners.empty())
            return wrong("listeners", "a deterministic guest cannot have them");
        context->identities.emplace(context->clocks);
    }
    TRY(add_args(context->args, config));
    TRY(add_env(context->env, config));
    FdTable& fds = context->fds;
    fds = FdTable(context->limits.descriptors);
    TRY(add_stream(*context, config.inherit_stdin, config.stdin_stream, 0, "stdin_stream"));
    TRY(add_stream(*context, config.inherit_stdout, config.stdout_stream, 1, "stdout_stream"));
    TRY(add_stream(*context, config.inherit_stderr, config.stderr_stream, 2, "stderr_stream"));
    TRY(add_preopens(*context, config));
    TRY(add_listeners(fds, config));
    return context;
}

}  // namespace waxwing::wasi
