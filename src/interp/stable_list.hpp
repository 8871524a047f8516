// A list that grows at its end and whose elements never move, because handles
// point at them. Empty, it owns nothing; it never allocates much at once.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "core/int.hpp"

namespace waxwing::interp {

template <class T>
class StableList {
public:
    StableList() = default;
    StableList(const StableList&) = delete;
    StableList& operator=(const StableList&) = delete;
    ~StableList() { truncate(0); }

    T& emplace_back() {
        if (!last_ || last_->used == last_->size) {
            auto chunk = std::make_unique<Chunk>();
            chunk->size = std::clamp<usize>(size_, 1, 64);
            chunk->items = std::make_unique<T[]>(chunk->size);
            chunk->before = std::move(last_);
            last_ = std::move(chunk);
        }
        ++size_;
        return last_->items[last_->used++];
    }
    usize size() const { return size_; }

    // Removes all but the first `size` elements.
    void truncate(usize size) {
        while (size_ > size) {
            const usize removed = std::min(size_ - size, last_->used);
            for (usize i = 0; i < removed; ++i)
                last_->items[--last_->used] = T();
            size_ -= removed;
            if (last_->used == 0) last_ = std::move(last_->before);
        }
    }

    template <class Visit>
    void for_each(Visit visit) const {
        for (const Chunk* chunk = last_.get(); chunk; chunk = chunk->before.get())
            std::for_each_n(chunk->items.get(), chunk->used, visit);
    }

private:
    struct Chunk {
        std::unique_ptr<T[]> items;
        usize size = 0;
        usize used = 0;
        std::unique_ptr<Chunk> before;
    };
    std::unique_ptr<Chunk> last_;
    usize size_ = 0;
};

}  // namespace waxwing::interp
