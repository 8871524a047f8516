#include "text/annotations.hpp"

#include <algorithm>

#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace waxwing::text {
namespace {

// In the order of SectionKind.
constexpr std::string_view section_words[section_kind_count] = {
    "type",   "import", "func", "table",     "memory", "tag",  "global",
    "export", "start",  "elem", "datacount", "code",   "data",
};

}  // namespace

Error CustomAnnotations::fail(TextFault fault, const Annotation& annotation,
                              std::string_view detail) const {
    return text_error(fault, detail, in_.source(), annotation.offset);
}

Result<std::optional<u32>> CustomAnnotations::take_name(std::string_view what) {
    std::optional<u32> first;
    if (!in_.take_annotations(annotation::name)) return first;
    Lexer space = in_.before_token();
    while (const auto next = space.next_annotation(annotation::name)) {
        const u32 at = TRY(name(*next));
        if (!first)
            first = at;
        else if (what == "module")
            return std::unexpected(fail(TextFault::name_multiple_module, *next));
        else
            return std::unexpected(fail(TextFault::name_multiple, *next, what));
    }
    return first;
}

Result<u32> CustomAnnotations::name(const Annotation& annotation) const {
    Cursor in(in_.source(), annotation.contents, annotation.end);
    const Token token = in.peek();
    if (!in.accept(TokenKind::string) || in.kind() != TokenKind::end)
        return std::unexpected(fail(TextFault::name_token, annotation));
    if (!is_utf8(unescape(in.text(token))))
        return std::unexpected(fail(TextFault::name_utf8, annotation));
    return token.offset;
}

Result<void> CustomAnnotations::take_customs() {
    if (!in_.take_annotations(annotation::custom)) return {};
    Lexer space = in_.before_token();
    while (const auto next = space.next_annotation(annotation::custom))
        TRY(custom(*next));
    return {};
}

// '(@custom' name placement? string* ')'
Result<void> CustomAnnotations::custom(const Annotation& annotation) {
    Cursor in(in_.source(), annotation.contents, annotation.end);
    const Token token = in.peek();
    if (!in.accept(TokenKind::string))
        return std::unexpected(fail(TextFault::custom_name, annotation));
    const std::string name = unescape(in.text(token));
    if (!is_utf8(name)) return std::unexpected(fail(TextFault::custom_utf8, annotation));
    usize where = last_slot;
    if (in.kind() == TokenKind::open) where = TRY(slot(in));
    std::string contents;
    in.strings(contents);
    if (in.kind() != TokenKind::end)
        return std::unexpected(fail(TextFault::custom_token, annotation));

    gives_names_ |= name == "name";
    gives_hints_ |= name == "metadata.code.branch_hint";
    Writer& out = sections_[where].entries;
    out.byte(0);
    out.u64_leb(leb_size(name.size()) + name.size() + contents.size());
    out.name(name);
    out.bytes(contents);
    sections_[where].settle();
    return {};
}

// placement ::= '(' ('before' | 'after') section ')' | '(' 'before' 'first' ')'
//             | '(' 'after' 'last' ')'
Result<usize> CustomAnnotations::slot(Cursor& in) const {
    in.advance();
    const std::string_view where = in.text(in.peek());
    if (where != "before" && where != "after")
        return std::unexpected(in.fail(TextFault::custom_placement, in.peek()));
    const usize after = where == "after";
    in.advance();
    const std::string_view what = in.text(in.peek());
    const auto* const word = std::ranges::find(section_words, what);
    usize slot = 0;
    if (word != std::end(section_words))
        slot = 2 * static_cast<usize>(word - section_words) + after;
    else if (!after && what == "first")
        slot = 0;
    else if (after && what == "last")
        slot = last_slot;
    else
        return std::unexpected(in.fail(TextFault::custom_section_kind, in.peek()));
    in.advance();
    if (!in.accept(TokenKind::close))
        return std::unexpected(in.fail(TextFault::custom_token, in.peek()));
    return slot;
}

Result<std::optional<bool>> CustomAnnotations::take_hint() {
    std::optional<bool> first;
    if (!in_.take_annotations(annotation::hint)) return first;
    Lexer space = in_.before_token();
    while (const auto next = space.next_annotation(annotation::hint)) {
        const bool likely = TRY(hint(*next));
        if (first) return std::unexpected(fail(TextFault::hint_duplicate, *next));
        first = likely;
    }
    return first;
}

Result<bool> CustomAnnotations::hint(const Annotation& annotation) const {
    Cursor in(in_.source(), annotation.contents, annotation.end);
    std::string value;
    in.strings(value);
    const bool valid = value.size() == 1 && static_cast<u8>(value[0]) <= 1;
    if (!valid || in.kind() != TokenKind::end)
        return std::unexpected(fail(TextFault::hint_token, annotation));
    return value[0] == 1;
}

Result<void> CustomAnnotations::finish() {
    const auto& left = in_.misplaced();
    if (!left) return {};
    const TextFault fault = left->kind == annotation::custom ? TextFault::custom_misplaced
                            : left->kind == annotation::name ? TextFault::name_misplaced
                                                             : TextFault::hint_outside;
    return std::unexpected(text_error(fault, {}, in_.source(), left->offset));
}

}  // namespace waxwing::text
