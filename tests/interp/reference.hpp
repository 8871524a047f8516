// A tiny evaluator of programs, to compare the interpreter with: a stack
// machine over a tree of instructions, as close to the specification's words as
// can be, and sharing nothing with the interpreter.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "numeric_ops.hpp"

namespace waxwing::test {

// A memory access: how many bytes, and what they are to the program.
struct Access {
    const char* name;
    Ty type;
    std::uint8_t width;
    bool sign;
};
inline constexpr std::array loads = {
    Access{"i32.load", Ty::i32, 4, false},    Access{"i64.load", Ty::i64, 8, false},
    Access{"f32.load", Ty::f32, 4, false},    Access{"f64.load", Ty::f64, 8, false},
    Access{"i32.load8_s", Ty::i32, 1, true},  Access{"i32.load8_u", Ty::i32, 1, false},
    Access{"i32.load16_s", Ty::i32, 2, true}, Access{"i32.load16_u", Ty::i32, 2, false},
    Access{"i64.load8_s", Ty::i64, 1, true},  Access{"i64.load8_u", Ty::i64, 1, false},
    Access{"i64.load16_s", Ty::i64, 2, true}, Access{"i64.load16_u", Ty::i64, 2, false},
    Access{"i64.load32_s", Ty::i64, 4, true}, Access{"i64.load32_u", Ty::i64, 4, false},
};
inline constexpr std::array stores = {
    Access{"i32.store", Ty::i32, 4, false},   Access{"i64.store", Ty::i64, 8, false},
    Access{"f32.store", Ty::f32, 4, false},   Access{"f64.store", Ty::f64, 8, false},
    Access{"i32.store8", Ty::i32, 1, false},  Access{"i32.store16", Ty::i32, 2, false},
    Access{"i64.store8", Ty::i64, 1, false},  Access{"i64.store16", Ty::i64, 2, false},
    Access{"i64.store32", Ty::i64, 4, false},
};

struct Node {
    enum class Kind : std::uint8_t {
        constant,
        numeric,
        local_get,
        local_set,
        local_tee,
        global_get,
        global_set,
        load,
        store,
        drop,
        select,
        nop,
        unreachable,
        return_,
        block,
        loop,
        if_,
        br,
        br_if,
        br_table,
        call,
        call_indirect,
        return_call,
        dead,
    };
    Kind kind;
    Ty type = Ty::i32;        // of constants
    std::uint64_t bits = 0;   // of constants; offset of accesses
    std::uint32_t index = 0;  // local, global, label, function; the last label of br_table
    const NumericOp* op = nullptr;
    const Access* access = nullptr;
    std::vector<Ty> params, results;  // of blocks; of call_indirect the expected type
    std::vector<Node> body, otherwise;
    std::vector<std::uint32_t> labels;
};

struct Function {
    std::vector<Ty> params, results, locals;
    std::vector<Node> body;
};

struct Program {
    std::vector<Function> functions;  // of the table too, which ends with one null
    std::vector<Ty> globals;          // all zero at first
    std::string text() const;         // in the text format; the last function is "f"
};

struct Outcome {
    bool finished = false;  // within the limit on steps
    Trap trap = Trap::none;
    std::vector<std::uint64_t> results;
    std::uint64_t steps = 0;  // executed instructions, as fuel counts them
    std::vector<std::uint64_t> globals;
    std::vector<std::uint8_t> memory;
};
Outcome evaluate(const Program& program, const std::vector<std::uint64_t>& args,
                 std::uint64_t max_steps);

}  // namespace waxwing::test
