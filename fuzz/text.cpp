// Any text is a module, or a script, or said to be none; what is a module can be
// decoded, and so can the modules in a script.
#include "text/script.hpp"

#include "decoder/module_decoder.hpp"
#include "target.hpp"
#include "waxwing/text.hpp"

namespace {

using namespace waxwing;

void expect_well_formed(std::span<const std::byte> bytes) {
    const auto module = decode_module(core::ModuleBytes::borrowed(bytes), Features::all());
    if (!module && module.error().kind() == ErrorKind::limit) return;
    fuzz::insist(module.has_value(), "what is parsed can be decoded",
                 module ? std::string_view("") : module.error().message());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    if (const auto module = parse_wat(source)) expect_well_formed(*module);
    if (const auto script = text::parse_script(source)) {
        for (const text::Command& command : script->commands)
            if (command.module && command.module->kind != text::ScriptModule::Kind::binary)
                if (const auto bytes = text::encode(*command.module))
                    expect_well_formed(std::as_bytes(std::span(*bytes)));
    }
    return 0;
}
