// What the host holds of a store: the roots of the collector that are not the guest's.
//
// 1. The store's thread makes holds. They are let go of on any thread, also when
//    the store has died: the table lives until the last one is gone.
// 2. The table's address is the store's identity. Nobody else gets that address
//    while anything is left that knows it, so that comparing it tells whether a
//    reference belongs to a store without touching what it refers to.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/int.hpp"
#include "waxwing/value.hpp"

namespace waxwing::interp {

struct Activation;
class RootTable;

// Keeps an object of the heap alive; or, with the word 0, nothing but the identity.
class Root : public detail::Hold {
public:
    Root(std::shared_ptr<RootTable> table, u64 word);
    u64 word() const { return word_; }
    const RootTable& table() const { return *table_; }

private:
    friend class RootTable;
    static void destroy(detail::Hold* hold) noexcept;

    std::shared_ptr<RootTable> table_;
    u64 word_;
    // Guarded by the table's lock.
    Root* next_ = nullptr;
    Root* previous_ = nullptr;
};

class RootTable : public std::enable_shared_from_this<RootTable> {
public:
    // An object's word, or 0.
    detail::HoldPtr hold(u64 word);

    // Calls that wait to be continued, which are roots too. Removing is for any thread.
    void add(Activation& activation);
    void remove(Activation& activation) noexcept;

    // False once the store has died. Only its thread can rely on the answer.
    bool is_alive() const { return alive_.load(std::memory_order_acquire); }
    void store_dies() { alive_.store(false, std::memory_order_release); }

    // Calls words(u64) and activations(const Activation&) for all there are.
    template <class Words, class Activations>
    void visit(Words words, Activations activations) const {
        const std::scoped_lock lock(mutex_);
        for (const Root* root = first_; root; root = root->next_)
            words(root->word_);
        for (const Activation* activation : resumable_)
            activations(*activation);
    }

private:
    friend class Root;
    void link(Root& root);
    void unlink(Root& root) noexcept;

    mutable std::mutex mutex_;
    Root* first_ = nullptr;
    std::vector<Activation*> resumable_;
    std::atomic<bool> alive_ = true;
};

}  // namespace waxwing::interp
