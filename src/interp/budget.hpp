// What the guests of a store make the process hold, in bytes. Whatever grows on
// their behalf asks here first: memories, tables, the heap, segments, globals and
// instances. Counted is what was granted, touched or not, so that it does not
// depend on the host when a guest is refused.
#pragma once

#include "core/int.hpp"

namespace waxwing::interp {

class Budget {
public:
    explicit Budget(u64 most) : most_(most) {}

    // False, and nothing changed, if so much is not left.
    [[nodiscard]] bool take(u64 bytes) {
        if (bytes > left()) return false;
        used_ += bytes;
        return true;
    }
    // What cannot be refused. It is missing later.
    void charge(u64 bytes) { used_ += bytes; }
    // Requires: it was taken.
    void give_back(u64 bytes) { used_ -= bytes; }

    // Back to what was used before, when all that was made since is gone.
    void restore(u64 used) { used_ = used; }

    // Gives back what was taken, unless it is kept.
    class Lease {
    public:
        Lease(Budget& budget, u64 bytes) : budget_(&budget), bytes_(bytes) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() {
            if (budget_) budget_->give_back(bytes_);
        }
        void keep() { budget_ = nullptr; }

    private:
        Budget* budget_;
        u64 bytes_;
    };

    u64 most() const { return most_; }
    u64 used() const { return used_; }
    u64 left() const { return used_ < most_ ? most_ - used_ : 0; }

private:
    u64 most_;
    u64 used_ = 0;
};

}  // namespace waxwing::interp
