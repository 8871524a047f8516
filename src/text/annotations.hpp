// Custom annotations, an appendix of the specification: what they say about the
// module they stand in. An annotation is taken by whoever finds it where it may
// stand; those left over at the end are misplaced.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/cursor.hpp"

namespace waxwing::text {

// A section a custom section may stand next to, in their order in a module.
enum class SectionKind : u8 {
    type,
    import_,
    func,
    table,
    memory,
    tag,
    global,
    export_,
    start,
    elem,
    datacount,
    code,
    data,
};
inline constexpr usize section_kind_count = 13;

// (@custom "name" placement? string*).  `slot` is twice the section's number for
// "before", one more for "after"; `last_slot` is behind the section of names too.
struct CustomSectionText {
    static constexpr usize last_slot = 2 * section_kind_count;
    std::string name;
    std::string contents;
    usize slot = last_slot;
};

class CustomAnnotations {
public:
    // Requires: `tokens` outlives this.
    explicit CustomAnnotations(const Tokens& tokens) : tokens_(&tokens) {}
    // Reads the contents of all annotations that mean something.
    Result<void> parse();

    // (@name "text") before the token at `position`. `what` is for the message.
    Result<std::optional<std::string_view>> take_name(usize position, std::string_view what);
    // (@custom ...) before the token at `position`, which is between two fields.
    void take_custom(usize position);
    // (@metadata.code.branch_hint "\00" | "\01"), by the token it stands before.
    std::unordered_map<u32, bool>& hints() { return hints_; }
    // (@datacount), our own: there is a data count section, needed or not.
    bool data_count() const { return data_count_; }
    // Fails if an annotation was not taken.
    Result<void> finish() const;

    const std::vector<CustomSectionText>& sections() const { return placed_; }

private:
    struct Custom {
        const Annotation* at;
        CustomSectionText section;
        bool taken = false;
    };
    struct Name {
        const Annotation* at;
        std::string text;
        bool taken = false;
    };
    Result<CustomSectionText> parse_custom(const Annotation& annotation) const;
    Result<usize> parse_slot(Cursor& in) const;
    Result<void> parse_hint(const Annotation& annotation);
    Error fail(TextFault fault, const Annotation& annotation) const;

    const Tokens* tokens_;
    std::vector<Custom> customs_;  // in the order of the text
    std::deque<Name> names_;       // in the order of the text; addresses are kept
    std::unordered_map<u32, bool> hints_;
    std::unordered_map<u32, const Annotation*> hint_places_;
    std::vector<CustomSectionText> placed_;
    bool data_count_ = false;
};

}  // namespace waxwing::text
