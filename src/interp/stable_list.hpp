// A list that grows at its end and whose elements never move, because handles
// point at them. Empty, it owns nothing.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "core/int.hpp"

namespace waxwing::interp {

template <class T>
class StableList {
public:
    T& emplace_back() {
        if (left_ == 0) {
            left_ = std::clamp<usize>(size_, 1, 64);
            chunks_.push_back({std::make_unique<T[]>(left_), left_});
        }
        ++size_;
        const Chunk& last = chunks_.back();
        return last.items[last.size - left_--];
    }
    usize size() const { return size_; }

    template <class Visit>
    void for_each(Visit visit) const {
        for (const Chunk& chunk : chunks_) {
            const usize unused = &chunk == &chunks_.back() ? left_ : 0;
            std::for_each_n(chunk.items.get(), chunk.size - unused, visit);
        }
    }

private:
    struct Chunk {
        std::unique_ptr<T[]> items;
        usize size;
    };
    std::vector<Chunk> chunks_;
    usize size_ = 0;
    usize left_ = 0;  // in the last chunk
};

}  // namespace waxwing::interp
