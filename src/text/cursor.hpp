// A place in a text, and what parsers do there. Tokens are made when they are looked
// at, so a parser holds a few of them, and what it has to see again is read again.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/try.hpp"
#include "text/lexer.hpp"

namespace waxwing::text {

// An annotation that nobody took: where it cannot stand.
struct Misplaced {
    u8 kind = 0;  // one of `annotation`
    u32 offset = 0;
};

class Cursor {
public:
    static constexpr usize max_lookahead = 3;

    // Reads source[begin, end). Requires: `source` outlives the cursor.
    Cursor(std::string_view source, usize begin, usize end)
        : source_(source), lexer_(source, begin, end) {
        fill(0);
    }

    // Requires ahead <= max_lookahead. Valid until the cursor moves.
    const Token& peek() const { return tokens_[at_]; }
    const Token& peek(usize ahead) {
        while (filled_ <= ahead)
            fill(filled_);
        return tokens_[(at_ + ahead) % tokens_.size()];
    }
    TokenKind kind() const { return peek().kind; }
    TokenKind kind(usize ahead) { return peek(ahead).kind; }
    // Unknown if the token is not a keyword.
    Keyword keyword() const { return peek().keyword; }
    Keyword keyword(usize ahead) { return peek(ahead).keyword; }
    std::string_view text(const Token& token) const {
        return source_.substr(token.offset, token.size);
    }
    // Is it "(" keyword?
    bool opens(Keyword word) { return kind() == TokenKind::open && keyword(1) == word; }

    // A token that could not stand anywhere.
    bool at_nonsense() const {
        return kind() == TokenKind::reserved || kind() == TokenKind::bad ||
               (kind() == TokenKind::keyword && keyword() == Keyword::unknown);
    }

    // Stays at the end.
    void advance() {
        if (kind() == TokenKind::end) return;
        if (peek().annotations != 0) pass_annotations();
        at_ = (at_ + 1) % tokens_.size();
        if (--filled_ == 0) fill(0);
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
    // The same, but what is no token may be passed.
    Result<void> skip_quickly_to_close();

    // A place that seek() goes back to.
    usize position() const { return peek().space; }
    void seek(usize position);

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

    std::string_view source() const { return source_; }

    // From now on annotations are more than white space. Those before a token have to
    // be taken before it is passed.
    void heed_annotations();
    // Takes the annotations of a kind before this token: true if there are any, and
    // then before_token() gets them.
    bool take_annotations(u8 kind) {
        const bool any = peek().annotations & kind;
        tokens_[at_].annotations &= static_cast<u8>(~kind);
        return any;
    }
    // Gives the annotations before this token one after the other.
    Lexer before_token() const;
    // At the end of the text: the first annotation that was not taken, and whether
    // there was a (@datacount).
    const std::optional<Misplaced>& misplaced() {
        pass_annotations();
        return misplaced_;
    }
    bool saw_data_count() const { return saw_data_count_; }
    // Forgets what was misplaced from a place on: it will be read again.
    void forgive(usize position) {
        if (misplaced_ && misplaced_->offset >= position) misplaced_.reset();
    }

private:
    void fill(usize ahead) {
        tokens_[(at_ + ahead) % tokens_.size()] = lexer_.next();
        ++filled_;
    }
    void pass_annotations();

    std::string_view source_;
    Lexer lexer_;
    std::array<Token, max_lookahead + 1> tokens_;  // a ring; `filled_` of them from `at_` on
    usize at_ = 0;
    usize filled_ = 0;  // at least one
    bool heeds_ = false;
    bool saw_data_count_ = false;
    std::optional<Misplaced> misplaced_;
};

}  // namespace waxwing::text
