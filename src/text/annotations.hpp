// Custom annotations, an appendix of the specification: what they say about the
// module they stand in. An annotation is taken by whoever finds it where it may
// stand; what nobody takes is misplaced.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "text/cursor.hpp"
#include "text/section.hpp"

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

// Where a custom section may stand: twice the section's number for "before", one more
// for "after"; the last slot is behind the section of names too.
inline constexpr usize last_slot = 2 * section_kind_count;

class CustomAnnotations {
public:
    // Requires: `in` outlives this.
    explicit CustomAnnotations(Cursor& in) : in_(in) {}

    // (@name "text") before this token: where the string stands. `what` is for the message.
    Result<std::optional<u32>> take_name(std::string_view what);
    // (@custom ...) before this token, which is between two fields.
    Result<void> take_customs();
    // (@metadata.code.branch_hint "\00" | "\01") before this token: is it likely?
    Result<std::optional<bool>> take_hint();
    // At the end of the text: fails if an annotation was not taken.
    Result<void> finish();

    // The custom sections, whole, of a slot.
    std::array<Section, last_slot + 1>& sections() { return sections_; }
    // Does one of them say what we would say otherwise?
    bool gives_names() const { return gives_names_; }
    bool gives_hints() const { return gives_hints_; }

private:
    Result<void> custom(const Annotation& annotation);
    Result<usize> slot(Cursor& in) const;
    Result<u32> name(const Annotation& annotation) const;
    Result<bool> hint(const Annotation& annotation) const;
    Error fail(TextFault fault, const Annotation& annotation, std::string_view detail = {}) const;

    Cursor& in_;
    std::array<Section, last_slot + 1> sections_;
    bool gives_names_ = false;
    bool gives_hints_ = false;
};

}  // namespace waxwing::text
