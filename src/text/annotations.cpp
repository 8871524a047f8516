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

Error CustomAnnotations::fail(TextFault fault, const Annotation& annotation) const {
    return text_error(fault, {}, tokens_->source, annotation.offset);
}

Result<void> CustomAnnotations::parse() {
    for (const Annotation& annotation : tokens_->annotations) {
        if (annotation.id == "custom") {
            CustomSectionText section = TRY(parse_custom(annotation));
            customs_.push_back({&annotation, std::move(section)});
        } else if (annotation.id == "name") {
            const Tokens list = tokenize(tokens_->source, annotation.contents, annotation.end);
            Cursor in(list);
            const Token token = in.peek();
            if (token.kind != TokenKind::string || in.kind(1) != TokenKind::end)
                return std::unexpected(fail(TextFault::name_token, annotation));
            std::string text = unescape(in.text(token));
            if (!is_utf8(text)) return std::unexpected(fail(TextFault::name_utf8, annotation));
            names_.push_back({&annotation, std::move(text)});
        } else if (annotation.id == "metadata.code.branch_hint") {
            TRY(parse_hint(annotation));
        } else if (annotation.id == "datacount") {
            data_count_ = true;
        }
    }
    return {};
}

Result<CustomSectionText> CustomAnnotations::parse_custom(const Annotation& annotation) const {
    const Tokens list = tokenize(tokens_->source, annotation.contents, annotation.end);
    Cursor in(list);
    CustomSectionText section;
    const Token name = in.peek();
    if (!in.accept(TokenKind::string))
        return std::unexpected(fail(TextFault::custom_name, annotation));
    section.name = unescape(in.text(name));
    if (!is_utf8(section.name)) return std::unexpected(fail(TextFault::custom_utf8, annotation));
    if (in.kind() == TokenKind::open) section.slot = TRY(parse_slot(in));
    in.strings(section.contents);
    if (in.kind() != TokenKind::end)
        return std::unexpected(fail(TextFault::custom_token, annotation));
    return section;
}

// placement ::= '(' ('before' | 'after') section ')' | '(' 'before' 'first' ')'
//             | '(' 'after' 'last' ')'
Result<usize> CustomAnnotations::parse_slot(Cursor& in) const {
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
        slot = CustomSectionText::last_slot;
    else
        return std::unexpected(in.fail(TextFault::custom_section_kind, in.peek()));
    in.advance();
    if (!in.accept(TokenKind::close))
        return std::unexpected(in.fail(TextFault::custom_token, in.peek()));
    return slot;
}

Result<void> CustomAnnotations::parse_hint(const Annotation& annotation) {
    const Tokens list = tokenize(tokens_->source, annotation.contents, annotation.end);
    Cursor in(list);
    std::string value;
    in.strings(value);
    const bool valid = value.size() == 1 && static_cast<u8>(value[0]) <= 1;
    if (!valid || in.kind() != TokenKind::end)
        return std::unexpected(fail(TextFault::hint_token, annotation));
    if (!hints_.emplace(annotation.next_token, value[0] == 1).second)
        return std::unexpected(fail(TextFault::hint_duplicate, annotation));
    hint_places_.emplace(annotation.next_token, &annotation);
    return {};
}

Result<std::optional<std::string_view>> CustomAnnotations::take_name(usize position,
                                                                     std::string_view what) {
    const auto before = [&](const Name& name) { return name.at->next_token < position; };
    auto name = std::ranges::partition_point(names_, before);
    if (name == names_.end() || name->at->next_token != position)
        return std::optional<std::string_view>();
    name->taken = true;
    const std::string_view text = name->text;
    if (++name != names_.end() && name->at->next_token == position) {
        if (what == "module")
            return std::unexpected(fail(TextFault::name_multiple_module, *name->at));
        return std::unexpected(
            text_error(TextFault::name_multiple, what, tokens_->source, name->at->offset));
    }
    return std::optional(text);
}

void CustomAnnotations::take_custom(usize position) {
    const auto before = [&](const Custom& custom) { return custom.at->next_token < position; };
    auto custom = std::ranges::partition_point(customs_, before);
    for (; custom != customs_.end() && custom->at->next_token == position; ++custom) {
        if (custom->taken) continue;
        custom->taken = true;
        placed_.push_back(std::move(custom->section));
    }
}

Result<void> CustomAnnotations::finish() const {
    for (const Custom& custom : customs_) {
        if (!custom.taken) return std::unexpected(fail(TextFault::custom_misplaced, *custom.at));
    }
    for (const Name& name : names_) {
        if (!name.taken) return std::unexpected(fail(TextFault::name_misplaced, *name.at));
    }
    if (!hints_.empty())
        return std::unexpected(
            fail(TextFault::hint_outside, *hint_places_.at(hints_.begin()->first)));
    return {};
}

}  // namespace waxwing::text
