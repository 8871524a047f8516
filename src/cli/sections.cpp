#include "cli/sections.hpp"

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <optional>

#include "core/printable.hpp"

namespace waxwing::cli {
namespace {

class Cursor {
public:
    explicit Cursor(std::span<const std::byte> bytes, std::size_t at) : bytes_(bytes), at_(at) {}

    std::size_t at() const { return at_; }
    bool at_end() const { return at_ >= bytes_.size(); }

    std::optional<std::uint8_t> byte() {
        if (at_end()) return std::nullopt;
        return static_cast<std::uint8_t>(bytes_[at_++]);
    }
    std::optional<std::uint32_t> u32() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const auto next = byte();
            if (!next) return std::nullopt;
            value |= std::uint64_t{*next & 0x7Fu} << shift;
            if (!(*next & 0x80)) return static_cast<std::uint32_t>(value);
        }
        return std::nullopt;
    }
    std::optional<std::span<const std::byte>> take(std::size_t count) {
        if (count > bytes_.size() - at_) return std::nullopt;
        at_ += count;
        return bytes_.subspan(at_ - count, count);
    }

private:
    std::span<const std::byte> bytes_;
    std::size_t at_;
};

constexpr std::array<const char*, 14> names = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag"};

}  // namespace

std::string describe(const Section& section) {
    const std::string name =
        section.name == "custom" ? "custom " + printable(section.custom_name) : section.name;
    const std::string count =
        section.counted
            ? fmt::format("  {} {}", section.count, section.count == 1 ? "entry" : "entries")
            : "";
    std::string text =
        fmt::format("{:<24} {:>9} bytes at 0x{:<8x}{}", name, section.size, section.offset, count);
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

std::vector<Section> list_sections(std::span<const std::byte> module) {
    constexpr std::size_t header_size = 8;
    std::vector<Section> sections;
    Cursor in(module, header_size);
    while (!in.at_end()) {
        const auto id = in.byte();
        const auto size = in.u32();
        if (!id || !size || *id >= names.size()) break;
        Section section{.id = *id, .name = names[*id], .offset = in.at(), .size = *size};
        const auto contents = in.take(*size);
        if (!contents) break;

        Cursor inside(*contents, 0);
        if (section.name == "custom") {
            const auto length = inside.u32();
            if (const auto text = length ? inside.take(*length) : std::nullopt)
                section.custom_name.assign(reinterpret_cast<const char*>(text->data()),
                                           text->size());
        } else if (section.name != "start" && section.name != "data count") {
            section.counted = true;
            section.count = inside.u32().value_or(0);
        }
        sections.push_back(std::move(section));
    }
    return sections;
}

}  // namespace waxwing::cli
