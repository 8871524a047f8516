#include "text/section.hpp"

namespace waxwing::text {

void Section::put_away() {
    const usize size = entries.size();
    std::vector<u8> piece;
    // A large piece that fits well stays where it is.
    if (entries.capacity() - size <= size / 8)
        piece = entries.take();
    else
        piece.assign(entries.data(), entries.data() + size);
    pieces_.push_back(std::move(piece));
    settled_ += size;
    entries.reset(2 * piece_size);
}

void Section::take(Section&& other) {
    if (!entries.empty()) put_away();
    for (std::vector<u8>& piece : other.pieces_)
        pieces_.push_back(std::move(piece));
    settled_ += other.settled_;
    other.pieces_ = {};
    other.settled_ = 0;
    entries.bytes(other.entries);
    other.entries.reset(0);
}

void Section::move_to(std::vector<std::byte>& out) {
    const auto append = [&](const u8* bytes, usize size) {
        const auto* const first = reinterpret_cast<const std::byte*>(bytes);
        out.insert(out.end(), first, first + size);
    };
    for (std::vector<u8>& piece : pieces_) {
        append(piece.data(), piece.size());
        piece = {};
    }
    append(entries.data(), entries.size());
    entries.reset(0);
    pieces_ = {};
    settled_ = 0;
}

}  // namespace waxwing::text
