#include "decoder/module_decoder.hpp"

#include <array>

#include "core/limits.hpp"
#include "core/try.hpp"
#include "decoder/instr_reader.hpp"
#include "decoder/sections.hpp"
#include "decoder/types.hpp"

namespace waxwing {
namespace {

struct Section {
    const char* name;
    u8 order;  // ids do not say which section comes first
    Feature feature;
    Result<void> (*decode)(Reader&, core::Module&);
};

// By section id.
constexpr std::array<Section, 14> sections = {{
    {"custom", 0, Feature::mvp, nullptr},
    {"type", 1, Feature::mvp, decode_types},
    {"import", 2, Feature::mvp, decode_imports},
    {"function", 3, Feature::mvp, decode_functions},
    {"table", 4, Feature::mvp, decode_tables},
    {"memory", 5, Feature::mvp, decode_memories},
    {"global", 7, Feature::mvp, decode_globals},
    {"export", 8, Feature::mvp, decode_exports},
    {"start", 9, Feature::mvp, decode_start},
    {"element", 10, Feature::mvp, decode_elements},
    {"code", 12, Feature::mvp, decode_code},
    {"data", 13, Feature::mvp, decode_data},
    {"data count", 11, Feature::bulk_memory, decode_data_count},
    {"tag", 6, Feature::exceptions, decode_tags},
}};

// magic ::= 0x00 'a' 's' 'm'   version ::= 0x01 0x00 0x00 0x00
Result<void> decode_preamble(Reader& in) {
    constexpr u32 magic = 0x6D736100;
    constexpr u32 version = 1;

    if (TRY(in.f32_bits()) != magic) return in.fail(Fault::magic_header_not_detected, {}, 0);
    const u32 at = in.offset();
    const u32 found = TRY(in.f32_bits());
    if (found == version) return {};
    const u32 layer = found >> 16;
    const u32 draft = found & 0xFFFF;
    if (layer == 1 && draft != 0) {
        return std::unexpected(
            std::move(Error(Code::compile, ErrorKind::unsupported,
                            std::string(to_string(Fault::unknown_binary_version)) +
                                ": this is a component, which Waxwing does not run yet; "
                                "use a core module (at 0x4)")
                          .with_offset(at)));
    }
    return in.fail(Fault::unknown_binary_version, std::to_string(found), at);
}

// customsec ::= name byte*
Result<void> decode_custom(Reader& in, core::Module& module, u32 at, u8 after) {
    if (module.customs.size() == limits::custom_sections)
        return std::unexpected(limit_error("too many custom sections", at));
    core::CustomSection custom;
    custom.offset = at;
    custom.after_section = after;
    custom.name = TRY(in.name());
    custom.payload = TRY(in.take(in.remaining()));
    module.customs.push_back(custom);
    return {};
}

// section ::= id:byte size:u32 contents
Result<void> decode_sections(Reader& in, core::Module& module) {
    u8 last = 0;  // id of the last section that is not custom
    while (!in.at_end()) {
        const u32 at = in.offset();
        const u8 id = TRY(in.byte());
        if (id >= sections.size()) return in.fail(Fault::malformed_section_id, hex_byte(id), at);
        const Section& section = sections[id];
        if (id != 0) {
            if (section.order <= sections[last].order) {
                return in.fail(Fault::unexpected_content,
                               std::string(": ") + section.name + " section after the " +
                                   sections[last].name + " section",
                               at);
            }
            if (!module.features.has(section.feature)) {
                return std::unexpected(
                    unsupported(section.feature, std::string(section.name) + " section", at));
            }
            last = id;
        }
        const u32 size = TRY(in.length());
        Reader contents = TRY(in.sub(size));
        if (id == 0)
            TRY(decode_custom(contents, module, at, last));
        else
            TRY(section.decode(contents, module));
        if (!contents.at_end()) {
            return in.fail(Fault::section_size_mismatch,
                           ": " + std::to_string(contents.remaining()) + " bytes left of the " +
                               section.name + " section",
                           contents.offset());
        }
    }
    return {};
}

// What the sections say about each other.
Result<void> check_counts(Reader& in, const core::Module& module) {
    const usize declared = module.functions.size() - module.imported_functions;
    if (declared != module.code.size()) {
        return in.fail(Fault::inconsistent_function_lengths,
                       ": " + std::to_string(declared) + " and " +
                           std::to_string(module.code.size()),
                       in.offset());
    }
    if (module.data_count && *module.data_count != module.datas.size()) {
        return in.fail(Fault::inconsistent_data_count,
                       ": " + std::to_string(*module.data_count) + " and " +
                           std::to_string(module.datas.size()),
                       in.offset());
    }
    return {};
}

// The mistake to report when the sections hold one, `error`: malformed
// instructions stand before whatever follows the code section.
[[gnu::cold]] Error first_error(const core::Module& module, Error error) {
    Instr instr{};
    for (const core::Code& code : module.code) {
        InstrReader in(module, code.instructions);
        while (!in.done()) {
            if (Result<void> next = in.next(instr); !next) return std::move(next).error();
        }
    }
    return error;
}

}  // namespace

Result<core::Module> decode_module(core::ModuleBytes bytes, Features features) {
    if (bytes.size() > limits::module_size) {
        return std::unexpected(limit_error("module too large: " + std::to_string(bytes.size()) +
                                               " bytes (limit " +
                                               std::to_string(limits::module_size) + ")",
                                           0));
    }
    core::Module module;
    module.bytes = std::move(bytes);
    module.features = features;
    Reader in(module.bytes);
    TRY(decode_preamble(in));
    Result<void> result = decode_sections(in, module);
    if (result) result = check_counts(in, module);
    if (!result) return std::unexpected(first_error(module, std::move(result).error()));
    return module;
}

}  // namespace waxwing
