// The heap of a store: memory for objects, and the collector that takes it back.
//
// Address space for as much as the heap may ever hold is reserved when the
// first object is made, and divided into blocks. A block serves objects of one
// size class, or is part of a run of blocks for one large object. Two bitmaps
// have a bit for every 8 bytes: `live_` is set where an object starts.
//
// 1. Allocating takes the next cell of a run of free cells. Whole runs are
//    marked live when they are handed out.
// 2. Collecting marks what can be reached from the roots (visit_roots) in
//    `marks_`, which then becomes `live_`: nothing is swept.
// 3. Objects do not move. A word that is not known to be a reference counts as
//    one if it is the address of a live object.
// 4. Only refill() and allocate_large() collect. An object that is in no root
//    must not be needed beyond the next allocation.
// 5. Collecting needs no memory. What it keeps about blocks is reserved with the
//    heap; where the stack of objects to visit cannot grow, some are left out,
//    and found again by looking through all that are marked.
#pragma once

#include <array>
#include <vector>

#include "interp/heap_layout.hpp"

namespace waxwing::interp {

struct StoreImpl;

namespace heap {

inline constexpr u32 block_bytes = 64 << 10;
// Cell sizes: multiples of 8 up to 128, then four to each doubling, then parts of a block.
inline constexpr auto cell_sizes = [] {
    std::array<u32, 45> sizes{};
    usize n = 0;
    for (u32 size = 16; size <= 128; size += 8)
        sizes[n++] = size;
    for (u32 power = 128; power < 8192; power *= 2)
        for (u32 i = 5; i <= 8; ++i)
            sizes[n++] = power / 4 * i;
    for (u32 parts = 7; parts >= 2; --parts)
        sizes[n++] = block_bytes / parts & ~7u;
    return sizes;
}();
static_assert(cell_sizes.back() == block_bytes / 2);
inline constexpr u32 max_cell = cell_sizes.back();
inline constexpr u8 large = cell_sizes.size();  // a class of its own

}  // namespace heap

struct HeapCounts {
    u64 collections = 0;
    u64 live_bytes = 0;       // after the last collection
    u64 committed_bytes = 0;  // memory taken from the host for objects
};

class Heap {
public:
    Heap(StoreImpl& store, u64 max_bytes, bool collect_always);
    ~Heap();
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    static u8 size_class(u64 size);

    // An object without contents but its header. Null if the heap is full.
    [[gnu::always_inline]] Object* make(const Layout& layout) {
        return make(layout, layout.size_class, layout.size);
    }
    // With its length too.
    [[gnu::always_inline]] ArrayObject* make_array(const Layout& layout, u64 length) {
        const u64 size = ArrayObject::size(layout.element, length);
        auto* array = static_cast<ArrayObject*>(make(layout, size_class(size), size));
        if (array) [[likely]]
            array->length = static_cast<u32>(length);
        return array;
    }
    // As make(), but only if that takes no work.
    [[gnu::always_inline]] Object* try_make(const Layout& layout) {
        if (layout.size_class == heap::large) return nullptr;
        return take(layout, classes_[layout.size_class]);
    }

    // Afterwards the host gets back what is free, but for what the next round is likely to need:
    // `at_least` bytes.
    void collect(u64 at_least = 0) noexcept;
    HeapCounts counts() const;

    // Words that are roots while code that is no guest's works on them.
    class Scope {
    public:
        Scope(Heap& heap, const std::vector<u64>& words) : heap_(heap) {
            heap_.scopes_.push_back(&words);
        }
        ~Scope() { heap_.scopes_.pop_back(); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Heap& heap_;
    };
    const std::vector<const std::vector<u64>*>& scopes() const { return scopes_; }

    // For visit_roots: a word that may be a reference.
    void visit(u64 word) {
        ++roots_;
        const u64 at = word - reinterpret_cast<u64>(base_);
        if (at >= u64{top_} * heap::block_bytes || (word & 7) != 0) return;
        if (test(live_, at / 8)) mark(at / 8);
    }

private:
    static constexpr u32 none = 0xFFFFFFFF;
    enum class Use : u8 { free, cells, large, large_rest };
    struct Block {
        Use use = Use::free;
        bool touched = false;  // the host has given memory for it
        u8 size_class = 0;
        u32 span = 1;     // large: in blocks
        u32 next = none;  // in a list of its class
    };
    // Blocks, linked to each other.
    struct BlockList {
        u32 first = none;
        bool empty() const { return first == none; }
    };
    // A run of free cells, and where to look for the next one.
    struct Class {
        u8* next = nullptr;
        u8* end = nullptr;
        u32 cell = 0;
        u32 block = 0;
        u32 scan = 0;       // in the block, in units of 8 bytes; at its end: no block
        u64 unused = 0;     // bytes in the blocks of both lists
        BlockList partial;  // blocks with many free cells
        BlockList dense;    // with few: used when nothing else is left
    };
    // An object whose references from `next` on are still to be visited.
    struct Pending {
        Object* object;
        u32 next;
    };

    [[gnu::always_inline]] Object* take(const Layout& layout, Class& from) {
        if (from.next == from.end) [[unlikely]]
            return nullptr;
        auto* object = reinterpret_cast<Object*>(from.next);
        from.next += from.cell;
        object->layout = &layout;
        return object;
    }
    [[gnu::always_inline]] Object* make(const Layout& layout, u8 size_class, u64 size) {
        if (size_class != heap::large) [[likely]]
            if (Object* object = take(layout, classes_[size_class])) [[likely]]
                return object;
        return make_slowly(layout, size_class, size);
    }
    Object* make_slowly(const Layout& layout, u8 size_class, u64 size) noexcept;

    bool reserve();
    bool refill(Class& to);
    bool next_run(Class& to);
    void open_block(Class& to, u32 block);
    bool is_futile(u64 cells) const;
    u64 available_blocks() const;
    Object* allocate_large(u64 size);
    // The first of `count` free blocks in a row, now in use; none if there are none.
    u32 take_blocks(u32 count);
    void put(BlockList& list, u32 block);
    u32 take_first(BlockList& list);

    static bool test(const u64* bits, u64 i) { return bits[i / 64] >> (i % 64) & 1; }
    void mark(u64 index);
    void visit_known(u64 word);
    void push(Object* object, u32 next);
    void visit_contents(Pending from);
    void drain();
    void visit_marked();
    void retire_runs();
    void recycle();
    void give_back(u64 keep);
    void poison(u32 block) const;

    StoreImpl& store_;
    std::array<Class, heap::cell_sizes.size()> classes_;
    u8* base_ = nullptr;
    u64* live_ = nullptr;
    u64* marks_ = nullptr;
    u32 max_blocks_ = 0;  // reserved
    u32 top_ = 0;         // blocks from here on were never used
    u32 free_hint_ = 0;   // no block before this one is free
    u32 used_blocks_ = 0;
    u32 touched_blocks_ = 0;  // the used ones included; paid for from the store's budget
    u64 max_bytes_;
    bool collect_always_;
    Block* blocks_ = nullptr;  // the first top_ are in use or were
    u64 allocated_ = 0;        // since the last collection
    u64 threshold_;
    u64 live_bytes_ = 0;
    u64 roots_ = 0;  // words that the last collection looked at outside of the heap
    u64 collections_ = 0;
    std::vector<Pending> pending_;
    bool left_out_ = false;  // something that is marked is not in pending_
    std::vector<const std::vector<u64>*> scopes_;
};

// Calls heap.visit() for every word of the store that may be a reference.
void visit_roots(StoreImpl& store, Heap& heap);

}  // namespace waxwing::interp
