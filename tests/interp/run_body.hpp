// Runs one function body, for the tests of translation.
#pragma once

#include "support.hpp"

namespace waxwing::test {

// The one function of a module, as plain and as metered code; they must agree.
inline std::vector<Value> run(const std::string& func, const std::vector<Value>& args = {}) {
    Machine machine("(module (memory 1) (func (export \"f\") " + func + "))");
    const std::vector<Value> plain = must(machine.func("f").call(args));
    EXPECT_EQ(must(machine.func("f").call(args, {.fuel = 1'000'000})), plain) << func;
    return plain;
}
inline int run_i32(const std::string& func, const std::vector<Value>& args = {}) {
    return run(func, args).at(0).as_i32();
}
inline std::vector<Value> ints(std::initializer_list<int> list) {
    std::vector<Value> values;
    for (const int i : list)
        values.push_back(Value::i32(i));
    return values;
}

}  // namespace waxwing::test
