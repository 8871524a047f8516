#include "text/keywords.hpp"

#include <array>

namespace waxwing::text {
namespace {

// Legacy exception instructions are not keywords of 3.0: their rows are empty.
constexpr std::string_view words[] = {
#define OP(ident, name, ...) name,
#define RULE(ident, name, ...) name,
#define LEGACY(ident, name, ...) std::string_view(),
#include "core/opcodes.def"
#define WORD(ident, text) text,
#include "text/keywords.def"
};

constexpr u32 hash(std::string_view word) {
    u32 h = 2166136261u;
    for (const char c : word)
        h = (h ^ static_cast<u8>(c)) * 16777619u;
    return h ^ h >> 15;
}

constexpr usize slots = 2048;  // a power of two, at least twice the number of words
static_assert(std::size(words) * 2 <= slots);

// Open addressing with linear probing; 0xFFFF is a free slot.
consteval std::array<u16, slots> make_index() {
    std::array<u16, slots> index{};
    index.fill(0xFFFF);
    for (usize i = 0; i < std::size(words); ++i) {
        if (words[i].empty()) continue;
        usize at = hash(words[i]) % slots;
        bool known = false;
        while (index[at] != 0xFFFF && !known) {
            known = words[index[at]] == words[i];
            if (!known) at = (at + 1) % slots;
        }
        if (!known) index[at] = static_cast<u16>(i);
    }
    return index;
}
constexpr auto word_index = make_index();

}  // namespace

Keyword find_keyword(std::string_view word) {
    for (usize at = hash(word) % slots; word_index[at] != 0xFFFF; at = (at + 1) % slots) {
        if (words[word_index[at]] == word) return static_cast<Keyword>(word_index[at]);
    }
    return Keyword::unknown;
}

u8 number_type_code(Keyword word) {
    switch (word) {
#define NUMTYPE(ident, text, code) \
    case Keyword::ident: return code;
#include "text/keywords.def"
    default: return 0;
    }
}

u8 heap_type_code(Keyword word) {
    switch (word) {
#define HEAPTYPE(ident, text, code) \
    case Keyword::ident: return code;
#include "text/keywords.def"
    default: return 0;
    }
}

u8 ref_type_code(Keyword word) {
    switch (word) {
#define REFTYPE(ident, text, code) \
    case Keyword::ident: return code;
#include "text/keywords.def"
    default: return 0;
    }
}

}  // namespace waxwing::text
