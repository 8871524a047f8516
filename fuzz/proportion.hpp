// Memory in proportion to an input. Whoever includes this is linked with
// tests/robustness/allocation.cpp, which counts; one thread only.
#pragma once

#include <string>

#include "../tests/robustness/allocation.hpp"
#include "target.hpp"

namespace waxwing::fuzz {

// Calls `work`, which makes what it makes from a module of `size` bytes.
template <class Work>
void insist_on_proportion(std::size_t size, Work work) {
    const test::AllocationScope memory;
    work();
    insist(memory.peak() <= test::module_share(size), "memory is in proportion to the input",
           std::to_string(memory.peak()) + " bytes for " + std::to_string(size) + "\n");
}

}  // namespace waxwing::fuzz
