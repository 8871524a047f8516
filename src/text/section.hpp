// The contents of a section while they are made. What is complete lies in pieces
// that are as large as what they hold, so that a section takes its own size and not
// the three times of a vector that doubles.
#pragma once

#include <cstddef>
#include <vector>

#include "core/writer.hpp"

namespace waxwing::text {

class Section {
public:
    Writer entries;  // what is being written, after what has settled
    u32 count = 0;   // of entries, for sections that begin with it

    // To be called between entries: puts away what has been written.
    void settle() {
        if (entries.size() >= piece_size) put_away();
    }
    // All of it, without the count.
    usize size() const { return settled_ + entries.size(); }
    bool empty() const { return size() == 0; }
    // Moves the contents of `other`, without its count, behind what is here.
    void take(Section&& other);
    // The same, to the end of a module.
    void move_to(std::vector<std::byte>& out);

private:
    static constexpr usize piece_size = 1 << 16;
    void put_away();

    std::vector<std::vector<u8>> pieces_;
    usize settled_ = 0;
};

constexpr usize leb_size(u64 value) {
    usize size = 1;
    for (; value >= 0x80; value >>= 7)
        ++size;
    return size;
}

}  // namespace waxwing::text
