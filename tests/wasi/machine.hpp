// A guest without an engine: memory full of '?', so that stray writes show, and
// the functions of preview1 called by name.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wasi/preview1.hpp"
#include "wasi/resolve.hpp"

namespace waxwing::wasi {

inline void PrintTo(Errno code, std::ostream* out) { *out << to_string(code); }

class TestEngine final : public Engine {
public:
    explicit TestEngine(usize size) : bytes(size, std::byte{'?'}) {}
    std::span<std::byte> memory() override { return bytes; }
    bool should_stop() override { return stop; }
    Error interrupted() override {
        return Error(Code::call, ErrorKind::interrupted, "interrupted");
    }

    std::vector<std::byte> bytes;
    std::atomic<bool> stop = false;
};

// One guest. Strings and structures are put where the test says.
class Machine {
public:
    static constexpr u32 size = 65536 * 4;

    explicit Machine(const WasiConfig& config) : engine(size) {
        auto context = make_context(config);
        EXPECT_TRUE(context.has_value()) << context.error().message();
        if (context) context_ = *context;
    }

    // The outcome of a call: an error number, or what ended the guest.
    struct Outcome {
        Errno code = Errno::success;
        std::optional<Error> error;
    };
    Outcome try_call(std::string_view name, std::initializer_list<u64> args) {
        u64 slots[10] = {};
        std::copy(args.begin(), args.end(), slots);
        for (const Function& function : preview1()) {
            if (function.name != name) continue;
            EXPECT_EQ(function.type().params.size(), args.size()) << name;
            Guest guest(engine, context_->limits);
            auto result = function.call(*context_, guest, slots);
            if (!result) return {Errno::success, std::move(result).error()};
            return {static_cast<Errno>(slots[0]), std::nullopt};
        }
        ADD_FAILURE() << "no function " << name;
        return {Errno::nosys, std::nullopt};
    }
    Errno call(std::string_view name, std::initializer_list<u64> args) {
        Outcome outcome = try_call(name, args);
        if (outcome.error) ADD_FAILURE() << name << ": " << outcome.error->message();
        return outcome.error ? Errno::nosys : outcome.code;
    }
    // True if the call trapped for reaching out of memory.
    bool traps(std::string_view name, std::initializer_list<u64> args) {
        const Outcome outcome = try_call(name, args);
        return outcome.error && outcome.error->trap() == Trap::memory_out_of_bounds;
    }

    // Memory.
    template <class T>
    T get(u32 address) const {
        T value;
        std::memcpy(&value, &engine.bytes[address], sizeof value);
        return value;
    }
    template <class T>
    void put(u32 address, const T& value) {
        std::memcpy(&engine.bytes[address], &value, sizeof value);
    }
    std::string text(u32 address, u32 length) const {
        return std::string(reinterpret_cast<const char*>(&engine.bytes[address]), length);
    }
    void put_text(u32 address, std::string_view bytes) {
        std::memcpy(&engine.bytes[address], bytes.data(), bytes.size());
    }
    void clear() { std::fill(engine.bytes.begin(), engine.bytes.end(), std::byte{'?'}); }

    // Verbs for what most tests do. A path goes to path_at, a second one to
    // path2_at, results to out_at.
    static constexpr u32 path_at = 0x1000, path2_at = 0x3000, out_at = 0x100, iov_at = 0x200,
                         data_at = 0x8000;
    u64 path(std::string_view text, u32 at = path_at) {
        put_text(at, text);
        return text.size();
    }

    struct Open {
        u32 oflags = 0;
        u64 base = ~u64{0};
        u64 inheriting = ~u64{0};
        u32 fdflags = 0;
        u32 lookup = 1;
        u32 dir = 3;
    };
    Errno try_open(std::string_view text, const Open& how) {
        const u64 length = path(text);
        return call("path_open", {how.dir, how.lookup, path_at, length, how.oflags, how.base,
                                  how.inheriting, how.fdflags, out_at});
    }
    u32 open(std::string_view text, const Open& how) {
        EXPECT_EQ(try_open(text, how), Errno::success) << text;
        return get<u32>(out_at);
    }

