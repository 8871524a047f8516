// Which parts of WebAssembly a module may use.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)
namespace waxwing {

enum class Feature : std::uint8_t {
    mvp,
    sign_extension,
    saturating_float_to_int,
    bulk_memory,
    reference_types,
    multi_value,
    mutable_globals,
    simd,
    relaxed_simd,
    tail_call,
    extended_const,
    multi_memory,
    memory64,
    function_references,
    gc,
    exceptions,
    // Beyond 3.0, off by default.
    threads,
    custom_page_sizes,
    wide_arithmetic,
    legacy_exceptions,
};
inline constexpr unsigned feature_count = 20;

// The name used in messages and on the command line: "bulk-memory".
const char* to_string(Feature feature);

class Features {
public:
    // WebAssembly 3.0: everything but the proposals listed last above.
    constexpr Features() = default;
    static constexpr Features all() { return Features((1u << feature_count) - 1); }
    static constexpr Features none() { return Features(1); }

    constexpr bool has(Feature f) const { return (bits_ >> static_cast<unsigned>(f)) & 1; }
    constexpr Features with(Feature f, bool on = true) const {
        const std::uint32_t bit = 1u << static_cast<unsigned>(f);
        return Features(on ? bits_ | bit : bits_ & ~bit);
    }
    friend constexpr bool operator==(Features, Features) = default;

private:
    constexpr explicit Features(std::uint32_t bits) : bits_(bits) {}
    std::uint32_t bits_ = (1u << static_cast<unsigned>(Feature::threads)) - 1;
};

}  // namespace waxwing
#pragma GCC visibility pop
