// The text of a module is parsed to a module that has the same text; what was
// written by the parser comes back as it was.
#include "target.hpp"
#include "waxwing/module.hpp"
#include "waxwing/text.hpp"

namespace {

using namespace waxwing;

std::string print(Bytes module, const PrintOptions& options) {
    auto text = print_wat(module, options);
    fuzz::insist(text.has_value(), "what is valid can be printed");
    return *std::move(text);
}

std::vector<std::byte> print_and_parse(Bytes module, const PrintOptions& options) {
    const std::string text = print(module, options);
    auto parsed = parse_wat(text);
    fuzz::insist(parsed.has_value(), "what is printed can be parsed", text);
    return *std::move(parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::bytes_of(data, size);
    if (!Module::validate(bytes, Features::all())) return 0;
    const PrintOptions plain{.annotations = false};
    for (const bool fold : {false, true}) {
        const PrintOptions options{.fold = fold, .offsets = fold};
        const auto once = print_and_parse(bytes, options);
        fuzz::insist(Module::validate(once, Features::all()).has_value(), "it remains valid");
        fuzz::insist(print(once, plain) == print(bytes, plain), "the texts are the same",
                     print(bytes, plain));
        fuzz::insist(print_and_parse(once, options) == once, "the bytes are the same");
    }
    return 0;
}
