// Throwing, and finding out where an exception is caught.
#include <algorithm>

#include "interp/compiled_module.hpp"
#include "interp/exception.hpp"
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

struct Place {
    ModuleInst* inst;
    const Cell* pc;
    u64* fp;
};

// The clause that catches the exception at a cell of a function's code.
const TryTable::Clause* find_clause(const TryTable& tries, u32 cell, const ModuleInst& inst,
                                    const TagInst* tag) {
    for (u32 r = tries.find(cell); r != TryTable::none; r = tries.regions[r].parent) {
        const TryTable::Region& region = tries.regions[r];
        for (u32 i = 0; i < region.clause_count; ++i) {
            const TryTable::Clause& clause = tries.clauses[region.first_clause + i];
            const bool any = clause.kind == CatchClause::Kind::catch_all ||
                             clause.kind == CatchClause::Kind::catch_all_ref;
            if (any || inst.tags[clause.tag] == tag) return &clause;
        }
    }
    return nullptr;
}

void deliver(ExceptionObject& exception, const TryTable::Clause& clause, u64* fp) {
    using Kind = CatchClause::Kind;
    u64* to = fp + clause.slot;
    if (clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref)
        to = std::copy_n(exception.values(), exception.layout->slots, to);
    if (clause.kind == Kind::catch_ref || clause.kind == Kind::catch_all_ref)
        *to = reinterpret_cast<u64>(&exception);
}

// Makes the frame that catches the exception the innermost one, and gives it
// the values. Looks from `place` outwards; what happened there was a call that is
// over if `over`. Null, and nothing changed, if nobody catches it in this call.
[[gnu::noinline]] const Cell* catch_exception(Activation& activation, u64 word, Place& place,
                                              bool over) {
    auto& exception = *static_cast<ExceptionObject*>(object_at(word));
    auto [inst, pc, fp] = place;
    usize switches = activation.switches.size();
    bool after_call = false;
    while (true) {
        const std::optional<CodeArena::Code> code = inst->compiled->find_code(pc - after_call);
        if (!code) return nullptr;
        if (!over && code->tries) {
            const auto cell = static_cast<u32>(pc - code->first) - after_call;
            if (const TryTable::Clause* clause =
                    find_clause(*code->tries, cell, *inst, exception.layout->tag)) {
                deliver(exception, *clause, fp);
                while (activation.switches.size() > switches)
                    activation.switches.pop_back();
                inst->activation = &activation;
                inst->stack_end = activation.stack_end;
                place = {inst, code->first + clause->target, fp};
                return place.pc;
            }
        }
        over = false;
        const u64* link = fp + code->entry->link;
        pc = reinterpret_cast<const Cell*>(link[0]);
        fp = reinterpret_cast<u64*>(link[1]);
        after_call = true;
        if (pc == leave_call_code) return nullptr;
        if (pc == leave_instance_code) {
            const Switch& back = activation.switches[--switches];
            inst = back.inst;
            pc = back.pc;
            fp = back.fp;
        }
    }
}

[[gnu::noinline]] bool unwind_from(Activation& activation, u64 exception, Place& place, bool over) {
    if (catch_exception(activation, exception, place, over)) {
        if (activation.error) activation.error.reset();
        return true;
    }
    if (!exception_in(activation.error, *activation.store))
        activation.error = uncaught(*activation.store, exception);
    return false;
}

HANDLER stop_failed(STATE) {
    Activation* activation = inst->activation;
    SAVE_STATE(activation);
    activation->status = Status::failed;
    STOP();
}

template <bool over>
HANDLER unwind_at(STATE) {
    Place place{inst, pc, fp};
    if (!unwind_from(*inst->activation, acc, place, over)) GO(stop_failed);
    inst = place.inst;
    pc = place.pc;
    fp = place.fp;
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
