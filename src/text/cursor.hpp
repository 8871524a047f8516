// A place in a list of tokens, and what parsers do there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/try.hpp"
#include "text/lexer.hpp"

namespace waxwing::text {

class Cursor {
public:
    // Requires: `tokens` outlives the cursor.
    explicit Cursor(const Tokens& tokens) : tokens_(&tokens) {}

    // Requires ahead <= max_lookahead.
    const Token& peek(usize ahead = 0) const { return tokens_->list[at_ + ahead]; }
    TokenKind kind(usize ahead = 0) const { return peek(ahead).kind; }
    // Unknown if the token is not a keyword.
    Keyword keyword(usize ahead = 0) const { return peek(ahead).keyword; }
    std::string_view text(const Token& token) const {
        return tokens_->source.substr(token.offset, token.size);
    }
    // Is it "(" keyword?
    bool opens(Keyword word) const { return kind() == TokenKind::open && keyword(1) == word; }

    // A token that could not stand anywhere.
    bool at_nonsense() const {
        return kind() == TokenKind::reserved || kind() == TokenKind::bad ||
               (kind() == TokenKind::keyword && keyword() == Keyword::unknown);
    }

    // Stays at the end.
    void advance() {
        if (kind() != TokenKind::end) ++at_;
    }
    void advance(usize count) {
        for (; count != 0; --count)
            advance();
    }
    bool accept(TokenKind kind) {
        if (this->kind() != kind) return false;
        advance();
        return true;
    }
    bool accept(Keyword word) {
        if (keyword() != word) return false;
        advance();
        return true;
    }
    // Takes "(" keyword if it stands here.
    bool accept_open(Keyword word) {
        if (!opens(word)) return false;
        advance(2);
        return true;
    }

    Result<void> expect(TokenKind kind);
    Result<void> expect(Keyword word);
    Result<void> expect_open(Keyword word);
    Result<void> expect_close() { return expect(TokenKind::close); }

    // Skips what is left of a parenthesis, with its end. Fails at a bad token and
    // at the end of the text.
    Result<void> skip_to_close();

    usize position() const { return at_; }
    void seek(usize position) { at_ = position; }

    // nat, below 2^bits.
    Result<u64> natural(unsigned bits);
    Result<u32> u32_literal();
    Result<u8> u8_literal();
    // string as a name: must be UTF-8.
    Result<std::string> name();
    // string* as bytes, appended to `out`.
    void strings(std::string& out);

    // What is said about a token nobody expected.
    Error unexpected() const { return unexpected(peek()); }
    Error unexpected(const Token& token) const;
    Error fail(TextFault fault, const Token& token, std::string_view detail = {}) const;

    const Tokens& tokens() const { return *tokens_; }

private:
    const Tokens* tokens_;
    usize at_ = 0;
};

// An identifier without its '$', unescaped into `storage` if it has to be.
std::string_view identifier(std::string_view token, std::string& storage);

}  // namespace waxwing::text
