#include "interp/outside.hpp"

#include <algorithm>
#include <new>

#include "core/guard.hpp"
#include "interp/compiled_module.hpp"

namespace waxwing::interp {

bool call_host(FuncInst& func, ModuleInst& inst, const Cell* pc, u64* fp, u64* frame) noexcept {
    Activation* activation = inst.activation;
    activation->pc = pc;
    activation->fp = fp;
    activation->inst = &inst;
    activation->host_top = frame + std::max(func.param_slots, func.result_slots);
    if (activation->host_top > activation->stack_end) {
        activation->error = Error::trapped(Trap::call_stack_exhausted);
        return false;
    }
    Caller caller(activation, &inst);
    Result<void> done =
        guard(Code::call, [&] { return func.code(func.environment, caller, frame); });
    // It may have called something that ran in this instance.
    inst.activation = activation;
    inst.stack_end = activation->stack_end;
    if (done) [[likely]]
        return true;
    activation->error = std::move(done).error();
    return false;
}

bool prepare_to_enter(Activation& activation) noexcept {
    std::vector<Switch>& switches = activation.switches;
    if (switches.size() < switches.capacity()) [[likely]]
        return true;
    try {
        switches.reserve(std::max<usize>(16, 2 * switches.size()));
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

bool enter_instance(ModuleInst& to, ModuleInst& from, const Cell* pc, u64* fp) noexcept {
    Activation* activation = from.activation;
    if (!prepare_to_enter(*activation)) return false;
    activation->switches.push_back({&from, pc, fp});
    to.activation = activation;
    to.stack_end = activation->stack_end;
    return true;
}

bool translate(const FuncEntry& entry, ModuleInst& inst) noexcept {
    Activation& activation = *inst.activation;
    try {
        Result<bool> done = inst.compiled->ensure(entry.index, activation);
        if (done && *done) return true;
        if (done)
            activation.status = Status::interrupted;
        else
            activation.error = std::move(done).error();
    } catch (...) {
        activation.error = Error::trapped(Trap::out_of_memory);
    }
    return false;
}

FuncInst* func_ref(ModuleInst& inst, u32 index) noexcept {
    try {
        return inst.func_ref(index);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

}  // namespace waxwing::interp
