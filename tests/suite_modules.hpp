// The modules in the specification's tests. Set WASM_TESTSUITE to their folder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace waxwing::test {

struct SuiteModule {
    std::string where;     // "block.wast:12"
    bool is_text = false;  // else given as bytes
    std::string text;      // as the script has it, if it is
    std::vector<std::byte> bytes;
};

bool has_suite();
// Each once, valid or not, but none that is malformed. Requires has_suite().
const std::vector<SuiteModule>& suite_modules();

}  // namespace waxwing::test
