#include "interp/compiled_module.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>

#include "interp/handlers.hpp"

namespace waxwing::interp {

CodeArena::Chunk& CodeArena::insert(std::unique_ptr<Chunk> chunk) {
    const auto after =
        std::ranges::upper_bound(chunks_, static_cast<const Cell*>(chunk->cells.get()), std::less(),
                                 [](const auto& each) { return each->cells.get(); });
    return **chunks_.insert(after, std::move(chunk));
}

// A large function has a chunk of its own: little is left unused of the others.
Cell* CodeArena::add(usize cells, const FuncEntry& entry, TryTable&& tries) {
    Func func{nullptr, &entry, nullptr};
    if (!tries.regions.empty()) func.tries = std::make_unique<const TryTable>(std::move(tries));
    if (cells > left_ && cells >= large) {
        auto own = std::make_unique<Chunk>(cells);
        Cell* const taken = own->cells.get();
        func.first = taken;
        own->funcs.push_back(std::move(func));
        insert(std::move(own));
        used_ += cells;
        return taken;
    }
    if (cells > left_) {
        const usize size = std::max(cells, std::clamp<usize>(used_ / 2, 256, most_cells));
        open_ = &insert(std::make_unique<Chunk>(size));
        next_ = open_->cells.get();
        left_ = size;
    }
    func.first = next_;
    open_->funcs.push_back(std::move(func));
    Cell* const taken = next_;
    next_ += cells;
    left_ -= cells;
    used_ += cells;
    return taken;
}

std::optional<CodeArena::Code> CodeArena::find(const Cell* pc) const {
    const auto chunk = std::ranges::upper_bound(chunks_, pc, std::less(),
                                                [](const auto& each) { return each->cells.get(); });
    if (chunk == chunks_.begin()) return std::nullopt;
    const std::vector<Func>& funcs = chunk[-1]->funcs;
    const auto func = std::ranges::upper_bound(funcs, pc, std::less(), &Func::first);
    if (func == funcs.begin()) return std::nullopt;
    const Func& found = func[-1];
    if (pc >= found.first + found.entry->code_size) return std::nullopt;
    return Code{found.first, found.entry, found.tries.get()};
}

u32 slot_count(std::span<const ValType> types) {
    u32 slots = 0;
    for (const ValType type : types)
        slots += slot_count(type);
    return slots;
}

CompiledModule::CompiledModule(const core::Module& module, const core::CanonicalTypes& types,
                               Translate translate, Locate locate)
    : module(module), types(types), translate(translate), locate(locate) {
    const usize count = module.functions.size() - module.imported_functions;
    std::vector<FuncEntry>& plain = entries[0];
    plain.resize(count);
    for (usize i = 0; i < count; ++i) {
        FuncEntry& entry = plain[i];
        const u32 func = module.imported_functions + static_cast<u32>(i);
        const FuncType& type = module.func_type(func);
        const core::Code& code = module.code[i];
        u32 locals = 0;
        for (const core::LocalGroup& group : module.locals(code))
            locals += group.count * slot_count(group.type);
        entry.index = func;
        entry.link = static_cast<u16>(std::max(slot_count(type.params), slot_count(type.results)));
        entry.zero_count = static_cast<u16>(locals);
        entry.frame_slots = entry.link + 2u + locals + frame_slack;
        entry.stub.handler = translate_stub_handler();
    }
    entries[1] = plain;
    for (std::vector<FuncEntry>& list : entries)
        for (FuncEntry& entry : list)
            entry.cells = &entry.stub;
}

Result<bool> CompiledModule::ensure(u32 func, const Activation& caller) {
    constexpr auto slice = std::chrono::milliseconds(5);
    std::unique_lock lock(mutex, std::defer_lock);
    while (!lock.try_lock_for(slice))
        if (caller.should_stop()) return false;
    if (is_translated(entry(func, caller.mode))) return true;
    return translate(*this, func, caller.mode, caller);
}

const Layout& CompiledModule::layout(u32 type) {
    const std::scoped_lock lock(layouts_mutex);
    if (layouts.empty()) layouts.resize(module.types.size());
    if (!layouts[type]) layouts[type] = make_layout(*types[type]);
    return *layouts[type];
}

void CompiledModule::publish(u32 func, Mode mode, const CellBuffer& cells,
                             std::span<const u32> targets, u32 frame_size, TryTable&& tries) {
    FuncEntry& made = entry(func, mode);
    made.code_size = static_cast<u32>(cells.size());
    Cell* at;
    {
        const std::scoped_lock lock(arena_mutex);
        at = arena.add(cells.size(), made, std::move(tries));
    }
    cells.copy_to(at);
    for (const u32 place : targets)
        at[place].target = at + cells[place].bits;
    std::atomic_ref<u32>(made.frame_slots).store(frame_size, std::memory_order_relaxed);
    std::atomic_ref<const Cell*>(made.cells).store(at, std::memory_order_release);
}

const FuncEntry* CompiledModule::find(const Cell* pc) const {
    if (const auto code = find_code(pc)) return code->entry;
    for (const std::vector<FuncEntry>& list : entries) {
        if (list.empty()) continue;
        const auto at = reinterpret_cast<u64>(pc) - reinterpret_cast<u64>(list.data());
        const usize i = at / sizeof(FuncEntry);
        if (i < list.size() && pc == &list[i].stub) return &list[i];
    }
    return nullptr;
}

std::optional<CodeArena::Code> CompiledModule::find_code(const Cell* pc) const {
    const std::scoped_lock lock(arena_mutex);
    return arena.find(pc);
}

CodeStats CompiledModule::stats() {
    const std::scoped_lock lock(mutex);
    CodeStats stats;
    for (const std::vector<FuncEntry>& list : entries) {
        for (usize i = 0; i < list.size(); ++i) {
            if (!is_translated(list[i])) continue;
            ++stats.functions;
            stats.wasm_bytes += module.code[i].instructions.size;
            stats.code_bytes += list[i].code_size * sizeof(Cell);
        }
    }
    return stats;
}

}  // namespace waxwing::interp
