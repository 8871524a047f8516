// Where references to objects are kept outside of the heap.
#include <algorithm>

#include "interp/compiled_module.hpp"
#include "interp/objects.hpp"

namespace waxwing::interp {
namespace {

// References of the func hierarchy point to functions, which the store keeps.
bool may_hold_objects(ValType type) {
    return type.is_ref() && core::top_of(type.heap()) != HeapKind::func;
}

void visit_range(Heap& heap, const u64* begin, const u64* end) {
    for (; begin < end; ++begin)
        heap.visit(*begin);
}

// The end of the frame that the guest stopped in.
const u64* top_frame_end(const Activation& activation) {
    if (!activation.inst || !activation.pc) return activation.stack_begin;
    const FuncEntry* entry = activation.inst->compiled->find(activation.pc);
    return entry ? std::min(activation.fp + entry->frame_size(), activation.stack_end)
                 : activation.fp;
}

// Slots of a stack are not typed, and some are left over: every one may hold a reference.
void visit_activation(Heap& heap, const Activation& activation, bool resumable) {
    const bool in_host = !resumable && activation.host_top;
    const u64* end = in_host ? activation.host_top : top_frame_end(activation);
    visit_range(heap, activation.stack_begin, end);
    heap.visit(activation.acc);
}

void visit_resumable(Heap& heap, const Activation& activation) {
    switch (activation.status) {
    case Status::done:
        visit_range(heap, activation.stack_begin,
                    activation.stack_begin + activation.func->result_slots);
        break;
    case Status::out_of_fuel:
    case Status::interrupted: visit_activation(heap, activation, true); break;
    case Status::running: break;  // it is among the running ones
    case Status::trapped:
    case Status::failed: break;
    }
}

void visit_global(Heap& heap, const GlobalInst& global) {
    if (may_hold_objects(global.type.type)) heap.visit(global.bits[0]);
}

}  // namespace

void visit_roots(StoreImpl& store, Heap& heap) {
    for (const Activation* a = store.current; a; a = a->outer)
        visit_activation(heap, *a, false);
    store.roots->visit([&](u64 word) { heap.visit(word); },
                       [&](const Activation& waiting) { visit_resumable(heap, waiting); });
    for (const std::vector<u64>* words : heap.scopes())
        visit_range(heap, words->data(), words->data() + words->size());
    store.globals.for_each([&](const GlobalInst& global) { visit_global(heap, global); });
    store.tables.for_each([&](const TableInst& table) {
        if (may_hold_objects(table.type.element))
            visit_range(heap, table.elements, table.elements + table.size);
    });
    for (const auto& inst : store.instances) {
        for (const GlobalInst* global : inst->global_ptrs)
            visit_global(heap, *global);
        for (const ElemInst& refs : inst->elems)
            visit_range(heap, refs.data(), refs.data() + refs.size());
    }
}

}  // namespace waxwing::interp
