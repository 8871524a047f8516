// What handlers ask of code outside of the machine: what allocates, or runs the host's functions.
//
// No exception may pass through handlers, which are compiled without tables for it and jump to
// each other. So what they call throws nothing: a failure is in the result, and where it takes an
// Error to tell, that is in the activation. tests/architecture checks that handlers themselves
// allocate nothing.
#pragma once

#include "interp/objects.hpp"

namespace waxwing::interp {

// Runs a host function for the guest that stands at `pc`; arguments and results are at `frame`.
// False if it failed; its error, or what became of its exception, is in the activation.
[[nodiscard]] bool call_host(FuncInst& func, ModuleInst& inst, const Cell* pc, u64* fp,
                             u64* frame) noexcept;

// Goes to another instance: what to come back to is kept beside the stack. False, and nothing
// changed, if there is no memory for that.
[[nodiscard]] bool enter_instance(ModuleInst& to, ModuleInst& from, const Cell* pc,
                                  u64* fp) noexcept;
// The next enter_instance() of this activation will not fail.
[[nodiscard]] bool prepare_to_enter(Activation& activation) noexcept;

// Translates the function. False if that cannot be done, with the error in the activation, or if
// the call is to stop first, with that status; it is tried again when it is called again.
[[nodiscard]] bool translate(const FuncEntry& entry, ModuleInst& inst) noexcept;

// ModuleInst::func_ref(); null if there is no memory for it.
[[nodiscard]] FuncInst* func_ref(ModuleInst& inst, u32 index) noexcept;

}  // namespace waxwing::interp
