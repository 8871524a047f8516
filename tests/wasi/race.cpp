// race [COUNT]: COUNT opens by a guest, with each way of resolving, while somebody
// exchanges a directory with a link that leads out. Ends with 1 if one got out.
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "machine.hpp"

namespace waxwing::wasi {
namespace {

constexpr const char* ways[] = {"swap/secret2",          "swap/sub/secret2",     "swap/../in.txt",
                                "swap/sub/../../in.txt", "deep/../swap/secret2", "swap/"};

// The guest, and how its opens ended.
struct Race {
    explicit Race(const WasiConfig& config) : machine(config) {}

    void open(const char* path, u32 lookup) {
        const bool is_dir = std::string_view(path).ends_with('/');
        const Machine::Open how{
            .oflags = is_dir ? 2u : 0u, .base = is_dir ? u64{1} << 13 : 2, .lookup = lookup};
        if (machine.try_open(path, how) != Errno::success) {
            ++refused;
            return;
        }
        ++opened;
        const u32 fd = machine.get<u32>(machine.out_at);
        if (is_dir) {
            if (machine.try_open("secret2", {.base = 2, .dir = fd}) == Errno::success) {
                leaks += machine.read(machine.get<u32>(machine.out_at)) == "secret2";
                machine.call("fd_close", {fd + 1});
            }
        } else {
            leaks += machine.read(fd).starts_with("secret");
        }
        machine.call("fd_close", {fd});
    }

    Machine machine;
    long opened = 0, refused = 0, leaks = 0;
};

long run(Resolver resolver, long count) {
    const Tree tree;
    std::filesystem::create_directories(tree.root / "P/swap/sub");
    std::filesystem::create_directory(tree.root / "P/deep");
    std::filesystem::create_directory(tree.root / "outdir/sub");
    tree.write("outdir/sub/secret2", "secret2");
    tree.link("../outdir", "P/out");
    const std::string swap = tree.path("P/swap"), out = tree.path("P/out");
    std::atomic<bool> stop = false;
    std::atomic<long> exchanges = 0;
    std::thread attacker([&] {
        for (; !stop; ++exchanges)
            ::renameat2(AT_FDCWD, swap.c_str(), AT_FDCWD, out.c_str(), RENAME_EXCHANGE);
    });

    WasiConfig config = config_for(tree);
    config.force_path_walk = resolver == Resolver::walk;
    Race race(config);
    for (long i = 0; i < count; ++i)
        race.open(ways[static_cast<usize>(i) % std::size(ways)], i / 8 % 2);
    stop = true;
    attacker.join();
    std::printf("%-8s %ld opens against %ld exchanges: %ld inside, %ld refused, %ld leaks\n",
                resolver == Resolver::walk ? "walk" : "openat2", count, exchanges.load(),
                race.opened, race.refused, race.leaks);
    return race.leaks;
}

}  // namespace
}  // namespace waxwing::wasi

int main(int argc, char** argv) {
    using waxwing::wasi::Resolver;
    const long count = argc > 1 ? std::atol(argv[1]) : 20'000;
    long leaks = waxwing::wasi::run(Resolver::walk, count);
    if (waxwing::wasi::best_resolver(AT_FDCWD) == Resolver::kernel)
        leaks += waxwing::wasi::run(Resolver::kernel, count);
    return leaks == 0 ? 0 : 1;
}
