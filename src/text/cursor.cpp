#include "text/cursor.hpp"

#include "text/numbers.hpp"
#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace waxwing::text {

Error Cursor::fail(TextFault fault, const Token& token, std::string_view detail) const {
    return text_error(fault, detail, source_, token.offset);
}

Error Cursor::unexpected(const Token& token) const {
    if (token.kind == TokenKind::bad) return fail(token.fault, token);
    if (token.kind == TokenKind::end)
        return fail(TextFault::unexpected_token, token, "end of text");
    const bool unknown = token.kind == TokenKind::reserved ||
                         (token.kind == TokenKind::keyword && token.keyword == Keyword::unknown);
    constexpr usize shown = 40;
    std::string_view word = text(token);
    while (word.size() > shown && utf8_length(word.substr(shown)) == 0)
        word.remove_suffix(1);
    if (word.size() > shown) word = word.substr(0, shown);
    return fail(unknown ? TextFault::unknown_operator : TextFault::unexpected_token, token, word);
}

Result<void> Cursor::expect(TokenKind kind) {
    if (!accept(kind)) return std::unexpected(unexpected());
    return {};
}

Result<void> Cursor::expect(Keyword word) {
    if (!accept(word)) return std::unexpected(unexpected());
    return {};
}

Result<void> Cursor::expect_open(Keyword word) {
    TRY(expect(TokenKind::open));
    return expect(word);
}

Result<void> Cursor::skip_to_close() {
    for (usize depth = 1; depth != 0; advance()) {
        switch (kind()) {
        case TokenKind::open: ++depth; break;
        case TokenKind::close: --depth; break;
        case TokenKind::bad:
        case TokenKind::end: return std::unexpected(unexpected());
        default: break;
        }
    }
    return {};
}

Result<void> Cursor::skip_quickly_to_close() {
    const usize start = peek().offset;
    lexer_.seek(start);
    const bool skipped = kind() != TokenKind::end && lexer_.skip_to_close();
    seek(skipped ? lexer_.offset() : start);
    return skipped ? Result<void>() : skip_to_close();
}

void Cursor::seek(usize position) {
    lexer_.seek(position);
    filled_ = 0;
    fill(0);
}

Result<u64> Cursor::natural(unsigned bits) {
    const Token token = peek();
    TRY(expect(TokenKind::nat));
    if (const auto value = parse_unsigned(text(token), bits)) return *value;
    const TextFault fault = bits == 8    ? TextFault::i8_out_of_range
                            : bits == 32 ? TextFault::i32_out_of_range
                                         : TextFault::i64_out_of_range;
    return std::unexpected(fail(fault, token));
}

Result<u32> Cursor::u32_literal() { return static_cast<u32>(TRY(natural(32))); }
Result<u8> Cursor::u8_literal() { return static_cast<u8>(TRY(natural(8))); }

Result<std::string> Cursor::name() {
    const Token token = peek();
    TRY(expect(TokenKind::string));
    std::string name = unescape(text(token));
    if (!is_utf8(name)) return std::unexpected(fail(TextFault::malformed_utf8, token));
    return name;
}

void Cursor::strings(std::string& out) {
    for (; kind() == TokenKind::string; advance())
        unescape(text(peek()), out);
}

void Cursor::heed_annotations() {
    heeds_ = true;
    lexer_.heed_annotations();
    seek(position());
}

Lexer Cursor::before_token() const {
    Lexer space(source_, peek().space, peek().offset);
    space.heed_annotations();
    return space;
}

void Cursor::pass_annotations() {
    const u8 left = peek().annotations;
    saw_data_count_ |= (left & annotation::data_count) != 0;
    for (const u8 kind : {annotation::custom, annotation::name, annotation::hint}) {
        if ((left & kind) == 0 || misplaced_) continue;
        if (const auto at = before_token().next_annotation(kind)) misplaced_ = {kind, at->offset};
    }
}

}  // namespace waxwing::text
