#include "wasi/random.hpp"

#include <algorithm>
#include <cstring>

#include "wasi/fuel.hpp"
#include "wasi/functions.hpp"
#include "wasi/system.hpp"

namespace waxwing::wasi {
namespace {

// How many bytes were written; may be fewer than asked for.
Expected<usize> fill_from_system(std::span<std::byte> bytes) {
    return static_cast<usize>(
        TRY(uninterrupted([&] { return sys::getrandom(bytes.data(), bytes.size()); })));
}

}  // namespace

u64 SeededBytes::next() {
    state_ += 0x9E3779B97F4A7C15;
    u64 mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

void SeededBytes::fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const u64 word = next();
        const usize count = std::min(bytes.size(), sizeof word);
        std::memcpy(bytes.data(), &word, count);
        bytes = bytes.subspan(count);
    }
}

// random_get(buffer)
//   inval: more than the limit.  perm: the embedder denies it.
// Straight into guest memory: from the kernel, cryptographically secure, unless
// the embedder has chosen a seed.
Expected<void> random_get(Context& wasi, Guest& guest, GuestBytes buffer) {
    constexpr usize slice = 1 << 20;  // between looks at should_stop
    auto rest = TRY(guest.bytes(buffer));
    if (rest.size() > wasi.limits.random_bytes) return fail(Errno::inval);
    if (wasi.random == Random::Kind::denied) return fail(Errno::perm);
    while (!rest.empty()) {
        usize count = std::min(rest.size(), slice);
        if (wasi.random == Random::Kind::seeded)
            wasi.seeded.fill(rest.first(count));
        else
            count = TRY(fill_from_system(rest.first(count)));
        rest = rest.subspan(count);
        guest.consume_fuel(count / fuel::random_bytes_per_unit);
        if (!rest.empty() && guest.should_stop()) return std::unexpected(guest.interrupted());
    }
    return {};
}

}  // namespace waxwing::wasi
