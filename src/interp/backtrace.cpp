#include "interp/backtrace.hpp"

#include <new>

#include "interp/compiled_module.hpp"
#include "interp/handlers.hpp"
#include "interp/module_impl.hpp"

namespace waxwing::interp {
namespace {

constexpr usize shown_frames = 40;  // innermost; and as many outermost

// A place on the way out: what runs in which instance.
struct Place {
    ModuleInst* inst;
    const Cell* pc;
    bool after_call;  // pc is a return address: the instruction is before it
};

Frame describe(const Place& place) {
    Frame frame;
    const Module::Impl& module = *place.inst->module;
    CompiledModule& compiled = *place.inst->compiled;
    frame.module = module.name;
    const FuncEntry* entry = compiled.find(place.after_call ? place.pc - 1 : place.pc);
    if (!entry) return frame;
    frame.func_index = entry->index;
    const core::Code& code =
        compiled.module.code[entry->index - compiled.module.imported_functions];
    frame.offset = code.instructions.offset;
    if (place.pc != &entry->stub) {
        const Mode mode =
            entry == &compiled.entry(entry->index, Mode::metered) ? Mode::metered : Mode::plain;
        const auto cell = static_cast<u32>(place.pc - cells_of(*entry)) - place.after_call;
        frame.offset = compiled.locate(compiled, entry->index, mode, cell);
    }
    frame.func_offset = frame.offset - code.range.offset;
    if (module.function_name) frame.function = module.function_name(entry->index);
    if (frame.function.empty()) {
        for (const core::Export& e : module.module.exports)
            if (e.kind == ExternKind::func && e.index == entry->index) frame.function = e.name;
    }
    return frame;
}

void collect(const Activation& activation, std::vector<Place>& places) {
    Place place{activation.inst, activation.pc, false};
    const u64* fp = activation.fp;
    usize switches = activation.switches.size();
    while (place.inst && place.pc) {
        const FuncEntry* entry =
            place.inst->compiled->find(place.after_call ? place.pc - 1 : place.pc);
        if (!entry) return;
        places.push_back(place);
        const u64* link = fp + entry->link;
        place.pc = reinterpret_cast<const Cell*>(link[0]);
        place.after_call = true;
        fp = reinterpret_cast<const u64*>(link[1]);
        if (place.pc == leave_call_code) return;
        if (place.pc == leave_instance_code) {
            const Switch& back = activation.switches[--switches];
            place.inst = back.inst;
            place.pc = back.pc;
            fp = back.fp;
        }
    }
}

}  // namespace

std::vector<Frame> backtrace(const Activation& activation) noexcept try {
    std::vector<Place> places;
    for (const Activation* a = &activation; a; a = a->outer)
        collect(*a, places);
    std::vector<Frame> frames;
    for (usize i = 0; i < places.size(); ++i) {
        if (i == shown_frames && places.size() > 2 * shown_frames) i = places.size() - shown_frames;
        frames.push_back(describe(places[i]));
    }
    return frames;
} catch (const std::bad_alloc&) {
    return {};
}

}  // namespace waxwing::interp
