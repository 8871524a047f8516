#include "cli/needed_features.hpp"

namespace waxwing::cli {
namespace {

// "illegal opcode fe 03: atomic.fence: the feature threads is ..." -> "atomic.fence"
std::string witness_in(std::string_view message) {
    message = message.substr(0, message.find(": the feature "));
    if (const auto colon = message.rfind(": "); colon != message.npos)
        message.remove_prefix(colon + 2);
    return std::string(message);
}

}  // namespace

std::vector<NeededFeature> needed_features(Bytes bytes) {
    std::vector<NeededFeature> needed;
    Features features = Features::none();
    // Each turn adds a feature, so there are no more turns than features.
    for (;;) {
        const auto valid = Module::validate(bytes, features);
        const auto missing = valid ? std::nullopt : valid.error().feature();
        if (!missing || features.has(*missing)) return needed;
        features = features.with(*missing);
        needed.push_back({*missing, witness_in(valid.error().message()),
                          valid.error().byte_offset().value_or(0)});
    }
}

}  // namespace waxwing::cli
