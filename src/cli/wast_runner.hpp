// Runs one test script, in a store of its own.
//
// 1. A script runs to its end whatever happens: a command that fails is
//    reported and the next one is tried.
// 2. Nothing but the script's own text decides the outcome, so scripts may run
//    at the same time in different threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/feature_options.hpp"
#include "cli/wast_files.hpp"
#include "cli/wast_report.hpp"

namespace waxwing::cli {

struct WastOptions {
    // Only whether it failed and how (malformed, invalid, trap, ...), not the words.
    bool ignore_messages = false;
    // Run every call with this much fuel.
    std::optional<std::uint64_t> fuel;
    // Translate functions when a module is loaded.
    bool eager = false;
    // Collect garbage at every allocation.
    bool collect_always = false;
    // Changes to the features of every script.
    FeatureOptions features;
    const SkipList* skip = nullptr;
};

// `path` names the script in the report and decides its features.
WastReport run_wast_script(const std::string& path, std::string_view source,
                           const WastOptions& options);

}  // namespace waxwing::cli
