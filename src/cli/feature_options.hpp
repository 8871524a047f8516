// The options --enable and --disable.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "waxwing/features.hpp"

namespace waxwing::cli {

struct FeatureOptions {
    std::vector<std::string> enable, disable;

    // This must outlive the options, which put into it what they read.
    void add_to(Options& options);
    // What is wrong with the names given; empty if nothing is.
    std::string fault() const;
    // Requires that nothing is wrong.
    Features applied_to(Features features) const;
};

}  // namespace waxwing::cli
