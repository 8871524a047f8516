// Throwing, and finding out where an exception is caught.
#include <algorithm>
#include <array>
#include <utility>

#include "interp/compiled_module.hpp"
#include "interp/exception.hpp"
#include "interp/fuel.hpp"
#include "interp/handlers.hpp"
#include "interp/machine.hpp"

namespace waxwing::interp {

u32 TryTable::find(u32 cell) const {
    const auto after = std::upper_bound(regions.begin(), regions.end(), cell,
                                        [](u32 at, const Region& r) { return at < r.begin; });
    if (after == regions.begin()) return none;
    auto found = static_cast<u32>(after - regions.begin()) - 1;
    while (found != none && cell >= regions[found].end)
        found = regions[found].parent;
    return found;
}

namespace {

// Work of a search, in fuel.
struct Work {
    u64 frames = 0, regions = 0, clauses = 0, slots = 0;
    u64 units() const {
        return frames * fuel::per_frame + regions * fuel::per_region +
               clauses / fuel::clauses_per_unit + fuel::for_slots(slots);
    }
};

// The clause that catches the exception at a cell of a function's code.
const TryTable::Clause* find_clause(const TryTable& tries, u32 cell, const ModuleInst& inst,
                                    const TagInst* tag, Work& work) {
    for (u32 r = tries.find(cell); r != TryTable::none; r = tries.regions[r].parent) {
        const TryTable::Region& region = tries.regions[r];
        ++work.regions;
        for (u32 i = 0; i < region.clause_count; ++i) {
            const TryTable::Clause& clause = tries.clauses[region.first_clause + i];
            const bool any = clause.kind == CatchClause::Kind::catch_all ||
                             clause.kind == CatchClause::Kind::catch_all_ref;
            ++work.clauses;
            if (any || inst.tags[clause.tag] == tag) return &clause;
        }
    }
    return nullptr;
}

// Code that was found by a pc in it. Stacks are deep because functions call themselves, so
// most of it is found again and again.
class CodeFinder {
public:
    const CodeArena::Code* at(const CompiledModule& compiled, const Cell* pc) {
        const usize place = reinterpret_cast<u64>(pc) / sizeof(Cell) % size;
        if (pcs_[place] != pc) {
            const std::optional<CodeArena::Code> code = compiled.find_code(pc);
            if (!code) return nullptr;
            pcs_[place] = pc;
            codes_[place] = *code;
        }
        return &codes_[place];
    }

private:
    static constexpr usize size = 16;
    std::array<const Cell*, size> pcs_{};
    std::array<CodeArena::Code, size> codes_;  // where pcs_ has one
};

void deliver(ExceptionObject& exception, const TryTable::Clause& clause, u64* fp) {
    using Kind = CatchClause::Kind;
    u64* to = fp + clause.slot;
    if (clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref)
        to = std::copy_n(exception.values(), exception.layout->slots, to);
    if (clause.kind == Kind::catch_ref || clause.kind == Kind::catch_all_ref)
        *to = reinterpret_cast<u64>(&exception);
}

// Goes on with a search for who catches the exception. Then `search.place` is where it goes on
// and has the values, and its frame is the innermost one. Until then nothing is changed.
enum class Outcome : u8 { caught, uncaught, stopped };
Outcome catch_exception(Activation& activation, ExceptionObject& exception, Search& search,
                        Work& work) {
    constexpr u64 frames_at_once = 4096;  // between looks at whether the call is to stop
    CodeFinder finder;
    auto& [inst, pc, fp] = search.place;
    while (true) {
        const CodeArena::Code* code = finder.at(*inst->compiled, pc - search.after_call);
        if (!code) return Outcome::uncaught;
        if (!search.over && code->tries) {
            const auto cell = static_cast<u32>(pc - code->first) - search.after_call;
            if (const TryTable::Clause* clause =
                    find_clause(*code->tries, cell, *inst, exception.layout->tag, work)) {
                deliver(exception, *clause, fp);
                work.slots += exception.layout->slots;
                while (activation.switches.size() > search.switches)
                    activation.switches.pop_back();
                inst->activation = &activation;
                inst->stack_end = activation.stack_end;
                pc = code->first + clause->target;
                return Outcome::caught;
            }
        }
        search.over = false;
        const u64* link = fp + code->entry->link;
        pc = reinterpret_cast<const Cell*>(link[0]);
        fp = reinterpret_cast<u64*>(link[1]);
        search.after_call = true;
        if (pc == leave_call_code) return Outcome::uncaught;
        if (pc == leave_instance_code) {
            const Switch& back = activation.switches[--search.switches];
            search.place = {back.inst, back.pc, back.fp};
        }
        const bool looks = activation.mode == Mode::metered && ++work.frames % frames_at_once == 0;
        if (looks && activation.should_stop()) return Outcome::stopped;
    }
}

// What the search costs is paid for afterwards.
[[gnu::noinline]] Outcome unwind(Activation& activation, u64 exception, Search& search) {
    Work work;
    const Outcome outcome = catch_exception(
        activation, *static_cast<ExceptionObject*>(object_at(exception)), search, work);
    activation.consume(work.units());
    if (outcome == Outcome::caught) {
        if (activation.error) activation.error.reset();
    } else if (outcome == Outcome::stopped) {
        activation.search = search;
        activation.status = Status::interrupted;
    } else if (!exception_in(activation.error, *activation.store)) {
        activation.error = uncaught(*activation.store, exception);
    }
    return outcome;
}

HANDLER stop_failed(STATE) {
    Activation* activation = inst->activation;
    SAVE_STATE(activation);
    activation->status = Status::failed;
    STOP();
}

template <bool over>
HANDLER unwind_at(STATE) {
    Activation* activation = inst->activation;
    Search search{.place = {inst, pc, fp}, .switches = activation->switches.size(), .over = over};
    activation->fuel = fuel;
    if (activation->search)
        search = *std::exchange(activation->search, std::nullopt);
    else
        activation->consume(fuel::per_frame);
    const Outcome outcome = unwind(*activation, acc, search);
    fuel = activation->fuel;
    if (outcome == Outcome::stopped) {
        activation->next = unwind_at<over>;
        GO(stop);
    }
    if (outcome == Outcome::uncaught) GO(stop_failed);
    inst = search.place.inst;
    pc = search.place.pc;
    fp = search.place.fp;
    LOAD_MEMORY();
    DISPATCH();
}

template <bool over>
HANDLER fail_at(STATE) {
    acc = exception_in(inst->activation->error, *inst->store);
    if (acc) GO(unwind_at<over>);
    GO(stop_failed);
}

// Null if the heap is full.
[[gnu::noinline]] Object* make_exception(ModuleInst* inst, const Cell* pc, u64* fp) {
    const Layout* layout = inst->tags[pc[1].word[1]]->layout();
    if (!layout) [[unlikely]]
        return nullptr;
    Heap& heap = inst->store->heap;
    Object* object = heap.try_make(*layout);
    if (!object) [[unlikely]] {
        inst->activation->stop_at(pc, fp, inst);
        object = heap.make(*layout);
        if (!object) return nullptr;
    }
    std::copy_n(fp + pc[1].slot[0], layout->slots, static_cast<ExceptionObject*>(object)->values());
    return object;
}

HANDLER throw_(STATE) {
    acc = reinterpret_cast<u64>(make_exception(inst, pc, fp));
    if (!acc) [[unlikely]]
        TRAP(Trap::out_of_memory);
    GO(unwind_at<false>);
}

HANDLER throw_ref(STATE) {
    acc = fp[pc[1].slot[1]];
    if (!acc) [[unlikely]]
        TRAP(Trap::null_exception_reference);
    GO(unwind_at<false>);
}

}  // namespace

HANDLER fail(STATE) { GO(fail_at<false>); }
HANDLER fail_in_tail_call(STATE) { GO(fail_at<true>); }

Handler throw_handler() { return throw_; }
Handler throw_ref_handler() { return throw_ref; }

}  // namespace waxwing::interp
