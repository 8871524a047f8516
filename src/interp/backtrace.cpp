#include "interp/backtrace.hpp"

#include <algorithm>
#include <new>
#include <span>
#include <utility>

#include "interp/compiled_module.hpp"
#include "interp/fuel.hpp"
#include "interp/handlers.hpp"
#include "interp/module_impl.hpp"

namespace waxwing::interp {
namespace {

constexpr usize shown_frames = 40;  // innermost; and as many outermost
constexpr usize longest_name = 1000;
constexpr u32 frames_at_once = 4096;  // between looks at whether the call is to stop

// A place on the way out: what runs in which instance.
struct Place {
    ModuleInst* inst;
    const Cell* pc;
    bool after_call;  // pc is a return address: the instruction is before it
    const FuncEntry* entry;
};

// The innermost places of a stack and the outermost ones.
class Places {
public:
    void add(const Place& place) {
        if (first_.size() < shown_frames)
            first_.push_back(place);
        else if (last_.size() < shown_frames)
            last_.push_back(place);
        else
            last_[left_out_++ % shown_frames] = place;
    }
    u64 left_out() const { return left_out_; }
    // In order.
    std::vector<Place> take() {
        std::ranges::rotate(last_, last_.begin() + static_cast<s64>(left_out_ % shown_frames));
        first_.insert(first_.end(), last_.begin(), last_.end());
        return std::move(first_);
    }

private:
    std::vector<Place> first_, last_;
    u64 left_out_ = 0;
};

// False if the call is to stop: then the rest is missing.
bool collect(const Activation& activation, const Activation& caller, Places& places) {
    Place place{activation.inst, activation.pc, false, nullptr};
    const u64* fp = activation.fp;
    usize switches = activation.switches.size();
    for (u32 count = 1; place.inst && place.pc; ++count) {
        if (count % frames_at_once == 0 && caller.should_stop()) return false;
        place.entry = place.inst->compiled->find(place.after_call ? place.pc - 1 : place.pc);
        if (!place.entry) return true;
        places.add(place);
        const u64* link = fp + place.entry->link;
        place.pc = reinterpret_cast<const Cell*>(link[0]);
        place.after_call = true;
        fp = reinterpret_cast<const u64*>(link[1]);
        if (place.pc == leave_call_code) return true;
        if (place.pc == leave_instance_code) {
            const Switch& back = activation.switches[--switches];
            place.inst = back.inst;
            place.pc = back.pc;
            fp = back.fp;
        }
    }
    return true;
}

// A name is what a module says: it may be as long as the module.
std::string shortened(std::string name) {
    if (name.size() <= longest_name) return name;
    usize end = longest_name;
    while (end > 0 && (static_cast<u8>(name[end]) & 0xC0) == 0x80)
        --end;
    return name.substr(0, end) + "...";
}

const core::Code& code_of(const Place& place) {
    const core::Module& module = place.inst->compiled->module;
    return module.code[place.entry->index - module.imported_functions];
}

Frame describe(const Place& place) {
    const Module::Impl& module = *place.inst->module;
    const core::Code& code = code_of(place);
    Frame frame;
    frame.module = module.name;
    frame.func_index = place.entry->index;
    frame.offset = code.instructions.offset;
    if (module.function_name) frame.function = shortened(module.function_name(frame.func_index));
    return frame;
}

// Functions without a name are called as they are exported. Each module's exports are looked
// at once; how many there were is returned.
u64 name_by_exports(std::span<const Place> places, std::vector<Frame>& frames) {
    u64 looked_at = 0;
    std::vector<usize> nameless;  // by function
    for (usize i = 0; i < places.size(); ++i)
        if (frames[i].function.empty()) nameless.push_back(i);
    while (!nameless.empty()) {
        const Module::Impl* module = places[nameless.front()].inst->module;
        const auto others = std::ranges::partition(
            nameless, [&](usize i) { return places[i].inst->module == module; });
        const std::span here(nameless.begin(), others.begin());
        const auto func_of = [&](usize i) { return frames[i].func_index; };
        std::ranges::sort(here, {}, func_of);
        for (const core::Export& e : module->module.exports) {
            if (e.kind != ExternKind::func) continue;
            for (const usize i : std::ranges::equal_range(here, e.index, {}, func_of))
                if (frames[i].function.empty()) frames[i].function = shortened(std::string(e.name));
        }
        looked_at += module->module.exports.size();
        nameless.erase(nameless.begin(), others.begin());
    }
    return looked_at;
}

// Where in their functions the frames stand. A function is translated again for that, once for
// all of its frames.
u64 locate(std::span<const Place> places, std::vector<Frame>& frames, const Activation& caller) {
    u64 translated = 0;
    std::vector<bool> done(places.size());
    for (usize i = 0; i < places.size(); ++i) {
        const Place& place = places[i];
        if (done[i] || place.pc == &place.entry->stub) continue;
        if (caller.should_stop()) break;
        std::vector<std::pair<CompiledModule::Located, usize>> cells;
        for (usize j = i; j < places.size(); ++j) {
            if (places[j].entry != place.entry || places[j].pc == &place.entry->stub) continue;
            done[j] = true;
            const auto cell = static_cast<u32>(places[j].pc - cells_of(*place.entry));
            cells.push_back({{cell - places[j].after_call, frames[j].offset}, j});
        }
        std::ranges::sort(cells, {}, [](const auto& each) { return each.first.cell; });
        std::vector<CompiledModule::Located> located;
        for (const auto& each : cells)
            located.push_back(each.first);
        CompiledModule& compiled = *place.inst->compiled;
        const u32 func = place.entry->index;
        const Mode mode =
            place.entry == &compiled.entry(func, Mode::metered) ? Mode::metered : Mode::plain;
        compiled.locate(compiled, func, mode, located, caller);
        translated += code_of(place).instructions.size;
        for (usize k = 0; k < cells.size(); ++k)
            frames[cells[k].second].offset = located[k].offset;
    }
    return translated;
}

}  // namespace

std::vector<Frame> backtrace(const Activation& activation, u64& units) noexcept try {
    Places collected;
    for (const Activation* a = &activation; a; a = a->outer)
        if (!collect(*a, activation, collected)) break;
    const u64 left_out = collected.left_out();
    const std::vector<Place> places = collected.take();
    std::vector<Frame> frames;
    for (const Place& place : places)
        frames.push_back(describe(place));
    const u64 exports = name_by_exports(places, frames);
    const u64 translated = locate(places, frames, activation);
    for (usize i = 0; i < frames.size(); ++i)
        frames[i].func_offset = frames[i].offset - code_of(places[i]).range.offset;
    if (left_out) frames[shown_frames].left_out = left_out;
    units = (places.size() + left_out) * fuel::per_frame + places.size() * fuel::per_shown_frame +
            exports + translated * fuel::per_translated_byte;
    return frames;
} catch (const std::bad_alloc&) {
    return {};
}

}  // namespace waxwing::interp
