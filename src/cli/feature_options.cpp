#include "cli/feature_options.hpp"

#include <optional>

namespace waxwing::cli {
namespace {

std::optional<Feature> find_feature(const std::string& name) {
    for (unsigned i = 1; i < feature_count; ++i)
        if (name == to_string(static_cast<Feature>(i))) return static_cast<Feature>(i);
    return std::nullopt;
}

}  // namespace

void FeatureOptions::add_to(Options& options) {
    options.group("Features");
    options.list("--enable", "FEATURE", enable,
                 "Accept modules that need a feature beyond WebAssembly 3.0: threads, "
                 "custom-page-sizes, wide-arithmetic. Repeatable.");
    options.list("--disable", "FEATURE", disable,
                 "Reject modules that need a feature: simd, gc, ..., by the names that waxwing "
                 "inspect uses. Repeatable.");
}

std::string FeatureOptions::fault() const {
    for (const std::string& name : enable) {
        const auto feature = find_feature(name);
        if (!feature) return "--enable " + name + ": no such feature";
        if (feature == Feature::legacy_exceptions) return "--enable " + name + ": not supported";
    }
    for (const std::string& name : disable)
        if (!find_feature(name)) return "--disable " + name + ": no such feature";
    return {};
}

Features FeatureOptions::applied_to(Features features) const {
    for (const std::string& name : enable)
        features = features.with(*find_feature(name));
    for (const std::string& name : disable)
        features = features.with(*find_feature(name), false);
    return features;
}

}  // namespace waxwing::cli
