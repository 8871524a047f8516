// Counts what the tests' own code allocates, by replacing operator new and
// delete of the executable this is linked into. One thread only.
#pragma once

#include <cstddef>

namespace waxwing::test {

// Bytes held since the scope began: what a call kept or used for a while.
class AllocationScope {
public:
    AllocationScope();
    // The most that was held at once, beyond what was held at the beginning.
    std::size_t peak() const;

private:
    std::size_t before_;
};

// What everything that is made of a module may take together: so much for every byte of
// the module, and a constant.
constexpr std::size_t module_share(std::size_t input, std::size_t for_each_byte = 50) {
    return for_each_byte * input + (std::size_t{2} << 20);
}

}  // namespace waxwing::test
