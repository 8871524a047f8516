// A sequence that grows at its end and never moves: it takes the memory of what it
// holds and at most one block more, where a vector that doubles takes three times as
// much while it grows.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "core/int.hpp"

namespace waxwing::text {

template <class T>
class Blocks {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    usize size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](usize at) { return blocks_[at / per_block][at % per_block]; }
    const T& operator[](usize at) const { return blocks_[at / per_block][at % per_block]; }
    T& back() { return (*this)[size_ - 1]; }
    const T& back() const { return (*this)[size_ - 1]; }

    void push_back(const T& value) {
        if (size_ == blocks_.size() * per_block)
            blocks_.push_back(std::make_unique_for_overwrite<T[]>(per_block));
        (*this)[size_] = value;
        ++size_;
    }
    void pop_back() {
        --size_;
        // One free block is kept, so that going back and forth allocates nothing.
        if (size_ + per_block < (blocks_.size() - 1) * per_block) blocks_.pop_back();
    }
    void clear() {
        size_ = 0;
        if (blocks_.size() > 1) blocks_.resize(1);
    }

private:
    static constexpr usize per_block = 512;
    std::vector<std::unique_ptr<T[]>> blocks_;
    usize size_ = 0;
};

}  // namespace waxwing::text
