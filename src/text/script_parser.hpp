// The parser behind parse_script().
#pragma once

#include "text/cursor.hpp"
#include "text/script.hpp"

namespace waxwing::text {

class ScriptParser {
public:
    // Requires: `source` outlives this.
    explicit ScriptParser(std::string_view source) : in_(source, 0, source.size()) {}

    // command*, up to the end or, inside a thread, to a closing parenthesis.
    Result<std::vector<Command>> commands(unsigned depth);
    // Is this the first of module fields that stand alone?
    bool at_fields() { return in_.kind() == TokenKind::open && !at_command(); }
    // Fails unless everything has been read.
    Result<void> finish() { return in_.expect(TokenKind::end); }

private:
    bool at_command();
    Result<Command> command(unsigned depth);
    Result<void> assertion(Command::Kind kind, Command& command);
    Result<void> module_command(Command& command);
    Result<ScriptModule> module();
    Result<Action> action();
    Result<Value> argument();
    Result<Value> vector_argument();
    Result<Expected> expected(unsigned depth);
    Result<void> expected_vector(Expected& out);
    Result<void> expected_reference(Keyword word, Expected& out);
    Result<u64> lane(unsigned bits, bool is_float, NanPattern& nan);
    Result<void> thread(Command& command, unsigned depth);
    std::optional<std::string> optional_id();
    u32 line_of(const Token& token);

    Cursor in_;
    usize line_offset_ = 0;  // lines are counted up to here
    u32 line_ = 1;
};

}  // namespace waxwing::text
