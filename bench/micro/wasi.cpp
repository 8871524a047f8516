// What a call of WASI costs over the system calls that it is made of. Each pair
// does the same work, once from a guest and once from here; a table at the end
// holds them against the budget: 1.15 times the bare calls, and 100 ns.
#include <benchmark/benchmark.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "waxwing/store.hpp"
#include "waxwing/text.hpp"
#include "waxwing/wasi.hpp"

namespace {

constexpr int entries = 10'000;
constexpr int rounds = 64;  // transfers between two rewinds

// Every function does its work `n` times, and traps if a call fails.
constexpr const char* guest_text = R"(
(import "wasi_snapshot_preview1" "fd_write"
  (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read"
  (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_seek"
  (func $fd_seek (param i32 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_readdir"
  (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_open"
  (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get"
  (func $clock_time_get (param i32 i64 i32) (result i32)))
(memory (export "memory") 4)
(data (i32.const 64) "a/b/c/d/file")
(data (i32.const 128) "file")
(data (i32.const 160) "big")
(func $check (param i32) (if (local.get 0) (then (unreachable))))
(func $open (param i32 i32 i32 i64) (result i32)
  (call $check (call $path_open (i32.const 3) (i32.const 0) (local.get 0) (local.get 1)
    (local.get 2) (local.get 3) (i64.const 0) (i32.const 0) (i32.const 32)))
  (i32.load (i32.const 32)))
(func (export "open_file") (result i32)
  (call $open (i32.const 128) (i32.const 4) (i32.const 0) (i64.const 0x66)))
(func (export "open_big") (result i32)
  (call $open (i32.const 160) (i32.const 3) (i32.const 2) (i64.const 0x4000)))
(func $rewind (param i32)
  (call $check (call $fd_seek (local.get 0) (i64.const 0) (i32.const 0) (i32.const 40))))
(func $buffer (param i32)
  (i32.store (i32.const 0) (i32.const 65536))
  (i32.store (i32.const 4) (local.get 0)))
(func (export "write") (param $fd i32) (param $size i32) (param $n i32)
  (call $buffer (local.get $size))
  (loop $again
    (call $check (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 32)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $again (local.get $n)))
  (call $rewind (local.get $fd)))
(func (export "read") (param $fd i32) (param $size i32) (param $n i32)
  (call $buffer (local.get $size))
  (loop $again
    (call $check (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 32)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $again (local.get $n)))
  (call $rewind (local.get $fd)))
(func (export "open") (param $n i32)
  (loop $again
    (call $check (call $fd_close
      (call $open (i32.const 64) (i32.const 12) (i32.const 0) (i64.const 2))))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $again (local.get $n))))
(func (export "clock") (param $n i32)
  (loop $again
    (call $check (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 32)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $again (local.get $n))))
;; All entries, going on from the last whole one; how many there were.
(func (export "readdir") (param $fd i32) (param $size i32) (result i32)
  (local $cookie i64) (local $used i32) (local $at i32) (local $next i32) (local $count i32)
  (loop $more
    (call $check (call $fd_readdir (local.get $fd) (i32.const 65536) (local.get $size)
      (local.get $cookie) (i32.const 32)))
    (local.set $used (i32.load (i32.const 32)))
    (local.set $at (i32.const 65536))
    (local.set $used (i32.add (local.get $used) (i32.const 65536)))
    (block $cut
      (loop $each
        (br_if $cut (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $used)))
        (local.set $next (i32.add (i32.add (local.get $at) (i32.const 24))
                                  (i32.load offset=16 (local.get $at))))
        (br_if $cut (i32.gt_u (local.get $next) (local.get $used)))
        (local.set $cookie (i64.load (local.get $at)))
        (local.set $at (local.get $next))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $each)))
    (br_if $more (i32.eq (i32.sub (local.get $used) (i32.const 65536)) (local.get $size))))
  (local.get $count))
)";

template <class T>
T must(waxwing::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "wasi: %s\n", std::string(result.error().message()).c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void must(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

// What is worked on: a tree in memory, if there is a place for it.
class Files {
public:
    Files() {
        const bool shm = ::access("/dev/shm", W_OK) == 0;
        std::string pattern = shm ? "/dev/shm/waxwing-XXXXXX" : "/tmp/waxwing-XXXXXX";
        must(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
        root_ = pattern;
        std::filesystem::create_directories(root_ / "a/b/c/d");
        std::ofstream(root_ / "a/b/c/d/file") << "x";
        std::ofstream(root_ / "file") << std::string(rounds * 65536, 'x');
        std::filesystem::create_directory(root_ / "big");
        for (int i = 0; i < entries; ++i)
            std::ofstream(root_ / "big" / ("entry-" + std::to_string(i)));
    }
    ~Files() { std::filesystem::remove_all(root_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    std::string path(const char* name) const { return (root_ / name).string(); }

private:
    std::filesystem::path root_;
};

class GuestProgram {
public:
    explicit GuestProgram(const Files& files) {
        const auto bytes = must(waxwing::parse_wat(guest_text));
        const auto module = must(waxwing::Module::load(bytes));
        waxwing::WasiConfig config;
        config.preopens.push_back({"/", files.path("")});
        waxwing::Imports imports;
        must(waxwing::add_wasi(imports, config));
        instance_ = must(store_.instantiate(module, imports));
    }
    template <class Signature, class... Args>
    auto call(const char* name, Args... args) {
        return must(must(instance_->func<Signature>(name))(args...));
    }

private:
    waxwing::Store store_;
    std::optional<waxwing::Instance> instance_;
};

Files* files;
GuestProgram* guest;

int open_file() {
    const int fd = ::open(files->path("file").c_str(), O_RDWR | O_CLOEXEC);
    must(fd >= 0, "file");
    return fd;
}

// The two halves of a pair have the same name but for "guest " and "bare ".

void guest_transfer(benchmark::State& state, const char* name, int size) {
    const int fd = guest->call<std::int32_t()>("open_file");
    for (auto _ : state)
        guest->call<void(std::int32_t, std::int32_t, std::int32_t)>(name, fd, size, rounds);
    state.SetItemsProcessed(state.iterations() * rounds);
}

template <auto transfer>
void bare_transfer(benchmark::State& state, int size) {
    const int fd = open_file();
    // As the guest's buffer lies: how fast it is copied depends on that.
    alignas(65536) static char bytes[65536];
    const iovec part{bytes, static_cast<std::size_t>(size)};
    for (auto _ : state) {
        for (int i = 0; i < rounds; ++i)
            must(transfer(fd, &part, 1) == size, "transfer");
        ::lseek(fd, 0, SEEK_SET);
    }
    ::close(fd);
    state.SetItemsProcessed(state.iterations() * rounds);
}

void guest_open(benchmark::State& state) {
    for (auto _ : state)
        guest->call<void(std::int32_t)>("open", rounds);
    state.SetItemsProcessed(state.iterations() * rounds);
}

// As a guest must be confined: openat2 with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, and a
// look at what was opened, for it might be a device.
void bare_open(benchmark::State& state) {
    struct {
        std::uint64_t flags, mode, resolve;
    } how{O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0, 0x0A};
    const int directory = ::open(files->path("").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (auto _ : state)
        for (int i = 0; i < rounds; ++i) {
            const int fd = static_cast<int>(
                ::syscall(SYS_openat2, directory, "a/b/c/d/file", &how, sizeof how));
            struct stat status;
            must(fd >= 0 && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode), "openat2");
            ::close(fd);
        }
    ::close(directory);
    state.SetItemsProcessed(state.iterations() * rounds);
}

void guest_readdir(benchmark::State& state) {
    const int fd = guest->call<std::int32_t()>("open_big");
    for (auto _ : state) {
        const int count =
            guest->call<std::int32_t(std::int32_t, std::int32_t)>("readdir", fd, 65536);
        must(count == entries + 2, "entries");
    }
    state.SetItemsProcessed(state.iterations() * entries);
}

void bare_readdir(benchmark::State& state) {
    const int fd = ::open(files->path("big").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::vector<char> bytes(65536);
    for (auto _ : state) {
        ::lseek(fd, 0, SEEK_SET);
        int count = 0;
        long used;
        while ((used = ::syscall(SYS_getdents64, fd, bytes.data(), bytes.size())) > 0)
            for (long at = 0; at < used; ++count)
                at += reinterpret_cast<const dirent64*>(&bytes[static_cast<std::size_t>(at)])
                          ->d_reclen;
        must(count == entries + 2, "entries");
    }
    ::close(fd);
    state.SetItemsProcessed(state.iterations() * entries);
}

void guest_clock(benchmark::State& state) {
    for (auto _ : state)
        guest->call<void(std::int32_t)>("clock", rounds);
    state.SetItemsProcessed(state.iterations() * rounds);
}

void bare_clock(benchmark::State& state) {
    timespec time{};
    for (auto _ : state)
        for (int i = 0; i < rounds; ++i) {
            ::clock_gettime(CLOCK_MONOTONIC, &time);
            benchmark::DoNotOptimize(time);
        }
    state.SetItemsProcessed(state.iterations() * rounds);
}

// Keeps the least time of each, and prints the pairs.
class PairReporter final : public benchmark::ConsoleReporter {
public:
    void ReportRuns(const std::vector<Run>& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration) continue;
            const double ns = 1e9 / run.counters.at("items_per_second");
            const auto [at, fresh] = best_.try_emplace(run.run_name.function_name, ns);
            if (!fresh) at->second = std::min(at->second, ns);
        }
    }
    // True if all keep within the budget.
    bool print_pairs() const {
        bool good = true;
        std::printf("\n%-16s %12s %12s %8s %12s\n", "", "guest, ns", "bare, ns", "ratio",
                    "budget, ns");
        for (const auto& [name, guest_ns] : best_) {
            if (!name.starts_with("guest ")) continue;
            const auto bare = best_.find("bare " + name.substr(6));
            if (bare == best_.end()) continue;
            const double budget = bare->second * 1.15 + 100;
            const bool kept = guest_ns <= budget;
            std::printf("%-16s %12.1f %12.1f %8.2f %12.1f%s\n", name.substr(6).c_str(), guest_ns,
                        bare->second, guest_ns / bare->second, budget, kept ? "" : "  exceeded");
            good = good && kept;
        }
        return good;
    }

private:
    std::map<std::string, double> best_;  // nanoseconds an operation
};

void add_pairs() {
    const auto add = [](const std::string& name, auto guest_body, auto bare_body) {
        for (auto* each : {benchmark::RegisterBenchmark(("guest " + name).c_str(), guest_body),
                           benchmark::RegisterBenchmark(("bare " + name).c_str(), bare_body)})
            each->Repetitions(3)->ReportAggregatesOnly(false);
    };
    for (const int size : {1, 4096, 65536}) {
        const std::string bytes = " " + std::to_string(size);
        add(
            "fd_write" + bytes, [size](auto& state) { guest_transfer(state, "write", size); },
            [size](auto& state) { bare_transfer<::writev>(state, size); });
        add(
            "fd_read" + bytes, [size](auto& state) { guest_transfer(state, "read", size); },
            [size](auto& state) { bare_transfer<::readv>(state, size); });
    }
    add("path_open", guest_open, bare_open);
    add("fd_readdir", guest_readdir, bare_readdir);
    add("clock_time_get", guest_clock, bare_clock);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    Files own_files;
    files = &own_files;
    GuestProgram own_guest(own_files);
    guest = &own_guest;
    add_pairs();
    PairReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.print_pairs() ? 0 : 1;
}
