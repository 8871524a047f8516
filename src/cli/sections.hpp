// The sections of a binary module, as a list.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace waxwing::cli {

struct Section {
    unsigned id = 0;
    std::string name;          // "type", "custom"
    std::string custom_name;   // of a custom section
    std::uint64_t offset = 0;  // of the contents
    std::uint32_t size = 0;
    std::uint32_t count = 0;  // of entries; none for custom, start and data count
    bool counted = false;
};

// "code   24136 bytes at 0x1a6  24 entries"
std::string describe(const Section& section);

// Requires a well-formed module; stops early otherwise.
std::vector<Section> list_sections(std::span<const std::byte> module);

}  // namespace waxwing::cli
