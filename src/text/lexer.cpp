#include "text/lexer.hpp"

#include <array>

#include "text/numbers.hpp"
#include "text/strings.hpp"
#include "text/utf8.hpp"

namespace waxwing::text {
namespace {

enum CharClass : u8 {
    space = 1,
    idchar = 2,
    lower = 4,
    digit = 8,
    punctuation = 16,
    structure = 32,    // where Lexer::skip_to_close() looks closer
    string_stop = 64,  // what ends a string, begins an escape, or cannot stand in it
};

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
    for (const char c : std::string_view("();\""))
        classes[static_cast<u8>(c)] |= structure;
    for (u8 c = 0; c < 0x20; ++c)
        classes[c] |= string_stop;
    for (const char c : std::string_view("\"\\\x7F"))
        classes[static_cast<u8>(c)] |= string_stop;
    return classes;
}
constexpr auto classes = make_classes();

bool is(char c, u8 mask) { return classes[static_cast<u8>(c)] & mask; }

u8 kind_of_annotation(std::string_view id) {
    if (id == "custom") return annotation::custom;
    if (id == "name") return annotation::name;
    if (id == "metadata.code.branch_hint") return annotation::hint;
    if (id == "datacount") return annotation::data_count;
    return 0;
}

// The next two go from behind the first character of a string and of a comment to
// behind its end, and look at nothing else. Null if there is no end.
const char* end_of_string(const char* at, const char* end) {
    for (; at != end; ++at) {
        if (!is(*at, string_stop)) continue;
        if (*at == '"') return at + 1;
        if (*at != '\\' || ++at == end || static_cast<u8>(*at) < 0x20) return nullptr;
    }
    return nullptr;
}

const char* end_of_comment(const char* at, const char* end) {
    if (at[-1] == ';') {
        while (at != end && *at != '\n' && *at != '\r')
            ++at;
        return at;
    }
    usize depth = 1;
    for (++at; end - at >= 2;) {
        const bool opens = at[0] == '(' && at[1] == ';';
        const bool closes = at[0] == ';' && at[1] == ')';
        at += opens || closes ? 2 : 1;
        depth += opens;
        if (closes && --depth == 0) return at;
    }
    return nullptr;
}

}  // namespace

usize identifier_size(std::string_view text) {
    usize size = 0;
    while (size < text.size() && is(text[size], idchar))
        ++size;
    return size;
}

usize quoted_size(std::string_view text) {
    const usize quote = text.find('"');
    const char* end = end_of_string(text.data() + quote + 1, text.data() + text.size());
    return static_cast<usize>(end - text.data());
}

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
    const u32 space = static_cast<u32>(at_ - source_);
    seen_ = 0;
    Token result;
    if (skip_space(result)) result = next_word();
    result.space = space;
    result.annotations = seen_;
    return result;
}

Token Lexer::next_word() {
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
    for (;;) {
        while (at_ != end_ && is(*at_, space))
            ++at_;
        if (end_ - at_ < 2) return true;
        if (at_[0] == ';' && at_[1] == ';') {
            if (!skip_line_comment(result)) return false;
        } else if (at_[0] == '(' && at_[1] == ';') {
            if (!skip_block_comment(result)) return false;
        } else if (at_[0] == '(' && at_[1] == '@') {
            if (!skip_annotation(result)) return false;
        } else {
            return true;
        }
    }
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

// '(@' (idchar+ | string)
bool Lexer::skip_annotation_id(Token& result) {
    const char* start = at_;
    at_ += 2;
    const char* id = at_;
    TextFault fault = TextFault::empty_annotation_id;
    if (at_ != end_ && *at_ == '"') {
        if (skip_string(fault)) {
            const std::string_view name(id, static_cast<usize>(at_ - id));
            if (name.size() != 2 && is_utf8(unescape(name))) return true;
            fault = name.size() == 2 ? TextFault::empty_annotation_id : TextFault::malformed_utf8;
        } else if (fault != TextFault::malformed_utf8) {
            fault = TextFault::empty_annotation_id;
        }
    } else {
        while (at_ != end_ && is(*at_, idchar))
            ++at_;
        if (at_ != id) return true;
    }
    result = bad(start, fault);
    return false;
}

// annotation ::= '(@' (idchar+ | string) annotoken* ')'
bool Lexer::skip_annotation(Token& result) {
    const char* start = at_;
    if (!skip_annotation_id(result)) return false;
    const char* contents = at_;
    for (usize depth = 1; at_ != end_;) {
        const char c = *at_;
        const char second = end_ - at_ >= 2 ? at_[1] : '\0';
        if (c == '"') {
            const char* quote = at_;
            TextFault fault;
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
            if (heeds_) note_annotation(start, contents);
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
    result = bad(start, TextFault::unclosed_annotation);
    return false;
}

// Requires: an annotation has just been skipped.
void Lexer::note_annotation(const char* start, const char* contents) {
    const std::string_view id(start + 2, static_cast<usize>(contents - start) - 2);
    const auto offset = [&](const char* p) { return static_cast<u32>(p - source_); };
    last_ = {offset(start), offset(contents), offset(at_ - 1), kind_of_annotation(id)};
    seen_ |= last_.kind;
}

std::optional<Annotation> Lexer::next_annotation(u8 kind) {
    while (end_ - at_ >= 2 && (is(*at_, space) || at_[1] == ';' || at_[1] == '@')) {
        Token bad;
        if (is(*at_, space)) {
            ++at_;
        } else if (at_[1] == ';') {
            at_ = end_of_comment(at_ + 1, end_);
        } else {
            if (!skip_annotation(bad)) break;
            if (last_.kind == kind) return last_;
        }
    }
    return std::nullopt;
}

bool Lexer::skip_to_close() {
    const char* at = at_;
    for (usize depth = 1; depth != 0;) {
        while (at != end_ && !is(*at, structure))
            ++at;
        if (at == end_) return false;
        const char c = *at++;
        const bool before_semicolon = at != end_ && *at == ';';
        if (c == ')') {
            --depth;
        } else if (c == '"') {
            at = end_of_string(at, end_);
        } else if (before_semicolon) {
            at = end_of_comment(at, end_);
        } else if (c == '(') {
            ++depth;
        }
        if (!at) return false;
    }
    at_ = at;
    return true;
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

}  // namespace waxwing::text
