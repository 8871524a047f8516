// A slash at the end of a path: each function of paths answers as Linux does, asked
// without anything in between, on a directory of the host, resolved either way, and
// in memory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

// The same directory over and over, and what is asked of it.
struct Bare {
    explicit Bare(const Tree& tree)
        : directory(::open(tree.preopen().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
    static Errno result(int answer) { return answer >= 0 ? Errno::success : from_host(errno); }
    int at() const { return directory.get(); }

    OwnedFd directory;
};

struct Call {
    const char* name;
    std::function<Errno(Machine&, const std::string&)> guest;
    std::function<Errno(const Bare&, const char*)> host;
};

Errno opened(const Bare& bare, const char* path, int flags) {
    const OwnedFd fd(::openat(bare.at(), path, flags | O_CLOEXEC | O_NONBLOCK, 0666));
    return fd ? Errno::success : from_host(errno);
}
Errno opened(Machine& m, const std::string& path, const Machine::Open& how) {
    const Errno code = m.try_open(path, how);
    if (code == Errno::success) m.call("fd_close", {m.get<u32>(m.out_at)});
    return code;
}
Errno read_link(Machine& m, const std::string& path) {
    const u64 length = m.path(path);
    return m.call("path_readlink", {3, m.path_at, length, m.data_at, 4096, m.out_at});
}

constexpr u64 reads = Rights(Right::fd_read).bits, writes = Rights(Right::fd_write).bits;
constexpr timespec some_times[] = {{0, UTIME_OMIT}, {0, 77}};

const Call calls[] = {
    {"open", [](auto& m, auto& p) { return opened(m, p, {.base = reads}); },
     [](auto& b, auto* p) { return opened(b, p, O_RDONLY); }},
    {"open, not following",
     [](auto& m, auto& p) { return opened(m, p, {.base = reads, .lookup = 0}); },
     [](auto& b, auto* p) { return opened(b, p, O_RDONLY | O_NOFOLLOW); }},
    {"open directory", [](auto& m, auto& p) { return opened(m, p, {.oflags = 2, .base = reads}); },
     [](auto& b, auto* p) { return opened(b, p, O_RDONLY | O_DIRECTORY); }},
    {"open for writing", [](auto& m, auto& p) { return opened(m, p, {.base = writes}); },
     [](auto& b, auto* p) { return opened(b, p, O_WRONLY); }},
    {"create", [](auto& m, auto& p) { return opened(m, p, {.oflags = 1, .base = writes}); },
     [](auto& b, auto* p) { return opened(b, p, O_WRONLY | O_CREAT); }},
    {"create anew", [](auto& m, auto& p) { return opened(m, p, {.oflags = 5, .base = writes}); },
     [](auto& b, auto* p) { return opened(b, p, O_WRONLY | O_CREAT | O_EXCL); }},
    {"stat", [](auto& m, auto& p) { return m.stat(p, true); },
     [](auto& b, auto* p) {
         struct stat status;
         return b.result(::fstatat(b.at(), p, &status, 0));
     }},
    {"stat, not following", [](auto& m, auto& p) { return m.stat(p, false); },
     [](auto& b, auto* p) {
         struct stat status;
         return b.result(::fstatat(b.at(), p, &status, AT_SYMLINK_NOFOLLOW));
     }},
    {"set times", [](auto& m, auto& p) { return m.times(p, 77, true); },
     [](auto& b, auto* p) { return b.result(::utimensat(b.at(), p, some_times, 0)); }},
    {"set times, not following", [](auto& m, auto& p) { return m.times(p, 77, false); },
     [](auto& b, auto* p) {
         return b.result(::utimensat(b.at(), p, some_times, AT_SYMLINK_NOFOLLOW));
     }},
    {"create directory", [](auto& m, auto& p) { return m.at("path_create_directory", p); },
     [](auto& b, auto* p) { return b.result(::mkdirat(b.at(), p, 0777)); }},
    {"remove directory", [](auto& m, auto& p) { return m.at("path_remove_directory", p); },
     [](auto& b, auto* p) { return b.result(::unlinkat(b.at(), p, AT_REMOVEDIR)); }},
    {"unlink", [](auto& m, auto& p) { return m.at("path_unlink_file", p); },
     [](auto& b, auto* p) { return b.result(::unlinkat(b.at(), p, 0)); }},
    {"symlink", [](auto& m, auto& p) { return m.symlink("f", p); },
     [](auto& b, auto* p) { return b.result(::symlinkat("f", b.at(), p)); }},
    {"readlink", [](auto& m, auto& p) { return read_link(m, p); },
     [](auto& b, auto* p) {
         char text[100];
         return b.result(static_cast<int>(::readlinkat(b.at(), p, text, sizeof text)));
     }},
};

const std::vector<std::string>& paths() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> all;
        for (const char* name : {"f", "d", "full", "lf", "ld", "lslash", "dangling", "loop", "new",
                                 "f/x", "d/new", "ld/new", "full/f"})
            for (const char* end : {"", "/", "//", "/.", "/./"})
                all.push_back(std::string(name) + end);
        return all;
    }();
    return all;
}

class Slash : public StorageTest {
protected:
    // Both sides, as they begin; again after a call that changed something.
    void start() {
        for (Tree* each : {&tree, &bare_tree}) {
            std::filesystem::remove_all(each->path("P"));
            std::filesystem::create_directories(each->path("P/d"));
            std::filesystem::create_directories(each->path("P/full"));
            each->write("P/f", "file");
            each->write("P/full/f", "inner");
            for (const auto& [name, target] : {std::pair("lf", "f"),
                                               {"ld", "d"},
                                               {"lslash", "f/"},
                                               {"dangling", "none"},
                                               {"loop", "loop"}})
                each->link(target, std::string("P/") + name);
        }
        guest.emplace(config());
        bare.emplace(bare_tree);
        is_fresh = true;
    }
    void compare(const std::string& what, const std::function<Errno()>& ask_guest,
                 const std::function<Errno()>& ask_host) {
        if (!is_fresh) start();
        const Errno expected = ask_host();
        const Errno answer = ask_guest();
        EXPECT_EQ(answer, expected) << what;
        is_fresh = answer != Errno::success && expected != Errno::success;
    }

    Tree bare_tree;
    std::optional<Machine> guest;
    std::optional<Bare> bare;
    bool is_fresh = false;
};

TEST_P(Slash, means_what_it_means_to_linux) {
    for (const Call& call : calls)
        for (const std::string& path : paths())
            compare(
                std::string(call.name) + " " + path, [&] { return call.guest(*guest, path); },
                [&] { return call.host(*bare, path.c_str()); });
}

TEST_P(Slash, on_either_of_two_paths_means_what_it_means_to_linux) {
    for (const std::string& from : paths()) {
        for (const std::string& to : paths()) {
            if (from.ends_with("//") || to.ends_with("./")) continue;  // enough of them
            compare(
                "link " + from + " " + to, [&] { return guest->link(from, to); },
                [&] {
                    return bare->result(
                        ::linkat(bare->at(), from.c_str(), bare->at(), to.c_str(), 0));
                });
            compare(
                "rename " + from + " " + to, [&] { return guest->rename(from, to); },
                [&] {
                    return bare->result(
                        ::renameat(bare->at(), from.c_str(), bare->at(), to.c_str()));
                });
        }
    }
}

INSTANTIATE_STORAGE_TESTS(Slash);

}  // namespace
}  // namespace waxwing::wasi
