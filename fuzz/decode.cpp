// Any bytes are decoded, or said to be malformed: sections, names, every
// instruction, and the listing made of them.
#include "decoder/instr_reader.hpp"
#include "decoder/module_decoder.hpp"
#include "decoder/names.hpp"
#include "print/dump.hpp"
#include "target.hpp"

namespace {

using namespace waxwing;

void read_instructions(const core::Module& module) {
    for (const core::Code& code : module.code) {
        InstrReader reader(module, code.instructions);
        for (Instr in{}; !reader.done();)
            if (!reader.next(in)) break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::bytes_of(data, size);
    const auto module = decode_module(core::ModuleBytes::borrowed(bytes), Features::all());
    const TextSink nowhere = [](std::string_view) { return true; };
    const auto dump = print::Dump::read(bytes, nowhere);
    fuzz::insist(module.has_value() == dump.has_value(), "what can be decoded can be listed");
    if (!module) return 0;
    (void)parse_names(*module);
    (void)parse_all_names(*module);
    read_instructions(*module);
    for (unsigned id = 1; id <= 13; ++id)
        (void)(*dump)->section(id);
    return 0;
}
