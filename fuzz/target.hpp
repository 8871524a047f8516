// What every target has: libFuzzer, or replay.cpp, calls the function below for each input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace waxwing::fuzz {

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
    return std::as_bytes(std::span(data, size));
}

// A finding: ends the process.
inline void insist(bool holds, const char* claim, std::string_view detail = "") {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n%.*s\n", claim, static_cast<int>(detail.size()),
                 detail.data());
    std::abort();
}

}  // namespace waxwing::fuzz
