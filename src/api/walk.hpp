// The one walk over an expression: each instruction is decoded, validated and
// handed on, in turn.
#pragma once

#include "core/instr.hpp"
#include "core/module.hpp"
#include "core/try.hpp"
#include "decoder/instr_reader.hpp"
#include "validator/func_validator.hpp"

namespace waxwing {

// A listener that wants nothing: the walk only validates.
struct NoListener {
    void emit(const Instr&) {}
};

// Calls listener.emit(instr) for each instruction, the final `end` included.
// `validator` has begun the expression; without one (null), the expression is
// known to be valid.
template <class Listener>
Result<void> walk_body(const core::Module& module, core::Range instructions,
                       FuncValidator* validator, Listener& listener,
                       InstrReader::Body body = InstrReader::Body::function) {
    InstrReader reader(module, instructions, body);
    Instr in{};  // GCC 12 deletes the default constructor
    while (!reader.done()) {
        TRY(reader.next(in));
        if (validator) TRY(validator->check(in));
        listener.emit(in);
    }
    return {};
}

}  // namespace waxwing
