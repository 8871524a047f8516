#include "interp/roots.hpp"

#include <utility>

#include "interp/objects.hpp"

namespace waxwing::interp {

Root::Root(std::shared_ptr<RootTable> table, u64 word)
    : Hold(table.get(), &destroy), table_(std::move(table)), word_(word) {}

void Root::destroy(Hold* hold) noexcept {
    Root* root = static_cast<Root*>(hold);
    root->table_->unlink(*root);
    delete root;  // and the table, if this was the last
}

detail::HoldPtr RootTable::hold(u64 word) {
    Root* root = new Root(shared_from_this(), word);
    link(*root);
    return detail::HoldPtr(root);
}

void RootTable::link(Root& root) {
    const std::scoped_lock lock(mutex_);
    root.next_ = first_;
    if (first_) first_->previous_ = &root;
    first_ = &root;
}

void RootTable::unlink(Root& root) noexcept {
    const std::scoped_lock lock(mutex_);
    if (root.next_) root.next_->previous_ = root.previous_;
    (root.previous_ ? root.previous_->next_ : first_) = root.next_;
}

void RootTable::add(Activation& activation) {
    const std::scoped_lock lock(mutex_);
    activation.place_in_roots = resumable_.size();
    resumable_.push_back(&activation);
}

void RootTable::remove(Activation& activation) noexcept {
    const std::scoped_lock lock(mutex_);
    Activation* const last = resumable_.back();
    resumable_[activation.place_in_roots] = last;
    last->place_in_roots = activation.place_in_roots;
    resumable_.pop_back();
}

}  // namespace waxwing::interp
