// Cuts a text into tokens. One pass, linear, nothing copied: a token is a place
// in the source. What cannot be a token becomes a token of kind `bad`, and
// lexing goes on behind it, so that one broken module does not take a whole
// script with it; whoever meets a bad token reports it.
#pragma once

#include <string_view>
#include <vector>

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

struct Token {
    u32 offset = 0;
    u32 size = 0;
    TokenKind kind = TokenKind::end;
    TextFault fault{};                   // if bad
    Keyword keyword = Keyword::unknown;  // if keyword
};

// (@id ...), which is white space to everyone but custom annotations.
struct Annotation {
    u32 offset = 0;       // of "(@"
    u32 contents = 0;     // behind the id
    u32 end = 0;          // of the closing parenthesis
    u32 next_token = 0;   // number of the token it stands before
    std::string_view id;  // as written
};

class Lexer {
public:
    static constexpr usize max_size = 0xFFFF'FFF0;

    // Lexes source[begin, end). Requires end <= max_size. Offsets count from the
    // start of `source`, which must outlive the tokens.
    Lexer(std::string_view source, usize begin, usize end)
        : source_(source.data()), at_(source.data() + begin), end_(source.data() + end) {}
    explicit Lexer(std::string_view source) : Lexer(source, 0, source.size()) {}

    Token next();
    // Where next() goes on.
    usize offset() const { return static_cast<usize>(at_ - source_); }
    // Annotations met on the way are added to `list`.
    void collect(std::vector<Annotation>& list) { annotations_ = &list; }

private:
    bool skip_space(Token& bad);
    bool skip_line_comment(Token& bad);
    bool skip_block_comment(Token& bad);
    bool skip_annotation(Token& bad);
    bool skip_string(TextFault& fault);
    bool skip_escape(TextFault& fault);
    Token word();
    Token identifier(const char* start);
    Token bad(const char* start, TextFault fault) const;
    Token token(const char* start, TokenKind kind) const;
    TextFault fault_of_character() const;

    const char* source_;
    const char* at_;
    const char* end_;
    std::vector<Annotation>* annotations_ = nullptr;
};

// The tokens of source[begin, end), with a few `end` tokens behind them so that
// a parser can look ahead.
struct Tokens {
    std::string_view source;
    std::vector<Token> list;
    std::vector<Annotation> annotations;  // if asked for
};
inline constexpr usize max_lookahead = 4;
Tokens tokenize(std::string_view source, usize begin, usize end, bool annotations = false);

}  // namespace waxwing::text