    // fd_write of all the text, from one buffer.
    Errno write(u32 fd, std::string_view bytes) {
        put(iov_at, Iovec{data_at, static_cast<u32>(bytes.size())});
        put_text(data_at, bytes);
        return call("fd_write", {fd, iov_at, 1, out_at});
    }
    // fd_read of at most `length`; "error: ..." if it fails.
    std::string read(u32 fd, u32 length = 4096) {
        put(iov_at, Iovec{data_at, length});
        const Errno code = call("fd_read", {fd, iov_at, 1, out_at});
        if (code != Errno::success) return std::string("error: ") + to_string(code);
        return text(data_at, get<u32>(out_at));
    }
    // A function of a directory and one path.
    Errno at(std::string_view name, std::string_view text, u32 dir = 3) {
        const u64 length = path(text);
        return call(name, {dir, path_at, length});
    }
    Errno stat(std::string_view text, bool follow, u32 dir = 3) {
        const u64 length = path(text);
        return call("path_filestat_get", {dir, follow, path_at, length, out_at});
    }
    Errno symlink(std::string_view target, std::string_view text, u32 dir = 3) {
        const u64 target_length = path(target, path2_at);
        const u64 length = path(text);
        return call("path_symlink", {path2_at, target_length, dir, path_at, length});
    }
    Errno rename(std::string_view from, std::string_view to, u32 from_dir = 3, u32 to_dir = 3) {
        const u64 old_length = path(from);
        const u64 new_length = path(to, path2_at);
        return call("path_rename", {from_dir, path_at, old_length, to_dir, path2_at, new_length});
    }
    Errno link(std::string_view from, std::string_view to, u32 from_dir = 3, u32 to_dir = 3,
               u32 lookup = 0) {
        const u64 old_length = path(from);
        const u64 new_length = path(to, path2_at);
        return call("path_link",
                    {from_dir, lookup, path_at, old_length, to_dir, path2_at, new_length});
    }
    // The text of a link; "error: ..." if it fails.
    std::string readlink(std::string_view text, u32 dir = 3) {
        const u64 length = path(text);
        const Errno code = call("path_readlink", {dir, path_at, length, data_at, 4096, out_at});
        if (code != Errno::success) return std::string("error: ") + to_string(code);
        return this->text(data_at, get<u32>(out_at));
    }
    Errno times(std::string_view text, u64 mtim, bool follow, u32 dir = 3) {
        const u64 length = path(text);
        return call("path_filestat_set_times", {dir, follow, path_at, length, 0, mtim, 4});
    }

