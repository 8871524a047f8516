#include "text/lexer.hpp"

#include <array>

#include "text/numbers.hpp"
#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace waxwing::text {
namespace {

enum CharClass : u8 { space = 1, idchar = 2, lower = 4, digit = 8, punctuation = 16 };

consteval std::array<u8, 256> make_classes() {
    std::array<u8, 256> classes{};
    for (const char c : {' ', '\t', '\n', '\r'})
        classes[static_cast<u8>(c)] = space;
    for (char c = '0'; c <= '9'; ++c)
        classes[static_cast<u8>(c)] = idchar | digit;
    for (char c = 'a'; c <= 'z'; ++c)
        classes[static_cast<u8>(c)] = idchar | lower;
    for (char c = 'A'; c <= 'Z'; ++c)
        classes[static_cast<u8>(c)] = idchar;
    for (const char c : std::string_view("!#$%&'*+-./:<=>?@\\^_`|~"))
        classes[static_cast<u8>(c)] = idchar;
    for (const char c : std::string_view(",;[]{}"))
        classes[static_cast<u8>(c)] = punctuation;
    return classes;
}
constexpr auto classes = make_classes();

bool is(char c, u8 mask) { return classes[static_cast<u8>(c)] & mask; }

}  // namespace

Token Lexer::token(const char* start, TokenKind kind) const {
    Token token;
    token.offset = static_cast<u32>(start - source_);
    token.size = static_cast<u32>(at_ - start);
    token.kind = kind;
    return token;
}

Token Lexer::bad(const char* start, TextFault fault) const {
    Token result = token(start, TokenKind::bad);
    result.fault = fault;
    return result;
}

// Requires: the character at at_ cannot stand where it stands.
TextFault Lexer::fault_of_character() const {
    const std::string_view rest(at_, static_cast<usize>(end_ - at_));
    return utf8_length(rest) == 0 ? TextFault::malformed_utf8 : TextFault::illegal_character;
}

// token ::= '(' | ')' | string | id | keyword | number | reserved
Token Lexer::next() {
    Token result;
    if (!skip_space(result)) return result;
    if (at_ == end_) return token(at_, TokenKind::end);

    const char* start = at_;
    const char c = *at_;
    if (c == '(' || c == ')') {
        ++at_;
        return token(start, c == '(' ? TokenKind::open : TokenKind::close);
    }
    if (c == '$') return identifier(start);
    if (is(c, idchar) || c == '"') return word();
    if (is(c, punctuation)) {
        ++at_;
        return token(start, TokenKind::reserved);
    }
    const TextFault fault = fault_of_character();
    ++at_;
    return bad(start, fault);
}

// Everything up to the next delimiter is one token; what kind is seen from its
// shape. Strings may be glued in, but then the token is a reserved one, unless
// it is one string and nothing else.
Token Lexer::word() {
    const char* start = at_;
    int strings = 0;
    while (at_ != end_) {
        if (is(*at_, idchar)) {
            ++at_;
        } else if (*at_ == '"') {
            const bool alone = at_ == start;
            TextFault fault;
            if (!skip_string(fault)) return bad(start, fault);
            ++strings;
            if (alone && (at_ == end_ || (!is(*at_, idchar) && *at_ != '"')))
                return token(start, TokenKind::string);
        } else {
            break;
        }
    }
    if (strings != 0) return token(start, TokenKind::reserved);

    const std::string_view text(start, static_cast<usize>(at_ - start));
    if (is(*start, digit) || *start == '+' || *start == '-')
        return token(start, classify_number(text));
    if (!is(*start, lower)) return token(start, TokenKind::reserved);

    Token result = token(start, TokenKind::keyword);
    result.keyword = find_keyword(text);
    if (result.keyword != Keyword::unknown) return result;
    if (text.starts_with("offset=") && classify_number(text.substr(7)) == TokenKind::nat)
        result.kind = TokenKind::offset_eq;
    else if (text.starts_with("align=") && classify_number(text.substr(6)) == TokenKind::nat)
        result.kind = TokenKind::align_eq;
    else if (classify_number(text) == TokenKind::floating)
        result.kind = TokenKind::floating;  // inf, nan, nan:0x...
    return result;
}

