// Cuts a text into tokens, one at a time. Linear, nothing copied: a token is a place
// in the source. What cannot be a token becomes a token of kind `bad`, and lexing
// goes on behind it, so that one broken module does not take a whole script with it;
// whoever meets a bad token reports it.
#pragma once

#include <optional>
#include <string_view>

#include "text/fault.hpp"
#include "text/keywords.hpp"

namespace waxwing::text {

enum class TokenKind : u8 {
    open,       // (
    close,      // )
    keyword,    // [a-z] idchar*, also when it is not a known one
    nat,        // without a sign
    integer,    // with a sign
    floating,   // any other number, also inf and nan
    string,     // with its quotes
    id,         // with its $ and, if any, its quotes
    offset_eq,  // offset=nat
    align_eq,   // align=nat
    reserved,   // anything else glued together
    bad,        // see Token::fault
    end,
};

constexpr bool is_number(TokenKind kind) {
    return kind == TokenKind::nat || kind == TokenKind::integer || kind == TokenKind::floating;
}

// Annotations that mean something, as bits of a set.
namespace annotation {
inline constexpr u8 custom = 1;      // (@custom ...)
inline constexpr u8 name = 2;        // (@name ...)
inline constexpr u8 hint = 4;        // (@metadata.code.branch_hint ...)
inline constexpr u8 data_count = 8;  // (@datacount)
}  // namespace annotation

struct Token {
    u32 offset = 0;
    u32 size = 0;
    u32 space = 0;                       // where the white space before it begins
    Keyword keyword = Keyword::unknown;  // if keyword
    TokenKind kind = TokenKind::end;
    TextFault fault{};   // if bad
    u8 annotations = 0;  // which of them stand in the white space, if they are heeded
};

// (@id ...), which is white space to everyone but custom annotations.
struct Annotation {
    u32 offset = 0;    // of "(@"
    u32 contents = 0;  // behind the id
    u32 end = 0;       // of the closing parenthesis
    u8 kind = 0;       // one of the bits above, or none
};

class Lexer {
public:
    static constexpr usize max_size = 0xFFFF'FFF0;

    // Lexes source[begin, end). Requires end <= max_size. Offsets count from the
    // start of `source`, which must outlive the lexer.
    Lexer(std::string_view source, usize begin, usize end)
        : source_(source.data()), at_(source.data() + begin), end_(source.data() + end) {}
    explicit Lexer(std::string_view source) : Lexer(source, 0, source.size()) {}

    Token next();
    // Where next() goes on.
    usize offset() const { return static_cast<usize>(at_ - source_); }
    void seek(usize offset) { at_ = source_ + offset; }
    // Tokens say which annotations stand before them.
    void heed_annotations() { heeds_ = true; }

    // The next annotation of a kind in white space, which is well-formed; nothing at
    // the end of the white space.
    std::optional<Annotation> next_annotation(u8 kind);
    // Goes to behind the parenthesis that closes the one before this place, looking
    // at nothing but parentheses, strings and comments. False, and nothing has
    // happened, if they are not well-formed.
    bool skip_to_close();

private:
    bool skip_space(Token& bad);
    bool skip_line_comment(Token& bad);
    bool skip_block_comment(Token& bad);
    bool skip_annotation(Token& bad);
    bool skip_annotation_id(Token& bad);
    void note_annotation(const char* start, const char* contents);
    bool skip_string(TextFault& fault);
    bool skip_escape(TextFault& fault);
    Token next_word();
    Token word();
    Token identifier(const char* start);
    Token bad(const char* start, TextFault fault) const;
    Token token(const char* start, TokenKind kind) const;
    TextFault fault_of_character() const;

    const char* source_;
    const char* at_;
    const char* end_;
    bool heeds_ = false;
    u8 seen_ = 0;      // kinds of the annotations that were skipped
    Annotation last_;  // the last of them
};

// Sizes of what a text begins with: an identifier with its '$'; a string with its quotes.
usize identifier_size(std::string_view text);
usize quoted_size(std::string_view text);

}  // namespace waxwing::text
