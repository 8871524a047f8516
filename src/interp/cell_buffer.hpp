// Code under construction: cells at positions from 0 on. In segments, so that
// growing moves nothing and needs no second copy.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "interp/code.hpp"

namespace waxwing::interp {

class CellBuffer {
public:
    u32 size() const { return size_; }
    void push_back(Cell cell) {
        if (size_ == segments_.size() * segment_size) [[unlikely]]
            segments_.emplace_back(new Cell[segment_size]);
        const u32 at = size_++;
        (*this)[at] = cell;
    }
    Cell& operator[](u32 at) { return segments_[at / segment_size][at % segment_size]; }
    const Cell& operator[](u32 at) const { return segments_[at / segment_size][at % segment_size]; }
    // Requires: `size` <= size().
    void truncate(u32 size) { size_ = size; }
    // Keeps a little memory for the next use.
    void clear() {
        size_ = 0;
        if (segments_.size() > kept_segments) segments_.resize(kept_segments);
    }
    void copy_to(Cell* out) const {
        for (u32 at = 0; at < size_; at += segment_size)
            out = std::copy_n(segments_[at / segment_size].get(),
                              std::min(segment_size, size_ - at), out);
    }

private:
    static constexpr u32 segment_size = 1024;
    static constexpr usize kept_segments = 8;

    std::vector<std::unique_ptr<Cell[]>> segments_;
    u32 size_ = 0;
};

}  // namespace waxwing::interp
