// Any bytes are a valid module or not, and translation agrees: it takes what is
// valid, and what is not has the same fault. Features that are missing are named.
#include "target.hpp"
#include "waxwing/module.hpp"

namespace {

using namespace waxwing;

void expect_features_to_be_named(Bytes bytes) {
    Features features = Features::none();
    for (;;) {
        const auto valid = Module::validate(bytes, features);
        if (valid) return;
        const auto missing = valid.error().feature();
        fuzz::insist(missing && !features.has(*missing), "a missing feature is named",
                     valid.error().message());
        features = features.with(*missing);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::bytes_of(data, size);
    const auto valid = Module::validate(bytes, Features::all());
    const auto loaded = Module::load(bytes, {.features = Features::all(), .eager = true});
    fuzz::insist(valid.has_value() == loaded.has_value(), "what is valid can be loaded",
                 (valid ? loaded.error() : valid.error()).message());
    if (!valid)
        fuzz::insist(valid.error().message() == loaded.error().message(), "the fault is the same",
                     loaded.error().message());
    else
        expect_features_to_be_named(bytes);
    return 0;
}
