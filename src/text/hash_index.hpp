// Finds numbered entries by what they contain. The entries lie somewhere else; here
// are only their numbers, four bytes each, and at least every second place is free.
//
// `Entries` below is what knows the entries, numbered from zero:
//   u64 hash(u32 entry)        as HashIndex::hash() makes it of the contents
//   bool same(u32 a, u32 b)    do they have the same contents?
//   bool is_indexed(u32 entry) was it put here?
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "core/int.hpp"

namespace waxwing::text {

class HashIndex {
public:
    static constexpr u32 none = 0xFFFF'FFFF;

    // Differs from run to run, so that no text can be made whose names collide.
    u64 hash(std::string_view bytes, u32 scope = 0) const {
        u64 h = mix(seed_ ^ u64{scope} << 32);
        for (; bytes.size() > 8; bytes.remove_prefix(8))
            h = mix(h ^ load(bytes, 8));
        return mix(h ^ load(bytes, bytes.size()) ^ u64{bytes.size()} << 56);
    }

    // The entry of this hash for which same(entry) holds, or none.
    template <class Same>
    u32 find(u64 hash, const Same& same) const {
        return slots_.empty() ? none : slots_[slot(hash, same)];
    }

    // Puts an entry where find() looks, in the place of the same one if there is one.
    // Requires: all entries before it exist.
    template <class Entries>
    void put(u32 entry, const Entries& entries) {
        if (2 * (used_ + 1) > slots_.size()) grow(entry, entries);
        place(entry, entries);
    }

    // Undoes the last put(); `replaced` is the entry it took the place of, or none.
    template <class Entries>
    void undo(u32 entry, u32 replaced, const Entries& entries) {
        slots_[slot(entries.hash(entry), [&](u32 other) { return other == entry; })] = replaced;
        used_ -= replaced == none;
    }

    void clear() {
        used_ = 0;
        if (slots_.size() > kept_slots)
            slots_ = {};
        else
            slots_.assign(slots_.size(), none);
    }

private:
    static constexpr usize first_slots = 16;
    static constexpr usize kept_slots = 64;

    static u64 mix(u64 x) {
        x ^= x >> 32;
        x *= 0xBF58'476D'1CE4'E5B9;
        x ^= x >> 29;
        x *= 0x94D0'49BB'1331'11EB;
        return x ^ x >> 32;
    }
    static u64 load(std::string_view bytes, usize count) {
        u64 word = 0;
        if (count != 0) std::memcpy(&word, bytes.data(), count);
        return word;
    }

    // Where the entry stands that `same` is true for, or the free place for it.
    template <class Same>
    usize slot(u64 hash, const Same& same) const {
        const usize mask = slots_.size() - 1;
        usize at = static_cast<usize>(hash) & mask;
        while (slots_[at] != none && !same(slots_[at]))
            at = (at + 1) & mask;
        return at;
    }
    template <class Entries>
    void place(u32 entry, const Entries& entries) {
        u32& found = slots_[slot(entries.hash(entry),
                                 [&](u32 other) { return entries.same(other, entry); })];
        used_ += found == none;
        found = entry;
    }
    // The old places are given back before there are new ones.
    template <class Entries>
    void grow(u32 count, const Entries& entries) {
        const usize size = slots_.empty() ? first_slots : 2 * slots_.size();
        slots_ = {};
        used_ = 0;
        slots_.assign(size, none);
        for (u32 entry = 0; entry < count; ++entry)
            if (entries.is_indexed(entry)) place(entry, entries);
    }

    std::vector<u32> slots_;  // their number is a power of two
    usize used_ = 0;
    u64 seed_ = mix(reinterpret_cast<std::uintptr_t>(this));
};

}  // namespace waxwing::text
