// Modules that make as much as they can of their bytes, one for each kind of
// thing that is made of a module.
#pragma once

#include <span>

#include "bytes.hpp"

namespace waxwing::test {

struct Producer {
    const char* name;
    // Valid, imports nothing but functions of type [] -> [] from "" "", and grows with `n`.
    Bytes (*module)(unsigned n);
    unsigned n;                       // for a few hundred kilobytes
    std::size_t bytes_per_byte = 50;  // at most, of what is made of it
};

std::span<const Producer> producers();

}  // namespace waxwing::test
