#include "text/locate.hpp"

#include <new>

#include "text/module_parser.hpp"
#include "text/text.hpp"

namespace waxwing::text {
namespace {

constexpr u8 code_section = 10, start_section = 8, data_count_section = 12;

// Reads a module that was just written.
struct Reader {
    std::span<const std::byte> bytes;
    usize at;

    bool at_end() const { return at >= bytes.size(); }
    u8 byte() { return at_end() ? 0 : static_cast<u8>(bytes[at++]); }
    u32 u32_leb() {
        u64 value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const u8 next = byte();
            value |= u64{next & 0x7Fu} << shift;
            if (next < 0x80) break;
        }
        return static_cast<u32>(value);
    }
};

void find_body(Reader in, u64 offset, SoughtPlace& sought) {
    for (; !in.at_end(); ++sought.body) {
        const u32 size = in.u32_leb();
        if (offset < in.at + size) break;
        in.at += size;
    }
    sought.offset = offset > in.at ? static_cast<usize>(offset - in.at) : 0;
}

// "words (at 0x3f, func 2)" with another place.
std::string moved(std::string_view message, std::string_view place) {
    const usize old = message.rfind(" (at 0x");
    std::string text(message.substr(0, old));
    return text.append(" (").append(place).append(")");
}

}  // namespace

SoughtPlace find_section(std::span<const std::byte> module, u64 offset) {
    SoughtPlace sought;
    Reader in{module, 8};
    while (!in.at_end()) {
        const u8 id = in.byte();
        const u32 size = in.u32_leb();
        const usize end = in.at + size;
        if (offset < end) {
            sought.section = id;
            if (id != 0 && id != start_section && id != data_count_section) in.u32_leb();
            sought.offset = offset > in.at ? static_cast<usize>(offset - in.at) : 0;
            if (id == code_section) find_body(in, offset, sought);
            break;
        }
        in.at = end;
    }
    return sought;
}

Error locate(Error error, std::string_view source, usize begin, usize end,
             const TextOptions& options) {
    const auto offset = error.byte_offset();
    if (!offset) return error;
    const auto module = module_to_binary(source, begin, end, options);
    if (!module) return error;
    SoughtPlace sought = find_section(*module, *offset);
    ModuleParser parser(source, begin, end);
    parser.context().u32_limits = options.u32_limits;
    parser.context().sought = &sought;
    if (options.annotations) parser.context().in.heed_annotations();
    if (!parser.parse() || !sought.found) return error;

    const Place place = place_of(source, sought.place);
    std::string text =
        "at line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
    if (error.function()) text += ", func " + std::to_string(*error.function());
    if (!sought.func_name.empty()) text.append(" ").append(sought.func_name);
    Error located(error.code(), error.kind(), moved(error.message(), text));
    located.with_offset(sought.place);
    if (const auto function = error.function()) located.with_function(*function);
    if (const auto feature = error.feature()) located.with_feature(*feature);
    return located;
}

}  // namespace waxwing::text

namespace waxwing {

Error locate_in_text(Error error, std::string_view source, const TextOptions& options) try {
    return text::locate(error, source, 0, source.size(), options);
} catch (const std::bad_alloc&) {
    return error;  // without the place
}

}  // namespace waxwing
