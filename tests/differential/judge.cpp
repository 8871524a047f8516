// Says of modules on standard input whether they are valid, one line for each: "valid", or the
// offset and what is wrong. Each module has its length before it, in four bytes, the lowest first.
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <span>
#include <string>

#include "waxwing/module.hpp"

namespace {

using namespace waxwing;

std::string verdict(Bytes module) {
    const auto valid = Module::validate(module);
    if (valid) return "valid";
    const Error& error = valid.error();
    return std::to_string(error.byte_offset().value_or(0)) + ' ' + std::string(error.message());
}

}  // namespace

int main() {
    const std::string input(std::istreambuf_iterator<char>(std::cin), {});
    auto rest = std::as_bytes(std::span(input));
    while (rest.size() >= 4) {
        std::uint32_t length = 0;
        for (unsigned i = 0; i < 4; ++i)
            length |= std::to_integer<std::uint32_t>(rest[i]) << (8 * i);
        rest = rest.subspan(4);
        if (rest.size() < length) {
            std::fputs("judge: the last module is cut off\n", stderr);
            return 2;
        }
        std::puts(verdict(rest.first(length)).c_str());
        rest = rest.subspan(length);
    }
    return 0;
}