// id ::= '$' idchar+ | '$' string
Token Lexer::identifier(const char* start) {
    ++at_;
    if (at_ != end_ && *at_ == '"') {
        const char* quote = at_;
        TextFault fault;
        if (!skip_string(fault)) {
            // Without a string the '$' stands alone, unless the string is complete but
            // for what its bytes say.
            return bad(start,
                       fault == TextFault::malformed_utf8 ? fault : TextFault::empty_identifier);
        }
        const bool glued = at_ != end_ && (is(*at_, idchar) || *at_ == '"');
        if (!glued) {
            const std::string_view name(quote, static_cast<usize>(at_ - quote));
            if (name.size() == 2) return bad(start, TextFault::empty_identifier);
            if (has_escapes(name) && !is_utf8(unescape(name)))
                return bad(start, TextFault::malformed_utf8);
            return token(start, TokenKind::id);
        }
    }
    bool strings = at_ != start + 1;
    while (at_ != end_ && (is(*at_, idchar) || *at_ == '"')) {
        if (*at_ == '"') {
            strings = true;
            TextFault fault;
            if (!skip_string(fault)) return bad(start, fault);
        } else {
            ++at_;
        }
    }
    if (at_ == start + 1) return bad(start, TextFault::empty_identifier);
    return token(start, strings ? TokenKind::reserved : TokenKind::id);
}

// space ::= ' ' | '\t' | '\n' | '\r' | linecomment | blockcomment | annotation
// On failure `result` is the bad token.
bool Lexer::skip_space(Token& result) {
    while (at_ != end_) {
        const char c = *at_;
        if (is(c, space)) {
            ++at_;
        } else if (c == ';' && end_ - at_ >= 2 && at_[1] == ';') {
            if (!skip_line_comment(result)) return false;
        } else if (c == '(' && end_ - at_ >= 2 && at_[1] == ';') {
            if (!skip_block_comment(result)) return false;
        } else if (c == '(' && end_ - at_ >= 2 && at_[1] == '@') {
            if (!skip_annotation(result)) return false;
        } else {
            break;
        }
    }
    return true;
}

// linecomment ::= ';;' char* ('\n' | '\r' | eof)
bool Lexer::skip_line_comment(Token& result) {
    const char* start = at_;
    while (at_ != end_ && *at_ != '\n' && *at_ != '\r')
        ++at_;
    if (is_utf8(std::string_view(start, static_cast<usize>(at_ - start)))) return true;
    result = bad(start, TextFault::malformed_utf8);
    return false;
}

// blockcomment ::= '(;' (char | blockcomment)* ';)'
bool Lexer::skip_block_comment(Token& result) {
    const char* start = at_;
    usize depth = 0;
    while (end_ - at_ >= 2) {
        if (at_[0] == '(' && at_[1] == ';') {
            ++depth;
            at_ += 2;
        } else if (at_[0] == ';' && at_[1] == ')') {
            at_ += 2;
            if (--depth == 0) {
                if (is_utf8(std::string_view(start, static_cast<usize>(at_ - start)))) return true;
                result = bad(start, TextFault::malformed_utf8);
                return false;
            }
        } else {
            ++at_;
        }
    }
    at_ = end_;
    result = bad(start, TextFault::unclosed_comment);
    return false;
}

