// What `waxwing run` was asked to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/values.hpp"
#include "waxwing/features.hpp"
#include "waxwing/store.hpp"
#include "waxwing/wasi.hpp"

namespace waxwing::cli {

struct RunOptions {
    std::string file;  // "-" for standard input
    Args args;         // what followed it
    WasiConfig wasi;   // argv included
    std::optional<std::string> invoke;
    ResultStyle results = ResultStyle::plain;
    std::optional<std::uint64_t> fuel;
    std::optional<std::chrono::nanoseconds> timeout;
    StoreLimits limits{.max_total_bytes = std::uint64_t{5} << 30};
    Features features;
};

// Reads the command line; the exit code if there is nothing to run.
std::optional<int> read_run_options(const Args& args, RunOptions& options);

// HOST[::GUEST][:ro][:max=SIZE]. None if HOST or GUEST is empty or SIZE is none.
std::optional<Preopen> parse_preopen(std::string_view text);
// GUEST[=SIZE]. None if GUEST is empty or SIZE is none.
std::optional<Preopen> parse_temp_dir(std::string_view text);

}  // namespace waxwing::cli
