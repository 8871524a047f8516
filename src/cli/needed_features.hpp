// What a module has to have switched on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "waxwing/features.hpp"
#include "waxwing/module.hpp"

namespace waxwing::cli {

struct NeededFeature {
    Feature feature;
    std::string witness;   // what needs it: "i32.extend8_s", "tag section"
    std::uint64_t offset;  // of that, in the module's bytes
};

// The features without which a valid module is rejected, in the order in which
// they are found to be missing, with the first thing that needs each.
std::vector<NeededFeature> needed_features(Bytes bytes);

}  // namespace waxwing::cli
