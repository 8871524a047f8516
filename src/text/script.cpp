#include "text/script_parser.hpp"

#include <algorithm>

#include "core/guard.hpp"
#include "text/names.hpp"
#include "text/strings.hpp"
#include "text/text.hpp"

namespace waxwing::text {
namespace {

constexpr unsigned max_depth = 64;  // of threads in threads, and of `either`

std::optional<Command::Kind> command_of(Keyword word) {
    using Kind = Command::Kind;
    switch (word) {
    case Keyword::module_: return Kind::module;
    case Keyword::register_: return Kind::register_;
    case Keyword::invoke:
    case Keyword::get: return Kind::action;
    case Keyword::assert_return: return Kind::assert_return;
    case Keyword::assert_trap: return Kind::assert_trap;
    case Keyword::assert_exhaustion: return Kind::assert_exhaustion;
    case Keyword::assert_exception: return Kind::assert_exception;
    case Keyword::assert_malformed: return Kind::assert_malformed;
    case Keyword::assert_invalid: return Kind::assert_invalid;
    case Keyword::assert_unlinkable: return Kind::assert_unlinkable;
    case Keyword::assert_malformed_custom: return Kind::assert_malformed_custom;
    case Keyword::assert_invalid_custom: return Kind::assert_invalid_custom;
    case Keyword::thread: return Kind::thread;
    case Keyword::wait: return Kind::wait;
    default: return std::nullopt;
    }
}

}  // namespace

bool ScriptParser::at_command() {
    return in_.kind() == TokenKind::open && command_of(in_.keyword(1)).has_value();
}

u32 ScriptParser::line_of(const Token& token) {
    const std::string_view source = in_.source();
    const std::string_view passed = source.substr(line_offset_, token.offset - line_offset_);
    line_ += static_cast<u32>(std::ranges::count(passed, '\n'));
    line_offset_ = token.offset;
    return line_;
}

std::optional<std::string> ScriptParser::optional_id() {
    const Token token = in_.peek();
    if (!in_.accept(TokenKind::id)) return std::nullopt;
    std::string unescaped;
    return std::string(name_of(in_.text(token), unescaped));
}

Result<std::vector<Command>> ScriptParser::commands(unsigned depth) {
    std::vector<Command> list;
    while (in_.kind() == TokenKind::open) {
        Command one = TRY(command(depth));
        list.push_back(std::move(one));
    }
    return list;
}

Result<Command> ScriptParser::command(unsigned depth) {
    const auto kind = command_of(in_.keyword(1));
    if (!kind) return std::unexpected(in_.unexpected(in_.peek(1)));
    Command command;
    command.kind = *kind;
    command.line = line_of(in_.peek());
    switch (*kind) {
    case Command::Kind::module: TRY(module_command(command)); break;
    case Command::Kind::action: command.action = TRY(action()); break;
    case Command::Kind::register_:
        in_.advance(2);
        command.text = TRY(in_.name());
        command.name = optional_id();
        TRY(in_.expect_close());
        break;
    case Command::Kind::thread: TRY(thread(command, depth)); break;
    case Command::Kind::wait:
        in_.advance(2);
        command.name = optional_id();
        TRY(in_.expect_close());
        break;
    default: TRY(assertion(*kind, command));
    }
    return command;
}

// assertion ::= '(' 'assert_return' action result* ')'
//             | '(' 'assert_exception' action ')'
//             | '(' 'assert_...' (action | module) string ')'
Result<void> ScriptParser::assertion(Command::Kind kind, Command& command) {
    using Kind = Command::Kind;
    in_.advance(2);
    const bool of_action = kind == Kind::assert_return || kind == Kind::assert_exhaustion ||
                           kind == Kind::assert_exception ||
                           (kind == Kind::assert_trap && !in_.opens(Keyword::module_));
    if (of_action) {
        command.action = TRY(action());
    } else {
        TRY(module_command(command));
        command.is_instance = command.kind == Kind::module_instance;
        const bool may_instantiate = kind == Kind::assert_unlinkable || kind == Kind::assert_trap;
        if (command.is_instance && !may_instantiate) return std::unexpected(in_.unexpected());
        command.kind = kind;
    }
    if (kind == Kind::assert_return) {
        while (in_.kind() == TokenKind::open) {
            Expected result = TRY(expected(0));
            command.results.push_back(std::move(result));
        }
    } else if (kind != Kind::assert_exception) {
        if (in_.kind() != TokenKind::string) return std::unexpected(in_.unexpected());
        command.text = unescape(in_.text(in_.peek()));
        in_.advance();
    }
    return in_.expect_close();
}

// '(' 'module' 'instance' id? id? ')': the instance's name, then the module's; one
// name is the module's.
Result<void> ScriptParser::module_command(Command& command) {
    if (in_.opens(Keyword::module_) && in_.keyword(2) == Keyword::instance) {
        command.kind = Command::Kind::module_instance;
        in_.advance(3);
        command.other = optional_id();
        if (in_.kind() == TokenKind::id) {
            command.name = std::move(command.other);
            command.other = optional_id();
        }
        return in_.expect_close();
    }
    command.module = TRY(module());
    command.name = command.module->name;
    return {};
}

Result<ScriptModule> ScriptParser::module() {
    ScriptModule module;
    module.source = in_.source();
    module.begin = in_.peek().offset;
    TRY(in_.expect_open(Keyword::module_));
    module.definition = in_.accept(Keyword::definition);
    module.name = optional_id();
    const usize fields = in_.peek().offset;
    if (in_.keyword() == Keyword::binary || in_.keyword() == Keyword::quote) {
        module.kind = in_.keyword() == Keyword::binary ? ScriptModule::Kind::binary
                                                       : ScriptModule::Kind::quote;
        in_.advance();
        in_.strings(module.payload);
        TRY(in_.expect_close());
        return module;
    }
    // Its text is looked at when the command runs; here only its end matters.
    for (usize depth = 1; depth != 0; in_.advance()) {
        if (in_.kind() == TokenKind::open)
            ++depth;
        else if (in_.kind() == TokenKind::close)
            --depth;
        else if (in_.kind() == TokenKind::end)
            return std::unexpected(in_.unexpected());
        module.end = in_.peek().offset + 1;
    }
    // Of "(module definition $id field*)" only the fields are kept.
    if (module.definition) {
        module.begin = fields;
        --module.end;
    }
    return module;
}

Result<Action> ScriptParser::action() {
    Action action;
    TRY(in_.expect(TokenKind::open));
    action.kind = in_.keyword() == Keyword::get ? Action::Kind::get : Action::Kind::invoke;
    TRY(in_.expect(action.kind == Action::Kind::get ? Keyword::get : Keyword::invoke));
    action.instance = optional_id();
    action.name = TRY(in_.name());
    while (action.kind == Action::Kind::invoke && in_.kind() == TokenKind::open) {
        Value value = TRY(argument());
        action.arguments.push_back(value);
    }
    TRY(in_.expect_close());
    return action;
}

// thread ::= '(' 'thread' id ('(' 'shared' '(' 'module' id ')' ')')* command* ')'
Result<void> ScriptParser::thread(Command& command, unsigned depth) {
    if (depth == max_depth)
        return std::unexpected(in_.fail(TextFault::nested_too_deeply, in_.peek()));
    in_.advance(2);
    command.name = optional_id();
    while (in_.accept_open(Keyword::shared)) {
        TRY(in_.expect_open(Keyword::module_));
        auto name = optional_id();
        if (!name) return std::unexpected(in_.unexpected());
        command.shared.push_back(std::move(*name));
        TRY(in_.expect_close());
        TRY(in_.expect_close());
    }
    command.body = TRY(commands(depth + 1));
    return in_.expect_close();
}

Result<std::vector<std::byte>> encode(const ScriptModule& module, const TextOptions& options) {
    switch (module.kind) {
    case ScriptModule::Kind::binary: {
        const auto* const first = reinterpret_cast<const std::byte*>(module.payload.data());
        return std::vector<std::byte>(first, first + module.payload.size());
    }
    case ScriptModule::Kind::quote:
        return module_to_binary(module.payload, 0, module.payload.size(), options);
    case ScriptModule::Kind::text: break;
    }
    return module_to_binary(module.source, module.begin, module.end, options);
}

Result<Script> parse_script(std::string_view source) {
    return guard(Code::compile, [&]() -> Result<Script> {
        if (source.size() > Lexer::max_size)
            return std::unexpected(Error(Code::compile, ErrorKind::limit, "text too long"));
        ScriptParser parser(source);
        Script script;
        if (parser.at_fields()) {
            Command command;
            const usize first = Lexer(source).next().offset;
            command.line = static_cast<u32>(place_of(source, first).line);
            command.module.emplace();
            command.module->source = source;
            command.module->end = source.size();
            script.commands.push_back(std::move(command));
            return script;
        }
        script.commands = TRY(parser.commands(0));
        TRY(parser.finish());
        return script;
    });
}

}  // namespace waxwing::text