    TestEngine engine;
    Context& context() { return *context_; }

private:
    std::shared_ptr<Context> context_;
};

// A directory of the host's that goes away with the test.
//   P/in.txt "inside", P/sub/f "f in sub"       what the guest gets
//   secret.txt, victim.txt, outdir/secret2      what it must not
class Tree {
public:
    Tree() {
        // In memory, unless somebody says where: tests do not wait for a disk.
        const bool shm = !std::getenv("TMPDIR") && ::access("/dev/shm", W_OK) == 0;
        const std::filesystem::path place =
            shm ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
        std::string pattern = (place / "waxwing-XXXXXX").string();
        root = ::mkdtemp(pattern.data());
        std::filesystem::create_directories(root / "P" / "sub");
        std::filesystem::create_directories(root / "outdir" / "od");
        write("P/in.txt", "inside");
        write("P/sub/f", "f in sub");
        write("secret.txt", "secret");
        write("victim.txt", "victim");
        write("outdir/secret2", "secret2");
        write("outdir/victim2", "victim2");
        std::filesystem::create_symlink("../secret.txt", root / "outdir/l2");
    }
    ~Tree() {
        std::error_code ignored;
        std::filesystem::remove_all(root, ignored);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    std::string path(std::string_view name) const { return (root / name).string(); }
    std::string preopen() const { return path("P"); }
    void write(std::string_view name, std::string_view bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
    }
    std::string read(std::string_view name) const {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    bool exists(std::string_view name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
    }
    void link(std::string_view target, std::string_view name) const {
        std::filesystem::create_symlink(target, path(name));
    }
    // Everything outside P, as text: names, sizes, bytes.
    std::string outside() const {
        std::vector<std::string> lines;
        using Walk = std::filesystem::recursive_directory_iterator;
        for (auto entry = Walk(root); entry != Walk(); ++entry) {
            if (entry->path() == root / "P") {
                entry.disable_recursion_pending();
                continue;
            }
            std::string line = entry->path().string();
            if (entry->is_regular_file() && !entry->is_symlink()) {
                std::ifstream in(entry->path(), std::ios::binary);
                line += ": " + std::string(std::istreambuf_iterator<char>(in), {});
                line += std::to_string(entry->last_write_time().time_since_epoch().count());
            }
            lines.push_back(line);
        }
        std::sort(lines.begin(), lines.end());
        std::string all;
        for (const std::string& line : lines)
            all += line + "\n";
        return all;
    }

    std::filesystem::path root;
};

inline WasiConfig config_for(const Tree& tree, bool read_only = false) {
    WasiConfig config;
    config.preopens.push_back({"/", tree.preopen(), read_only});
    return config;
}

// The descriptors that this process has open.
inline usize open_descriptors() {
    usize count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

// Tests of paths run with both ways of resolving them.
class PathTest : public ::testing::TestWithParam<Resolver> {
protected:
    void SetUp() override {
        if (GetParam() == Resolver::kernel && !kernel_resolves())
            GTEST_SKIP() << "this kernel has no openat2";
    }
    static bool kernel_resolves() { return best_resolver(AT_FDCWD) == Resolver::kernel; }

    WasiConfig config(bool read_only = false) const {
        WasiConfig config = config_for(tree, read_only);
        config.force_path_walk = GetParam() == Resolver::walk;
        return config;
    }
    Machine& machine() {
        if (!machine_) machine_.emplace(config());
        return *machine_;
    }

    Tree tree;

private:
    std::optional<Machine> machine_;
};

#define INSTANTIATE_PATH_TESTS(suite)                                               \
    INSTANTIATE_TEST_SUITE_P(                                                       \
        both_resolvers, suite, ::testing::Values(Resolver::kernel, Resolver::walk), \
        [](const auto& each) { return each.param == Resolver::kernel ? "openat2" : "walk"; })

// A directory of the host as a tree in memory.
inline FileTree in_memory(const std::filesystem::path& directory) {
    FileTree files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        const std::string name = entry.path().lexically_relative(directory).string();
        Result<void> added;
        if (entry.is_symlink()) {
            added = files.add_symlink(name, std::filesystem::read_symlink(entry.path()).string());
        } else if (entry.is_directory()) {
            added = files.add_directory(name);
        } else {
            std::ifstream in(entry.path(), std::ios::binary);
            added = files.add_file(name, std::string(std::istreambuf_iterator<char>(in), {}));
        }
        // A directory may have come with what is in it.
        EXPECT_TRUE(added || added.error().message().ends_with(": exist")) << name;
    }
    return files;
}

// Tests of confinement run with a tree in memory, too: it has what P has when the
// machine is made. And for a deterministic guest.
enum class Storage { openat2, walk, memory, steady };

inline void PrintTo(Storage storage, std::ostream* out) {
    constexpr const char* names[] = {"openat2", "walk", "memory", "steady"};
    *out << names[static_cast<int>(storage)];
}

class StorageTest : public ::testing::TestWithParam<Storage> {
protected:
    void SetUp() override {
        if (GetParam() == Storage::openat2 && best_resolver(AT_FDCWD) != Resolver::kernel)
            GTEST_SKIP() << "this kernel has no openat2";
    }
    bool in_memory() const { return GetParam() == Storage::memory; }

    WasiConfig config(bool read_only = false) {
        WasiConfig config = config_for(tree, read_only);
        config.force_path_walk = GetParam() == Storage::walk;
        config.deterministic = GetParam() == Storage::steady;
        if (in_memory()) {
            files_ = wasi::in_memory(tree.preopen());
            config.preopens[0].host.clear();
            config.preopens[0].files = files_;
        }
        return config;
    }
    Machine& machine() {
        if (!machine_) machine_.emplace(config());
        return *machine_;
    }

    // What is in the directory now; names begin at P.
    std::string read_inside(const std::string& name) const {
        if (!in_memory()) return tree.read("P/" + name);
        return files_.read_file(name).value_or("error");
    }
    bool exists_inside(const std::string& name) const {
        if (!in_memory()) return tree.exists("P/" + name);
        const auto paths = *files_.paths();
        return std::ranges::find(paths, name) != paths.end();
    }

    Tree tree;

private:
    FileTree files_;
    std::optional<Machine> machine_;
};

#define INSTANTIATE_STORAGE_TESTS(suite)                                                      \
    INSTANTIATE_TEST_SUITE_P(                                                                 \
        everywhere, suite,                                                                    \
        ::testing::Values(Storage::openat2, Storage::walk, Storage::memory, Storage::steady), \
        ::testing::PrintToStringParamName())

// A way out: either word is right.
inline ::testing::AssertionResult is_escape(Errno code) {
    if (code == Errno::perm || code == Errno::notcapable) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "not refused as a way out: " << to_string(code);
}

}  // namespace waxwing::wasi
