// try_table, throw and throw_ref. See try_table.hpp.
#include "interp/compiler.hpp"
#include "interp/fuel.hpp"
#include "interp/handlers.hpp"

namespace waxwing::interp {

// Labels of clauses are counted from outside of the try_table. Values of a
// clause are written where its label expects them, so that no code is needed to
// get there; only a return needs an instruction of its own (return_pads).
void FuncCompiler::try_table(const Instr& in) {
    TryTable::Region region{.begin = 0,
                            .end = TryTable::none,
                            .parent = region_,
                            .first_clause = static_cast<u32>(tries_.clauses.size()),
                            .clause_count = static_cast<u32>(in.catches.size())};
    for (const CatchClause& clause : in.catches) {
        const auto index = static_cast<u32>(tries_.clauses.size());
        TryTable::Clause made{
            .kind = clause.kind, .slot = 0, .tag = clause.tag, .target = TryTable::none};
        Control& to = label(clause.label);
        if (clause.label + 1 < controls_.size()) {
            made.slot = to.base;
            made.target = to.label;
            if (to.kind != Opcode::loop) to.label = index | clause_patch;
        }
        tries_.clauses.push_back(made);
    }
    enter(in);
    fence();  // nothing is fused across the region's border
    fuel_start_ = none;
    region.begin = position();
    region_ = static_cast<u32>(tries_.regions.size());
    tries_.regions.push_back(region);
}

void FuncCompiler::end_try_table() {
    flush();
    fence();
    tries_.regions[region_].end = position();
    region_ = tries_.regions[region_].parent;
}

// At the end of the function: what catch clauses that return continue with.
void FuncCompiler::return_pads() {
    u32 pad = none;
    for (TryTable::Clause& clause : tries_.clauses) {
        if (clause.target != TryTable::none) continue;
        if (pad == none) {
            pad = position();
            const std::span<const ValType> types = module_.func_type(func_).results;
            const bool single = types.size() == 1 && !types[0].is_vector();
            instr(single ? return_handler(kind_of(types[0]), Src::slot) : ret_handler());
            slots(link_, 0);
        }
        clause.target = pad;
    }
}

void FuncCompiler::throw_(const Instr& in) {
    const FuncType& type = *module_.types[module_.tags[in.index].type].func();
    const auto count = static_cast<u32>(type.params.size());
    fuel_cost_ += fuel::for_bytes(sizeof(Object) + slot_count(type.params) * sizeof(u64));
    materialize_top(count);
    instr(throw_handler());
    slots_word(count ? top(count - 1).home : next_home(), 0, in.index);
    set_unreachable();
}

void FuncCompiler::throw_ref() {
    flush();
    const Operand exception = slot_operand(top());
    instr(throw_ref_handler());
    slots(0, exception.slot);
    set_unreachable();
}

}  // namespace waxwing::interp
