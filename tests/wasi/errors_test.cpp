// Which error numbers each function gives, and for what. Everything here is
// collected by function, and at the end compared with one table: an error that
// no call provokes any more, or that a new one gives, shows there.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <functional>
#include <map>
#include <set>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

using Errors = std::map<std::string, std::set<std::string>>;

// Every error that a function can be made to give without the help of the host:
// no full disk, no dying medium, no file of somebody else's.
const Errors documented = {
    {"args_get", {}},
    {"args_sizes_get", {}},
    {"environ_get", {}},
    {"environ_sizes_get", {}},
    {"clock_res_get", {"inval"}},
    {"clock_time_get", {"inval"}},
    {"fd_advise", {"badf", "inval", "notcapable"}},
    {"fd_allocate", {"badf", "dquot", "inval", "notcapable"}},
    {"fd_close", {"badf"}},
    {"fd_datasync", {"badf", "notcapable"}},
    {"fd_fdstat_get", {"badf"}},
    {"fd_fdstat_set_flags", {"badf", "inval", "notcapable", "notsup"}},
    {"fd_fdstat_set_rights", {"badf", "notcapable"}},
    {"fd_filestat_get", {"badf", "notcapable"}},
    {"fd_filestat_set_size", {"badf", "dquot", "inval", "notcapable"}},
    {"fd_filestat_set_times", {"badf", "inval", "notcapable", "perm"}},
    {"fd_pread", {"badf", "inval", "isdir", "notcapable", "spipe"}},
    {"fd_prestat_get", {"badf"}},
    {"fd_prestat_dir_name", {"badf", "nametoolong"}},
    {"fd_pwrite", {"badf", "dquot", "inval", "notcapable", "spipe"}},
    {"fd_read", {"again", "badf", "isdir"}},
    {"fd_readdir", {"badf", "notcapable", "notdir"}},
    {"fd_renumber", {"badf"}},
    {"fd_seek", {"badf", "inval", "notcapable", "spipe"}},
    {"fd_sync", {"badf", "notcapable"}},
    {"fd_tell", {"badf", "notcapable", "spipe"}},
    {"fd_write", {"again", "badf", "dquot", "nospc", "pipe"}},
    {"path_create_directory",
     {"badf", "dquot", "exist", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir",
      "perm"}},
    {"path_filestat_get",
     {"badf", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir", "perm"}},
    {"path_filestat_set_times",
     {"badf", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir", "perm"}},
    {"path_link",
     {"badf", "dquot", "exist", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir",
      "perm", "xdev"}},
    {"path_open",
     {"badf", "dquot", "exist", "inval", "isdir", "loop", "mfile", "nametoolong", "noent",
      "notcapable", "notdir", "nxio", "perm"}},
    {"path_readlink",
     {"badf", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir", "perm"}},
    {"path_remove_directory",
     {"badf", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir", "notempty", "perm"}},
    {"path_rename",
     {"badf", "busy", "inval", "isdir", "loop", "nametoolong", "noent", "notcapable", "notdir",
      "notempty", "perm", "xdev"}},
    {"path_symlink",
     {"badf", "dquot", "exist", "inval", "loop", "nametoolong", "noent", "notcapable", "notdir",
      "perm"}},
    {"path_unlink_file",
     {"badf", "inval", "isdir", "loop", "nametoolong", "noent", "notcapable", "notdir", "perm"}},
    {"poll_oneoff", {"badf", "inval", "notcapable"}},
    {"proc_exit", {}},
    {"proc_raise", {"inval", "nosys"}},
    {"random_get", {"inval", "perm"}},
    {"sched_yield", {}},
    {"sock_accept", {"again", "badf", "inval", "mfile", "notcapable", "notsock"}},
    {"sock_recv", {"again", "badf", "inval", "notcapable", "notsock"}},
    {"sock_send", {"again", "badf", "inval", "notcapable", "notsock", "pipe"}},
    {"sock_shutdown", {"badf", "inval", "notcapable", "notsock"}},
};

// A call of a path function: everything as it should be, but for one path and
// the directory that it starts from.
struct PathCall {
    const char* function;
    std::function<Errno(Machine&, std::string_view path, u32 dir)> run;
};
const PathCall path_calls[] = {
    {"path_create_directory",
     [](Machine& m, auto path, u32 dir) { return m.at("path_create_directory", path, dir); }},
    {"path_filestat_get", [](Machine& m, auto path, u32 dir) { return m.stat(path, true, dir); }},
    {"path_filestat_get", [](Machine& m, auto path, u32 dir) { return m.stat(path, false, dir); }},
    {"path_filestat_set_times",
     [](Machine& m, auto path, u32 dir) { return m.times(path, 1, true, dir); }},
    {"path_filestat_set_times",
     [](Machine& m, auto path, u32 dir) { return m.times(path, 1, false, dir); }},
    {"path_link", [](Machine& m, auto path, u32 dir) { return m.link(path, "new", dir, 3); }},
    {"path_link", [](Machine& m, auto path, u32 dir) { return m.link("in.txt", path, 3, dir); }},
    {"path_open",
     [](Machine& m, auto path, u32 dir) { return m.try_open(path, {.base = 2, .dir = dir}); }},
    {"path_open",
     [](Machine& m, auto path, u32 dir) {
         return m.try_open(path, {.oflags = 1, .base = 0x40, .dir = dir});
     }},
    {"path_readlink",
     [](Machine& m, auto path, u32 dir) {
         const u64 length = m.path(path);
         return m.call("path_readlink", {dir, m.path_at, length, m.data_at, 100, m.out_at});
     }},
    {"path_remove_directory",
     [](Machine& m, auto path, u32 dir) { return m.at("path_remove_directory", path, dir); }},
    {"path_rename", [](Machine& m, auto path, u32 dir) { return m.rename(path, "new", dir, 3); }},
    {"path_rename",
     [](Machine& m, auto path, u32 dir) { return m.rename("in.txt", path, 3, dir); }},
    {"path_symlink", [](Machine& m, auto path, u32 dir) { return m.symlink("x", path, dir); }},
    {"path_unlink_file",
     [](Machine& m, auto path, u32 dir) { return m.at("path_unlink_file", path, dir); }},
};

class ErrorsTest : public PathTest {
protected:
    void SetUp() override {
        PathTest::SetUp();
        if (IsSkipped()) return;
        std::filesystem::create_directory(tree.root / "P/full");
        std::filesystem::create_directory(tree.root / "P/empty");
        tree.write("P/full/x", "");
        tree.link("self", "P/self");
        tree.link("in.txt", "P/link");
        tree.link("../secret.txt", "P/out");
        ASSERT_EQ(::mkfifo(tree.path("P/fifo").c_str(), 0600), 0);
        before_ = listing();
        output_ = std::make_shared<std::string>();
    }
    void TearDown() override {
        if (IsSkipped()) return;
        EXPECT_EQ(listing(), before_) << "a call that failed has changed something";
    }

    // Notes what a call gave, which must be what was expected.
    void expect(const std::string& function, Errno got, Errno expected, std::string_view why) {
        EXPECT_EQ(got, expected) << function << ": " << why;
        if (got != Errno::success) seen_[function].insert(to_string(got));
    }
    // A call by name, with its arguments.
    void expect(Machine& m, const char* function, std::initializer_list<u64> args, Errno expected,
                std::string_view why) {
        expect(function, m.call(function, args), expected, why);
    }

    void paths_that_lead_nowhere(Machine& m);
    void directories_that_are_none(Machine& m);
    void names_that_do_not_fit(Machine& m);
    void another_file_system();
    void descriptors(Machine& m);
    void transfers(Machine& m);
    void arguments(Machine& m);
    void read_only();
    void too_many();
    void sockets();
    void quota();
    void of_the_embedder();

    Errors seen_;
    std::shared_ptr<std::string> output_;

private:
    // What there is below P.
    std::set<std::string> listing() const {
        std::set<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(tree.root / "P"))
            found.insert(entry.path().string());
        return found;
    }

    std::set<std::string> before_;
};
INSTANTIATE_PATH_TESTS(ErrorsTest);

void ErrorsTest::paths_that_lead_nowhere(Machine& m) {
    const std::string long_name(256, 'n');
    std::string long_path = "sub";
    while (long_path.size() < 4096)
        long_path += "/.";
    const std::pair<std::string, Errno> bad[] = {
        {"", Errno::noent},
        {"nothing/x", Errno::noent},
        {"in.txt/x", Errno::notdir},
        {"link/x", Errno::notdir},
        {"self/x", Errno::loop},
        {long_name, Errno::nametoolong},
        {long_name + "/x", Errno::nametoolong},
        {long_path, Errno::nametoolong},
        {std::string("in.txt\0", 7), Errno::inval},
        {std::string("\0", 1), Errno::inval},
        {"../new", Errno::perm},
        {"/new", Errno::perm},
        {"sub/../../P/new", Errno::perm},
    };
    for (const auto& [path, expected] : bad)
        for (const PathCall& call : path_calls)
            expect(call.function, call.run(m, path, 3), expected, path.substr(0, 40));
    // The other paths, that need not be there.
    expect("path_symlink", m.symlink("", "new"), Errno::noent, "no target");
    expect("path_symlink", m.symlink("/x", "new"), Errno::perm, "an absolute target");
    expect("path_symlink", m.symlink(std::string("x\0", 2), "new"), Errno::inval, "a NUL");
}

void ErrorsTest::directories_that_are_none(Machine& m) {
    const u32 file = m.open("in.txt", {.base = 2});
    const u32 without_rights = m.open("sub", {.oflags = 2, .base = 0});
    const std::pair<u32, Errno> bad[] = {{99, Errno::badf},
                                         {0xFFFFFFFF, Errno::badf},
                                         {0, Errno::notdir},
                                         {file, Errno::notdir},
                                         {without_rights, Errno::notcapable}};
    for (const auto& [dir, expected] : bad)
        for (const PathCall& call : path_calls)
            expect(call.function, call.run(m, "f", dir), expected, "the directory");
}

void ErrorsTest::names_that_do_not_fit(Machine& m) {
    const auto unlink = [&](const char* path) { return m.at("path_unlink_file", path); };
    const auto rmdir = [&](const char* path) { return m.at("path_remove_directory", path); };
    expect("path_create_directory", m.at("path_create_directory", "in.txt"), Errno::exist, "");
    expect("path_unlink_file", unlink("sub"), Errno::isdir, "");
    expect("path_unlink_file", unlink("."), Errno::isdir, "");
    expect("path_unlink_file", unlink("in.txt/"), Errno::notdir, "");
    expect("path_remove_directory", rmdir("full"), Errno::notempty, "");
    expect("path_remove_directory", rmdir("."), Errno::inval, "");
    expect("path_remove_directory", rmdir("in.txt"), Errno::notdir, "");
    expect("path_readlink", m.readlink("in.txt") == "error: inval" ? Errno::inval : Errno::success,
           Errno::inval, "no link");
    expect("path_symlink", m.symlink("x", "in.txt"), Errno::exist, "");
    expect("path_link", m.link("in.txt", "link"), Errno::exist, "");
    expect("path_link", m.link("sub", "new"), Errno::perm, "a directory");
    expect("path_link", m.link("link", "new", 3, 3, 1), Errno::inval, "following");
    expect("path_rename", m.rename("full", "empty/.."), Errno::busy, "");
    expect("path_rename", m.rename("in.txt", "sub"), Errno::isdir, "");
    expect("path_rename", m.rename("sub", "in.txt"), Errno::notdir, "");
    expect("path_rename", m.rename("sub", "full"), Errno::notempty, "");
    expect("path_rename", m.rename("sub", "sub/x"), Errno::inval, "into itself");
    expect("path_open", m.try_open("in.txt", {.oflags = 5}), Errno::exist, "");
    expect("path_open", m.try_open("sub", {.base = 0x40}), Errno::isdir, "");
    expect("path_open", m.try_open("new/", {.oflags = 1}), Errno::isdir, "");
    expect("path_open", m.try_open("new", {.oflags = 3}), Errno::inval, "");
    expect("path_open", m.try_open("in.txt", {.oflags = 2}), Errno::notdir, "");
    expect("path_open", m.try_open("link", {.base = 2, .lookup = 0}), Errno::loop, "");
    expect("path_open", m.try_open("fifo", {.base = 2}), Errno::nxio, "");
    expect("path_open", m.try_open("fifo", {.base = 0x40}), Errno::nxio, "");
    expect("path_open", m.try_open("out", {.base = 2}), Errno::perm, "");
    expect("path_filestat_get", m.stat("self", true), Errno::loop, "");
    for (const u64 which : {3, 12, 16}) {
        const u64 length = m.path("in.txt");
        expect(m, "path_filestat_set_times", {3, 0, m.path_at, length, 1, 1, which}, Errno::inval,
               "times");
    }
}

void ErrorsTest::another_file_system() {
    struct stat here{}, there{};
    const char* other = nullptr;
    ASSERT_EQ(::stat(tree.preopen().c_str(), &here), 0);
    for (const char* each : {"/dev/shm", "/tmp", "/var/tmp"})
        if (::stat(each, &there) == 0 && there.st_dev != here.st_dev) other = each;
    if (!other) {
        seen_["path_link"].insert("xdev");  // not to be had on this host
        seen_["path_rename"].insert("xdev");
        return;
    }
    WasiConfig config = this->config();
    config.preopens.push_back({"/other", other});
    Machine m(config);
    const std::string name = tree.root.filename().string();
    expect("path_link", m.link("in.txt", name, 3, 4), Errno::xdev, "");
    expect("path_rename", m.rename("in.txt", name, 3, 4), Errno::xdev, "");
}

void ErrorsTest::descriptors(Machine& m) {
    const u32 none = m.open("in.txt", {.base = 0});
    const u32 file = m.open("in.txt", {});
    const u64 max = ~u64{0}, half = u64{1} << 63;
    for (const u64 bad : {u64{99}, u64{0x80000000}, u64{0xFFFFFFFF}}) {
        expect(m, "fd_advise", {bad, 0, 0, 0}, Errno::badf, "");
        expect(m, "fd_allocate", {bad, 0, 1}, Errno::badf, "");
        expect(m, "fd_close", {bad}, Errno::badf, "");
        expect(m, "fd_datasync", {bad}, Errno::badf, "");
        expect(m, "fd_fdstat_get", {bad, 0x100}, Errno::badf, "");
        expect(m, "fd_fdstat_set_flags", {bad, 0}, Errno::badf, "");
        expect(m, "fd_fdstat_set_rights", {bad, 0, 0}, Errno::badf, "");
        expect(m, "fd_filestat_get", {bad, 0x100}, Errno::badf, "");
        expect(m, "fd_filestat_set_size", {bad, 0}, Errno::badf, "");
        expect(m, "fd_filestat_set_times", {bad, 0, 0, 0}, Errno::badf, "");
        expect(m, "fd_pread", {bad, 0x200, 0, 0, 0x100}, Errno::badf, "");
        expect(m, "fd_prestat_get", {bad, 0x100}, Errno::badf, "");
        expect(m, "fd_prestat_dir_name", {bad, 0x100, 10}, Errno::badf, "");
        expect(m, "fd_pwrite", {bad, 0x200, 0, 0, 0x100}, Errno::badf, "");
        expect(m, "fd_read", {bad, 0x200, 0, 0x100}, Errno::badf, "");
        expect(m, "fd_readdir", {bad, 0x200, 0, 0, 0x100}, Errno::badf, "");
        expect(m, "fd_renumber", {bad, file}, Errno::badf, "");
        expect(m, "fd_renumber", {file, bad}, Errno::badf, "");
        expect(m, "fd_seek", {bad, 0, 0, 0x100}, Errno::badf, "");
        expect(m, "fd_sync", {bad}, Errno::badf, "");
        expect(m, "fd_tell", {bad, 0x100}, Errno::badf, "");
        expect(m, "fd_write", {bad, 0x200, 0, 0x100}, Errno::badf, "");
        expect(m, "sock_accept", {bad, 0, 0x100}, Errno::badf, "");
        expect(m, "sock_recv", {bad, 0x200, 0, 0, 0x100, 0x104}, Errno::badf, "");
        expect(m, "sock_send", {bad, 0x200, 0, 0, 0x100}, Errno::badf, "");
        expect(m, "sock_shutdown", {bad, 1}, Errno::badf, "");
    }
    expect(m, "fd_advise", {none, 0, 0, 0}, Errno::notcapable, "");
    expect(m, "fd_allocate", {none, 0, 1}, Errno::notcapable, "");
    expect(m, "fd_datasync", {none}, Errno::notcapable, "");
    expect(m, "fd_sync", {none}, Errno::notcapable, "");
    expect(m, "fd_fdstat_set_flags", {none, 0}, Errno::notcapable, "");
    expect(m, "fd_fdstat_set_rights", {none, 1, 0}, Errno::notcapable, "");
    expect(m, "fd_fdstat_set_rights", {none, 0, 1}, Errno::notcapable, "");
    expect(m, "fd_filestat_get", {none, 0x100}, Errno::notcapable, "");
    expect(m, "fd_filestat_set_size", {none, 0}, Errno::notcapable, "");
    expect(m, "fd_filestat_set_times", {none, 1, 1, 5}, Errno::notcapable, "");
    expect(m, "fd_seek", {none, 1, 0, 0x100}, Errno::notcapable, "");
    expect(m, "fd_tell", {none, 0x100}, Errno::notcapable, "");

    expect(m, "fd_advise", {3, 0, 0, 0}, Errno::badf, "a directory");
    expect(m, "fd_allocate", {3, 0, 1}, Errno::badf, "a directory");
    expect(m, "fd_filestat_set_size", {3, 0}, Errno::badf, "a directory");
    expect(m, "fd_seek", {3, 0, 1, 0x100}, Errno::badf, "a directory");
    expect(m, "fd_tell", {3, 0x100}, Errno::badf, "a directory");
    expect(m, "fd_prestat_get", {file, 0x100}, Errno::badf, "no preopen");
    expect(m, "fd_prestat_get", {1, 0x100}, Errno::badf, "no preopen");
    expect(m, "fd_prestat_dir_name", {file, 0x100, 10}, Errno::badf, "no preopen");
    expect(m, "fd_prestat_dir_name", {3, 0x100, 0}, Errno::nametoolong, "");
    expect(m, "fd_readdir", {file, 0x200, 100, 0, 0x100}, Errno::notdir, "");
    expect(m, "fd_readdir", {1, 0x200, 100, 0, 0x100}, Errno::notdir, "");
    const u32 sealed = m.open("sub", {.oflags = 2, .base = 0});
    expect(m, "fd_readdir", {sealed, 0x200, 100, 0, 0x100}, Errno::notcapable, "");

    expect(m, "fd_advise", {file, max, 2, 0}, Errno::inval, "");
    expect(m, "fd_advise", {file, half, 0, 0}, Errno::inval, "");
    expect(m, "fd_advise", {file, 0, 0, 6}, Errno::inval, "");
    expect(m, "fd_allocate", {file, 0, 0}, Errno::inval, "");
    expect(m, "fd_allocate", {file, max, 2}, Errno::inval, "");
    expect(m, "fd_allocate", {file, 1, half - 1}, Errno::inval, "");
    expect(m, "fd_fdstat_set_flags", {file, 2}, Errno::inval, "");
    expect(m, "fd_fdstat_set_flags", {file, 0x10000}, Errno::inval, "");
    expect(m, "fd_filestat_set_size", {file, half}, Errno::inval, "");
    for (const u64 which : {3, 12, 16, 0x10000})
        expect(m, "fd_filestat_set_times", {file, 1, 1, which}, Errno::inval, "");
    expect(m, "fd_seek", {file, max, 0, 0x100}, Errno::inval, "");
    expect(m, "fd_seek", {file, half, 0, 0x100}, Errno::inval, "");
    for (const u64 whence : {3, 255, 256, -1})
        expect(m, "fd_seek", {file, 0, whence & 0xFFFFFFFF, 0x100}, Errno::inval, "");
}

void ErrorsTest::transfers(Machine& m) {
    const u32 file = m.open("in.txt", {}), reader = m.open("in.txt", {.base = 2}),
              writer = m.open("in.txt", {.base = 0x40});
    m.put(m.iov_at, Iovec{m.data_at, 4});
    const auto transfer = [&](const char* name, u64 fd, Errno expected, std::string_view why) {
        expect(m, name, {fd, m.iov_at, 1, m.out_at}, expected, why);
    };
    const auto at = [&](const char* name, u64 fd, u64 offset, Errno expected) {
        expect(m, name, {fd, m.iov_at, 1, offset, m.out_at}, expected, "");
    };
    transfer("fd_read", writer, Errno::badf, "for writing");
    transfer("fd_write", reader, Errno::badf, "for reading");
    transfer("fd_read", 3, Errno::isdir, "");
    transfer("fd_write", 3, Errno::badf, "a directory");
    transfer("fd_write", 1, Errno::nospc, "a full buffer");
    transfer("fd_write", 2, Errno::pipe, "nobody reads");
    expect(m, "fd_fdstat_set_flags", {0, 4}, Errno::success, "");
    transfer("fd_read", 0, Errno::again, "nothing there");
    at("fd_pread", writer, 0, Errno::badf);
    at("fd_pwrite", reader, 0, Errno::badf);
    at("fd_pread", 3, 0, Errno::isdir);
    at("fd_pwrite", 3, 0, Errno::badf);
    at("fd_pread", reader, 0, Errno::notcapable);
    at("fd_pwrite", writer, 0, Errno::notcapable);
    at("fd_pread", file, u64{1} << 63, Errno::inval);
    at("fd_pwrite", file, ~u64{0}, Errno::inval);
    at("fd_pread", 0, 0, Errno::spipe);
    at("fd_pwrite", 1, 0, Errno::spipe);
    expect(m, "fd_seek", {0, 0, 1, 0x100}, Errno::spipe, "");
    expect(m, "fd_tell", {1, 0x100}, Errno::spipe, "");
    expect(m, "sock_accept", {file, 0, 0x100}, Errno::notsock, "");
    expect(m, "sock_recv", {file, 0x200, 0, 0, 0x100, 0x104}, Errno::notsock, "");
    expect(m, "sock_send", {file, 0x200, 0, 0, 0x100}, Errno::notsock, "");
    expect(m, "sock_shutdown", {file, 1}, Errno::notsock, "");
}

void ErrorsTest::arguments(Machine& m) {
    for (const u64 id : {u64{4}, u64{0x80000000}, u64{0xFFFFFFFF}}) {
        expect(m, "clock_res_get", {id, 0x100}, Errno::inval, "");
        expect(m, "clock_time_get", {id, 0, 0x100}, Errno::inval, "");
    }
    expect(m, "proc_raise", {15}, Errno::nosys, "");
    expect(m, "proc_raise", {31}, Errno::inval, "");
    expect(m, "proc_raise", {256}, Errno::inval, "");
    expect(m, "sock_accept", {1, 32, 0x100}, Errno::inval, "");
    expect(m, "sock_recv", {1, 0x200, 0, 4, 0x100, 0x104}, Errno::inval, "");
    expect(m, "sock_send", {1, 0x200, 0, 1, 0x100}, Errno::inval, "");
    expect(m, "sock_shutdown", {1, 0}, Errno::inval, "");
    expect(m, "sock_shutdown", {1, 4}, Errno::inval, "");

    const auto poll = [&](const Subscription& subscription, Errno expected) {
        m.put(0x4000, subscription);
        expect(m, "poll_oneoff", {0x4000, 0x5000, 1, m.out_at}, expected, "");
    };
    const u32 reader = m.open("in.txt", {.base = 2});
    expect(m, "poll_oneoff", {0x4000, 0x5000, 0, m.out_at}, Errno::inval, "nothing");
    expect(m, "poll_oneoff", {0x4000, 0x5000, 10'000, m.out_at}, Errno::inval, "too many");
    poll({.tag = 3}, Errno::inval);
    poll({.tag = 0, .subject = 1, .clock_flags = 2}, Errno::inval);
    poll({.tag = 1, .subject = 99}, Errno::badf);
    poll({.tag = 2, .subject = 0xFFFFFFFF}, Errno::badf);
    poll({.tag = 1, .subject = 3}, Errno::badf);
    poll({.tag = 2, .subject = 0}, Errno::badf);
    poll({.tag = 1, .subject = reader}, Errno::notcapable);
}

void ErrorsTest::read_only() {
    Machine m(config(true));
    const PathCall* stat = &path_calls[1];
    for (const PathCall& call : path_calls) {
        if (call.function == stat->function) continue;
        if (call.function == std::string_view("path_readlink")) continue;
        const bool reads = &call == &path_calls[7];  // path_open without a flag
        if (reads) continue;
        expect(call.function, call.run(m, "sub/f", 3), Errno::perm, "read-only");
        expect(call.function, call.run(m, "nothing", 3), Errno::perm, "read-only");
    }
    expect("path_open", m.try_open("in.txt", {.oflags = 8, .base = 2}), Errno::perm, "trunc");
    const u32 file = m.open("in.txt", {.base = 2 | 1u << 23});
    expect(m, "fd_filestat_set_times", {file, 1, 1, 5}, Errno::perm, "read-only");
    expect(m, "fd_filestat_set_times", {3, 1, 1, 5}, Errno::perm, "read-only");
}

void ErrorsTest::too_many() {
    Machine m(config());
    Errno code;
    do
        code = m.try_open("in.txt", {.base = 2});
    while (code == Errno::success);
    expect("path_open", code, Errno::mfile, "");
}

void ErrorsTest::sockets() {
    const auto socket = [] {
        return OwnedFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    };
    const OwnedFd server = socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address.sun_family;  // any that is free
    ASSERT_EQ(::bind(server.get(), where, size), 0);
    ASSERT_EQ(::listen(server.get(), 8), 0);
    size = sizeof address;
    ASSERT_EQ(::getsockname(server.get(), where, &size), 0);

    WasiConfig config;
    config.listeners.push_back(Listener::descriptor(server.get()));
    config.limits.descriptors = 5;
    Machine m(config);
    constexpr u32 nonblock = 4, listener = 3, connection = 4;
    m.put(m.iov_at, Iovec{m.data_at, 4096});
    const auto accept = [&](Errno expected, std::string_view why) {
        expect(m, "sock_accept", {listener, nonblock, 0x100}, expected, why);
    };
    const auto receive = [&](u64 fd, Errno expected, std::string_view why) {
        expect(m, "sock_recv", {fd, m.iov_at, 1, 0, 0x100, 0x104}, expected, why);
    };
    const auto send = [&](u64 fd) { return m.call("sock_send", {fd, m.iov_at, 1, 0, 0x100}); };
    expect(m, "fd_fdstat_set_flags", {listener, nonblock}, Errno::success, "");
    accept(Errno::again, "nobody there");
    OwnedFd client = socket();
    ASSERT_EQ(::connect(client.get(), where, size), 0);
    accept(Errno::success, "");
    const OwnedFd second = socket();
    ASSERT_EQ(::connect(second.get(), where, size), 0);
    accept(Errno::mfile, "");
    receive(connection, Errno::again, "nothing there");
    receive(listener, Errno::notcapable, "a listener");
    expect("sock_send", send(listener), Errno::notcapable, "a listener");
    expect(m, "sock_shutdown", {listener, 1}, Errno::notcapable, "a listener");
    expect(m, "sock_accept", {connection, 0, 0x100}, Errno::notcapable, "a connection");
    Errno code;
    do
        code = send(connection);
    while (code == Errno::success);
    expect("sock_send", code, Errno::again, "no room");
    client.reset();
    expect("sock_send", send(connection), Errno::pipe, "nobody there");
}

void ErrorsTest::quota() {
    WasiConfig config = this->config();
    config.preopens[0].max_bytes = 0;
    config.preopens[0].max_entries = 0;
    Machine m(config);
    const u32 file = m.open("in.txt", {}), end = m.open("in.txt", {.fdflags = 1});
    m.put(m.iov_at, Iovec{m.data_at, 4});
    expect(m, "fd_write", {end, m.iov_at, 1, m.out_at}, Errno::dquot, "");
    expect(m, "fd_pwrite", {file, m.iov_at, 1, 6, m.out_at}, Errno::dquot, "");
    expect(m, "fd_filestat_set_size", {file, 7}, Errno::dquot, "");
    expect(m, "fd_allocate", {file, 0, 7}, Errno::dquot, "");
    expect("path_open", m.try_open("new", {.oflags = 1}), Errno::dquot, "");
    expect("path_create_directory", m.at("path_create_directory", "new"), Errno::dquot, "");
    expect("path_symlink", m.symlink("x", "new"), Errno::dquot, "");
    expect("path_link", m.link("in.txt", "new"), Errno::dquot, "");
}

void ErrorsTest::of_the_embedder() {
    WasiConfig config;
    config.random = Random::denied();
    config.limits.random_bytes = 16;
    const OwnedFd log(::open(tree.path("P/in.txt").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    config.stdout_stream = Stream::descriptor(log.get());
    Machine m(config);
    expect(m, "random_get", {m.data_at, 17}, Errno::inval, "too many");
    expect(m, "random_get", {m.data_at, 16}, Errno::perm, "denied");
    expect(m, "fd_fdstat_set_flags", {1, 0}, Errno::notsup, "the host appends");
}

TEST_P(ErrorsTest, every_function_gives_the_errors_that_are_documented) {
    int in[2], err[2];  // a pipe without anything to read, and one that nobody reads
    ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(err, O_CLOEXEC), 0);
    const OwnedFd ends[] = {OwnedFd(in[0]), OwnedFd(in[1]), OwnedFd(err[1])};
    ::close(err[0]);
    WasiConfig config = this->config();
    config.stdin_stream = Stream::descriptor(in[0]);
    config.stdout_stream = Stream::buffer(output_, 0);
    config.stderr_stream = Stream::descriptor(err[1]);
    Machine m(config);
    paths_that_lead_nowhere(m);
    directories_that_are_none(m);
    names_that_do_not_fit(m);
    another_file_system();
    descriptors(m);
    transfers(m);
    arguments(m);
    read_only();
    too_many();
    sockets();
    quota();
    of_the_embedder();

    // A pipe that is full.
    ASSERT_EQ(::pipe2(err, O_CLOEXEC | O_NONBLOCK), 0);
    const OwnedFd unread(err[0]), full(err[1]);
    const std::string block(4096, 'x');
    while (::write(full.get(), block.data(), block.size()) > 0) {
    }
    config.stderr_stream = Stream::descriptor(full.get());
    Machine filled(config);
    expect(filled, "fd_fdstat_set_flags", {2, 4}, Errno::success, "");
    filled.put(filled.iov_at, Iovec{filled.data_at, 4});
    expect(filled, "fd_write", {2, filled.iov_at, 1, filled.out_at}, Errno::again, "full");

    for (const Function& function : preview1())
        EXPECT_EQ(seen_[function.name], documented.at(function.name)) << function.name;
    EXPECT_EQ(documented.size(), preview1().size());
}

}  // namespace
}  // namespace waxwing::wasi
