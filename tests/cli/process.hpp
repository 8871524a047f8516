// Runs the command and looks at what it did.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waxwing::test {

struct Outcome {
    int status = 0;  // exit status, or 128 + signal
    std::string out;
    std::string err;
};

// Runs `waxwing` (the program that the environment variable WAXWING names) with
// these arguments, in the current directory.
Outcome waxwing(const std::vector<std::string>& args, std::string_view input = {},
                const std::vector<std::string>& env = {});

}  // namespace waxwing::test
