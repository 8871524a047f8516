#include "interp/heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <new>

#include "interp/objects.hpp"

namespace waxwing::interp {

using heap::block_bytes;
using heap::cell_sizes;

namespace {

constexpr u64 least_threshold = 1 << 20;
constexpr u32 block_units = block_bytes / 8;   // bits of a block
constexpr u32 block_words = block_units / 64;  // words of bits
constexpr u64 most_reserved = u64{1} << 40;
constexpr u64 block_cost = block_bytes + 2 * block_words * 8;  // with both its bitmaps

// Builds for testing collect at every allocation of every store.
#if defined(WAXWING_COLLECT_ALWAYS)
constexpr bool always = true;
#else
constexpr bool always = false;
#endif

u8* map(u64 bytes) {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? nullptr : static_cast<u8*>(at);
}

// The first set bit in [from, to), or `to`.
u32 next_set(const u64* bits, u32 from, u32 to) {
    if (from >= to) return to;
    u32 word = from / 64;
    u64 rest = bits[word] & (~u64{0} << (from % 64));
    while (rest == 0) {
        if (++word * 64 >= to) return to;
        rest = bits[word];
    }
    return std::min(to, word * 64 + static_cast<u32>(std::countr_zero(rest)));
}

u32 units_used(u32 cell) { return block_bytes / cell * (cell / 8); }

}  // namespace

Heap::Heap(StoreImpl& store, u64 max_bytes, bool collect_always)
    : store_(store), max_bytes_(std::min(max_bytes, most_reserved)),
      collect_always_(collect_always || always), threshold_(least_threshold) {
    for (usize i = 0; i < cell_sizes.size(); ++i) {
        classes_[i].cell = cell_sizes[i];
        classes_[i].scan = units_used(cell_sizes[i]);
    }
}

Heap::~Heap() {
    if (!base_) return;
    munmap(base_, u64{max_blocks_} * block_bytes);
    munmap(live_, u64{max_blocks_} * block_words * 8);
    munmap(marks_, u64{max_blocks_} * block_words * 8);
    munmap(blocks_, u64{max_blocks_} * sizeof(Block));
}

u8 Heap::size_class(u64 size) {
    if (size <= 128) return static_cast<u8>(size <= 16 ? 0 : (size + 7) / 8 - 2);
    if (size > heap::max_cell) return heap::large;
    return static_cast<u8>(std::lower_bound(cell_sizes.begin(), cell_sizes.end(), size) -
                           cell_sizes.begin());
}

HeapCounts Heap::counts() const {
    HeapCounts counts;
    counts.collections = collections_;
    counts.live_bytes = live_bytes_;
    counts.committed_bytes = u64{touched_blocks_} * block_bytes;
    return counts;
}

// Allocating ------------------------------------------------------------------------

// Address space for the whole heap, less if the host has less.
bool Heap::reserve() {
    try {
        pending_.reserve(1024);
    } catch (const std::bad_alloc&) {
        return false;
    }
    const auto unmap = [](void* at, u64 bytes) {
        if (at) munmap(at, bytes);
    };
    for (u64 blocks = max_bytes_ / block_bytes; blocks > 0; blocks /= 2) {
        base_ = map(blocks * block_bytes);
        if (!base_) continue;
        live_ = reinterpret_cast<u64*>(map(blocks * block_words * 8));
        marks_ = reinterpret_cast<u64*>(map(blocks * block_words * 8));
        blocks_ = reinterpret_cast<Block*>(map(blocks * sizeof(Block)));
        max_blocks_ = static_cast<u32>(blocks);
        if (live_ && marks_ && blocks_) return true;
        unmap(base_, blocks * block_bytes);
        unmap(live_, blocks * block_words * 8);
        unmap(marks_, blocks * block_words * 8);
        unmap(blocks_, blocks * sizeof(Block));
        base_ = nullptr;
    }
    return false;
}

Object* Heap::make_slowly(const Layout& layout, u8 size_class, u64 size) noexcept {
    if (!base_ && !reserve()) return nullptr;
    Object* object;
    if (size_class == heap::large) {
        object = allocate_large(size);
        if (object) object->layout = &layout;
        return object;
    }
    Class& from = classes_[size_class];
    return refill(from) ? take(layout, from) : nullptr;
}

bool Heap::refill(Class& to) {
    bool collected = false;
    if (allocated_ >= threshold_ || collect_always_) {
        collect(allocated_);
        collected = true;
    }
    while (true) {
        if (next_run(to)) return true;
        if (!to.partial.empty()) {
            open_block(to, take_first(to.partial));
            continue;
        }
        if (const u32 block = take_blocks(1); block != none) {
            blocks_[block].use = Use::cells;
            blocks_[block].size_class = static_cast<u8>(&to - classes_.data());
            open_block(to, block);
            continue;
        }
        if (!collected) {
            collect(allocated_);
            collected = true;
            if (is_futile(to.unused)) return false;
        } else if (!to.dense.empty()) {
            open_block(to, take_first(to.dense));
        } else {
            return false;
        }
    }
}

// After collecting because the heap was full: so little was found that soon
// nothing else would be done.
bool Heap::is_futile(u64 cells) const {
    const u64 available = available_blocks() * block_bytes;
    return cells + available < (used_blocks_ * u64{block_bytes} + available) / 16;
}

// How many more can be put to use.
u64 Heap::available_blocks() const {
    const u64 most = std::min<u64>(max_blocks_, max_bytes_ / block_bytes);
    const u64 paid = touched_blocks_ - used_blocks_;
    return std::min(most - used_blocks_, paid + store_.budget.left() / block_cost);
}

void Heap::open_block(Class& to, u32 block) {
    to.block = block;
    to.scan = 0;
}

// Hands out the next free cells of the class's block.
bool Heap::next_run(Class& to) {
    const u32 cell = to.cell / 8;
    const u32 end = units_used(to.cell);
    u64* bits = live_ + u64{to.block} * block_words;
    while (to.scan < end) {
        u32 stop = next_set(bits, to.scan, end);
        if (stop == to.scan) {
            to.scan += cell;
            continue;
        }
        if (collect_always_) stop = to.scan + cell;
        u8* start = base_ + u64{to.block} * block_bytes;
        to.next = start + u64{to.scan} * 8;
        to.end = start + u64{stop} * 8;
        for (u32 i = to.scan; i < stop; i += cell)
            bits[i / 64] |= u64{1} << (i % 64);
        allocated_ += u64{stop - to.scan} * 8;
        to.scan = stop;
        return true;
    }
    return false;
}

u32 Heap::take_blocks(u32 count) {
    if (count > available_blocks()) return none;
    while (free_hint_ < top_ && blocks_[free_hint_].use != Use::free)
        ++free_hint_;
    u32 first = free_hint_;
    for (u32 i = first; i < top_ && i - first < count; ++i)
        if (blocks_[i].use != Use::free) first = i + 1;
    if (count > max_blocks_ - first) return none;
    u32 fresh = 0;
    for (u32 b = first; b < first + count; ++b)
        fresh += !blocks_[b].touched;
    if (!store_.budget.take(fresh * block_cost)) return none;
    touched_blocks_ += fresh;
    top_ = std::max(top_, first + count);
    for (u32 b = first; b < first + count; ++b) {
        blocks_[b] = {Use::large_rest, true, 0, 1, none};
        std::fill_n(live_ + u64{b} * block_words, block_words, 0);
    }
    used_blocks_ += count;
    return first;
}

void Heap::put(BlockList& list, u32 block) {
    blocks_[block].next = list.first;
    list.first = block;
}

u32 Heap::take_first(BlockList& list) {
    const u32 block = list.first;
    list.first = blocks_[block].next;
    return block;
}

Object* Heap::allocate_large(u64 size) {
    if (size > max_bytes_) return nullptr;
    const u64 count = (size + block_bytes - 1) / block_bytes;
    if (allocated_ >= threshold_ || collect_always_) collect(allocated_);
    u32 first = take_blocks(static_cast<u32>(count));
    if (first == none) {
        collect(allocated_);
        if (!is_futile(0)) first = take_blocks(static_cast<u32>(count));
        if (first == none && !is_futile(0)) {
            give_back(0);  // what is free but not in a row pays for what is
            first = take_blocks(static_cast<u32>(count));
        }
        if (first == none) return nullptr;
    }
    blocks_[first].use = Use::large;
    blocks_[first].span = static_cast<u32>(count);
    live_[u64{first} * block_words] |= 1;
    allocated_ += count * block_bytes;
    return reinterpret_cast<Object*>(base_ + u64{first} * block_bytes);
}

// Collecting ------------------------------------------------------------------------

void Heap::collect(u64 at_least) noexcept {
    if (!base_) return;
    ++collections_;
    retire_runs();
    std::fill_n(marks_, u64{top_} * block_words, 0);
    roots_ = 0;
    visit_roots(store_, *this);
    drain();
    while (std::exchange(left_out_, false))
        visit_marked();
    recycle();
    std::swap(live_, marks_);
    allocated_ = 0;
    // A collection costs as much as what is alive and what leads to it: so it is worth as much.
    threshold_ = std::max({live_bytes_, roots_ * sizeof(u64), least_threshold});
    give_back(std::max(threshold_, at_least));
}

// Cells that were handed out but not used hold no objects.
void Heap::retire_runs() {
    for (Class& each : classes_) {
        for (; each.next != each.end; each.next += each.cell) {
            const u64 i = static_cast<u64>(each.next - base_) / 8;
            live_[i / 64] &= ~(u64{1} << (i % 64));
        }
        each.next = each.end = nullptr;
        each.scan = units_used(each.cell);
        each.unused = 0;
        each.partial = {};
        each.dense = {};
    }
}

void Heap::mark(u64 index) {
    u64& word = marks_[index / 64];
    const u64 bit = u64{1} << (index % 64);
    if (word & bit) return;
    word |= bit;
    auto* object = reinterpret_cast<Object*>(base_ + index * 8);
    __builtin_prefetch(object);
    push(object, 0);
}

void Heap::push(Object* object, u32 next) {
    if (pending_.size() < pending_.capacity()) [[likely]] {
        pending_.push_back({object, next});
        return;
    }
    try {
        pending_.push_back({object, next});
    } catch (const std::exception&) {  // std::bad_alloc, std::length_error
        left_out_ = true;
    }
}

void Heap::visit_known(u64 word) {
    const u64 at = word - reinterpret_cast<u64>(base_);
    if (at < u64{top_} * block_bytes && (word & 7) == 0) mark(at / 8);
}

// Follows references until nothing new is found.
void Heap::drain() {
    while (!pending_.empty()) {
        const Pending next = pending_.back();
        pending_.pop_back();
        visit_contents(next);
    }
}

// Of a long array only some at a time, so that the stack stays as small as the depth of what
// is there.
[[gnu::always_inline]] inline void Heap::visit_contents(Pending from) {
    constexpr u32 at_once = 128;
    const auto [object, next] = from;
    const Layout& layout = *object->layout;
    if (layout.kind != Layout::Kind::array) {
        for (const u32 offset : layout.refs) {
            u64 word;
            std::memcpy(&word, object->at(offset), 8);
            visit_known(word);
        }
        return;
    }
    if (!layout.element_is_ref) return;
    auto* array = static_cast<ArrayObject*>(object);
    const u32 length = array->length;
    const u32 stop = length - next > at_once ? next + at_once : length;
    if (stop < length) push(object, stop);  // there is room: it was just taken from there
    const u64* words = reinterpret_cast<const u64*>(array->element(0));
    for (u32 i = next; i < stop; ++i)
        visit_known(words[i]);
}

// The contents of all marked objects once more, since some were left out. Another round follows
// only if this one has marked something.
void Heap::visit_marked() {
    for (u32 b = 0; b < top_; ++b) {
        const u64* marks = marks_ + u64{b} * block_words;
        u8* const start = base_ + u64{b} * block_bytes;
        for (u32 i = next_set(marks, 0, block_units); i < block_units;
             i = next_set(marks, i + 1, block_units)) {
            visit_contents({reinterpret_cast<Object*>(start + u64{i} * 8), 0});
            drain();
        }
    }
}

// Sorts the blocks by what is left in them, by the new marks.
void Heap::recycle() {
    live_bytes_ = 0;
    free_hint_ = top_;
    for (u32 b = 0; b < top_; b += blocks_[b].use == Use::large ? blocks_[b].span : 1) {
        Block& block = blocks_[b];
        const u64* marks = marks_ + u64{b} * block_words;
        if (collect_always_) poison(b);
        switch (block.use) {
        case Use::cells: {
            u32 count = 0;
            for (u32 i = 0; i < block_words; ++i)
                count += static_cast<u32>(std::popcount(marks[i]));
            Class& home = classes_[block.size_class];
            const u32 cells = block_bytes / home.cell;
            live_bytes_ += u64{count} * home.cell;
            if (count == 0) {
                block.use = Use::free;
                --used_blocks_;
            } else if (count < cells) {
                home.unused += u64{cells - count} * home.cell;
                put(cells - count >= cells / 16 ? home.partial : home.dense, b);
            }
            break;
        }
        case Use::large:
            if (marks[0] & 1) {
                live_bytes_ += u64{block.span} * block_bytes;
            } else {
                const u32 span = block.span;
                used_blocks_ -= span;
                for (u32 i = 0; i < span; ++i)
                    blocks_[b + i].use = Use::free;
                block.span = 1;
            }
            break;
        case Use::free:
        case Use::large_rest: break;
        }
        if (block.use == Use::free) free_hint_ = std::min(free_hint_, b);
    }
}

// Returns the memory of free blocks to the host, but for `keep` bytes.
void Heap::give_back(u64 keep) {
    u32 kept = 0;
    for (u32 b = 0; b < top_; ++b) {
        if (blocks_[b].use != Use::free || !blocks_[b].touched) continue;
        if (++kept <= keep / block_bytes) continue;
        u32 end = b;
        for (; end < top_ && blocks_[end].use == Use::free; ++end) {
            if (!blocks_[end].touched) continue;
            blocks_[end].touched = false;
            --touched_blocks_;
            store_.budget.give_back(block_cost);
        }
        madvise(base_ + u64{b} * block_bytes, u64{end - b} * block_bytes, MADV_DONTNEED);
        b = end;
    }
    while (top_ > 0 && !blocks_[top_ - 1].touched)
        --top_;
    free_hint_ = std::min(free_hint_, top_);
}

// Overwrites what was not marked, so that a reference nobody knew of is noticed.
void Heap::poison(u32 b) const {
    const Block& block = blocks_[b];
    const u64* live = live_ + u64{b} * block_words;
    const u64* marks = marks_ + u64{b} * block_words;
    const bool is_large = block.use == Use::large;
    if (block.use != Use::cells && !is_large) return;
    const u64 size = is_large ? u64{block.span} * block_bytes : classes_[block.size_class].cell;
    for (u32 i = next_set(live, 0, block_units); i < block_units;
         i = next_set(live, i + 1, block_units)) {
        if (!test(marks, i)) std::memset(base_ + u64{b} * block_bytes + u64{i} * 8, 0xA5, size);
    }
}

}  // namespace waxwing::interp
