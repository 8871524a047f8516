// Any text is a module, or a script, or said to be none; what is a module can be
// decoded and comes back as it is when printed, and so do the modules in a script.
#include "text/script.hpp"

#include <algorithm>

#include "decoder/module_decoder.hpp"
#include "target.hpp"
#include "waxwing/text.hpp"

namespace {

using namespace waxwing;

void expect_to_come_back(std::span<const std::byte> bytes) {
    const auto module = decode_module(core::ModuleBytes::borrowed(bytes), Features::all());
    if (!module && module.error().kind() == ErrorKind::limit) return;
    fuzz::insist(module.has_value(), "what is parsed can be decoded",
                 module ? "" : module.error().message());
    const auto text = print_wat(bytes, {.fold = bytes.size() % 2 == 0});
    if (!text) return;  // its instructions may be malformed
    const auto again = parse_wat(*text);
    fuzz::insist(again && std::ranges::equal(*again, bytes), "it comes back", *text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    if (const auto module = parse_wat(source)) expect_to_come_back(*module);
    if (const auto script = text::parse_script(source)) {
        for (const text::Command& command : script->commands)
            if (command.module && command.module->kind != text::ScriptModule::Kind::binary)
                if (const auto bytes = text::encode(*command.module)) expect_to_come_back(*bytes);
    }
    return 0;
}