// annotation ::= '(@' (idchar+ | string) annotoken* ')'
bool Lexer::skip_annotation(Token& result) {
    const char* start = at_;
    at_ += 2;
    const char* id = at_;
    const auto fail = [&](TextFault fault) {
        result = bad(start, fault);
        return false;
    };
    TextFault fault;
    if (at_ != end_ && *at_ == '"') {
        if (!skip_string(fault))
            return fail(fault == TextFault::malformed_utf8 ? fault
                                                           : TextFault::empty_annotation_id);
        const std::string_view name(id, static_cast<usize>(at_ - id));
        if (name.size() == 2) return fail(TextFault::empty_annotation_id);
        if (!is_utf8(unescape(name))) return fail(TextFault::malformed_utf8);
    } else {
        while (at_ != end_ && is(*at_, idchar))
            ++at_;
        if (at_ == id) return fail(TextFault::empty_annotation_id);
    }
    const char* contents = at_;

    for (usize depth = 1; at_ != end_;) {
        const char c = *at_;
        const char second = end_ - at_ >= 2 ? at_[1] : '\0';
        if (c == '"') {
            const char* quote = at_;
            if (!skip_string(fault)) {
                result = bad(quote, fault);
                return false;
            }
        } else if (c == '(' && second == ';') {
            if (!skip_block_comment(result)) return false;
        } else if (c == ';' && second == ';') {
            if (!skip_line_comment(result)) return false;
        } else if (c == '(') {
            ++depth;
            ++at_;
        } else if (c == ')') {
            ++at_;
            if (--depth != 0) continue;
            if (annotations_) {
                const auto offset = [&](const char* p) { return static_cast<u32>(p - source_); };
                annotations_->push_back({offset(start), offset(contents), offset(at_ - 1), 0,
                                         std::string_view(id, static_cast<usize>(contents - id))});
            }
            return true;
        } else if (is(c, space | idchar | punctuation)) {
            ++at_;
        } else {
            const char* place = at_;
            const TextFault what = fault_of_character();
            ++at_;
            result = bad(place, what);
            return false;
        }
    }
    return fail(TextFault::unclosed_annotation);
}

// string ::= '"' (char | escape)* '"'
// Requires a quote at at_. On failure at_ stands behind what was understood.
bool Lexer::skip_string(TextFault& fault) {
    ++at_;
    while (at_ != end_) {
        const u8 c = static_cast<u8>(*at_);
        if (c == '"') {
            ++at_;
            return true;
        }
        if (c == '\\') {
            if (!skip_escape(fault)) return false;
        } else if (c >= 0x20 && c < 0x7F) {
            ++at_;
        } else if (c >= 0x80) {
            const usize length = utf8_length({at_, static_cast<usize>(end_ - at_)});
            if (length == 0) {
                fault = TextFault::malformed_utf8;
                ++at_;
                return false;
            }
            at_ += length;
        } else {
            fault =
                c == '\n' || c == '\r' ? TextFault::unclosed_string : TextFault::illegal_character;
            if (fault == TextFault::illegal_character) ++at_;
            return false;
        }
    }
    fault = TextFault::unclosed_string;
    return false;
}

// escape ::= '\' ('t' | 'n' | 'r' | '"' | '\'' | '\' | hex hex | 'u{' hexnum '}')
bool Lexer::skip_escape(TextFault& fault) {
    const usize length = escape_length({at_, static_cast<usize>(end_ - at_)});
    if (length == 0) {
        fault = end_ - at_ < 2 ? TextFault::unclosed_string : TextFault::illegal_escape;
        ++at_;
        return false;
    }
    at_ += length;
    return true;
}

Tokens tokenize(std::string_view source, usize begin, usize end, bool annotations) {
    Tokens tokens;
    tokens.source = source;
    Lexer lexer(source, begin, end);
    if (annotations) lexer.collect(tokens.annotations);
    usize numbered = 0;
    do {
        tokens.list.push_back(lexer.next());
        for (; numbered < tokens.annotations.size(); ++numbered)
            tokens.annotations[numbered].next_token = static_cast<u32>(tokens.list.size() - 1);
    } while (tokens.list.back().kind != TokenKind::end);
    for (usize i = 0; i < max_lookahead; ++i)
        tokens.list.push_back(tokens.list.back());
    return tokens;
}

}  // namespace waxwing::text
