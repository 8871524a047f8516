// The executable side of a module: entries and code of its functions. Shared by
// all instances on all threads; functions are translated when first called.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/module.hpp"
#include "core/type_registry.hpp"
#include "interp/cell_buffer.hpp"
#include "interp/code.hpp"
#include "interp/data_image.hpp"
#include "interp/heap_layout.hpp"
#include "interp/objects.hpp"
#include "interp/try_table.hpp"

namespace waxwing::interp {

// The code of functions. It stays where it is as long as the arena lives.
class CodeArena {
public:
    struct Code {
        const Cell* first;
        const FuncEntry* entry;
        const TryTable* tries;  // null: there are none
    };

    // Room for the code of a function, `cells` cells. Nothing has changed if this throws.
    Cell* add(usize cells, const FuncEntry& entry, TryTable&& tries);
    // The function that contains `pc`.
    std::optional<Code> find(const Cell* pc) const;
    usize cell_count() const { return used_; }

private:
    static constexpr usize most_cells = 32768;
    static constexpr usize large = most_cells / 8;
    struct Func {
        const Cell* first;
        const FuncEntry* entry;
        std::unique_ptr<const TryTable> tries;
    };
    struct Chunk {
        explicit Chunk(usize size) : cells(new Cell[size]) {}
        std::unique_ptr<Cell[]> cells;
        std::vector<Func> funcs;  // by address
    };
    Chunk& insert(std::unique_ptr<Chunk> chunk);

    std::vector<std::unique_ptr<Chunk>> chunks_;  // by address
    Chunk* open_ = nullptr;                       // where the next small function goes
    Cell* next_ = nullptr;
    usize left_ = 0;
    usize used_ = 0;
};

// The code to run, which another thread may just have published.
[[gnu::always_inline]] inline const Cell* cells_of(const FuncEntry& entry) {
    return std::atomic_ref<const Cell*>(const_cast<FuncEntry&>(entry).cells)
        .load(std::memory_order_acquire);
}

struct CompiledModule {
    // Reads a function's body again and translates it. Set by whoever puts the
    // module together, because this folder does not know the decoder. False: the call for
    // which this is done is to stop; what was done is kept, for whoever goes on with it.
    using Translate = Result<bool> (*)(CompiledModule& compiled, u32 func, Mode mode,
                                       const Activation& caller);

    // Where the instructions at some cells of a function's code stand in the module's
    // bytes. Set likewise; used after traps only. Cells that are not found before the call is
    // to stop keep their offset.
    struct Located {
        u32 cell;
        u64 offset;
    };
    using Locate = void (*)(CompiledModule& compiled, u32 func, Mode mode,
                            std::span<Located> ascending, const Activation& caller);

    // Requires: `module` is validated; both outlive this object.
    CompiledModule(const core::Module& module, const core::CanonicalTypes& types,
                   Translate translate, Locate locate);

    FuncEntry& entry(u32 func, Mode mode) {
        return entries[static_cast<usize>(mode)][func - module.imported_functions];
    }
    // Translates if nobody has. False: the call is to stop first. Thread-safe.
    Result<bool> ensure(u32 func, const Activation& caller);
    // Makes code callable. Requires: the mutex is held. Branch targets in `cells`
    // are relative to its start, at the places in `targets`.
    void publish(u32 func, Mode mode, const CellBuffer& cells, std::span<const u32> targets,
                 u32 frame_size, TryTable&& tries);
    static bool is_translated(const FuncEntry& entry) { return cells_of(entry) != &entry.stub; }
    // The function whose code contains `pc`; null if none.
    const FuncEntry* find(const Cell* pc) const;
    // Published code that contains `pc`.
    std::optional<CodeArena::Code> find_code(const Cell* pc) const;
    // What was translated so far, in both modes: functions, and the bytes of their
    // instructions and of their code.
    CodeStats stats();
    // Of a structure or array type, by its index in the module. Thread-safe.
    const Layout& layout(u32 type);

    const core::Module& module;
    const core::CanonicalTypes& types;
    std::array<std::vector<FuncEntry>, mode_count> entries;
    std::timed_mutex mutex;  // guards translating and publishing
    // Of Translate, guarded by `mutex`.
    std::shared_ptr<void> translation;
    Translate translate;
    Locate locate;
    std::mutex layouts_mutex;
    // Guarded by layouts_mutex. By type; null until asked for.
    std::vector<std::unique_ptr<const Layout>> layouts;
    LazyDataImage data_image;
    mutable std::mutex arena_mutex;
    CodeArena arena;  // guarded by arena_mutex
};

// Enters a function: writes the frame's link and clears its locals. False if the
// stack has no room.
[[gnu::always_inline]] inline bool push_frame(const FuncEntry& entry, u64* frame,
                                              const Cell* return_pc, u64* caller,
                                              const u64* stack_end) {
    if (frame + entry.frame_size() > stack_end) [[unlikely]]
        return false;
    u64* link = frame + entry.link;
    link[0] = reinterpret_cast<u64>(return_pc);
    link[1] = reinterpret_cast<u64>(caller);
    // Four at a time: clearing a few temporaries too does no harm.
    for (u32 i = 0; i < entry.zero_count; i += 4)
        std::memset(link + 2 + i, 0, 32);
    return true;
}

// Slots that values of these types take: two for v128.
inline u32 slot_count(ValType type) { return type.is_vector() ? 2 : 1; }
u32 slot_count(std::span<const ValType> types);

// Slots beyond a frame's own that entering a function may clear.
inline constexpr u32 frame_slack = 4;
// Frame slots are numbered with 16 bits.
inline constexpr u32 max_frame_slots = 65'000;

}  // namespace waxwing::interp
