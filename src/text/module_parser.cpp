#include "text/module_parser.hpp"

namespace waxwing::text {
namespace {

bool is_extern(Keyword word) {
    return word == Keyword::func || word == Keyword::table || word == Keyword::memory ||
           word == Keyword::global || word == Keyword::tag;
}

ExternKind extern_kind(Keyword word) {
    switch (word) {
    case Keyword::table: return ExternKind::table;
    case Keyword::memory: return ExternKind::memory;
    case Keyword::global: return ExternKind::global;
    case Keyword::tag: return ExternKind::tag;
    default: return ExternKind::func;
    }
}

}  // namespace

IndexSpace* ModuleParser::space_of(Keyword word) {
    switch (word) {
    case Keyword::func: return &module_.funcs;
    case Keyword::table: return &module_.tables;
    case Keyword::memory: return &module_.memories;
    case Keyword::global: return &module_.globals;
    case Keyword::tag: return &module_.tags;
    case Keyword::elem: return &module_.elems;
    case Keyword::data: return &module_.datas;
    default: return nullptr;
    }
}

Result<void> ModuleParser::parse() {
    const bool wrapped = in_.accept_open(Keyword::module_);
    if (wrapped) {
        if (in_.kind() == TokenKind::id) {
            name_ = module_.identifier(in_.peek());
            in_.advance();
        }
        if (module_.annotations) {
            const auto name = TRY(module_.annotations->take_name(in_.position(), "module"));
            if (name) name_ = *name;
        }
    }
    TRY(scan());
    if (wrapped) TRY(in_.expect_close());
    TRY(in_.expect(TokenKind::end));

    for (const Field& field : fields_) {
        if (field.word != Keyword::type && field.word != Keyword::rec) continue;
        in_.seek(field.position);
        TRY(field.word == Keyword::type ? module_.type_definition() : module_.rec_group());
    }
    for (const Field& field : fields_) {
        in_.seek(field.position);
        TRY(this->field(field));
    }
    if (module_.annotations) TRY(module_.annotations->finish());
    return {};
}

// First pass ------------------------------------------------------------------

Result<void> ModuleParser::scan() {
    for (;;) {
        if (module_.annotations) module_.annotations->take_custom(in_.position());
        if (in_.kind() != TokenKind::open) return {};
        const Keyword word = in_.keyword(1);
        in_.advance();
        const Token token = in_.peek();
        in_.advance();
        fields_.push_back({word, in_.position()});
        const bool known = space_of(word) || word == Keyword::type || word == Keyword::rec ||
                           word == Keyword::import_ || word == Keyword::export_ ||
                           word == Keyword::start;
        if (!known) return std::unexpected(in_.unexpected(token));
        TRY(scan_field(word));
        TRY(in_.skip_to_close());
    }
}

Result<void> ModuleParser::scan_field(Keyword word) {
    switch (word) {
    case Keyword::type:
    case Keyword::rec: return scan_types(word);
    case Keyword::import_: {
        const Token at = in_.peek();
        TRY(in_.expect(TokenKind::string));
        TRY(in_.expect(TokenKind::string));
        TRY(in_.expect(TokenKind::open));
        const Keyword kind = in_.keyword();
        if (!is_extern(kind)) return std::unexpected(in_.unexpected());
        in_.advance();
        TRY(define(*space_of(kind), true, at));
        return in_.skip_to_close();
    }
    case Keyword::elem:
    case Keyword::data: {
        IndexSpace& space = *space_of(word);
        TRY(module_.bind(space));
        ++space.count;
        return {};
    }
    case Keyword::export_:
    case Keyword::start: return {};
    default: return scan_definition(word);
    }
}

Result<void> ModuleParser::scan_types(Keyword word) {
    IndexSpace& space = module_.types_space;
    if (word == Keyword::type) {
        TRY(module_.bind(space));
        ++space.count;
        return {};
    }
    while (in_.accept_open(Keyword::type)) {
        TRY(module_.bind(space));
        ++space.count;
        TRY(in_.skip_to_close());
    }
    return {};
}

// A definition may be an import in disguise, and may bring a segment with it.
Result<void> ModuleParser::scan_definition(Keyword word) {
    const usize start = in_.position();
    const Token at = in_.peek();
    if (in_.kind() == TokenKind::id) in_.advance();
    while (in_.accept_open(Keyword::export_))
        TRY(in_.skip_to_close());
    const bool imported = in_.opens(Keyword::import_);
    in_.seek(start);
    TRY(define(*space_of(word), imported, at));
    if (imported || (word != Keyword::table && word != Keyword::memory)) return {};

    const Keyword segment = word == Keyword::table ? Keyword::elem : Keyword::data;
    while (in_.kind() != TokenKind::close && in_.kind() != TokenKind::end) {
        if (in_.opens(segment)) ++space_of(segment)->count;
        const bool nested = in_.kind() == TokenKind::open;
        in_.advance();
        if (nested) TRY(in_.skip_to_close());
    }
    return {};
}

Result<void> ModuleParser::define(IndexSpace& space, bool imported, const Token& at) {
    if (imported && defined_)
        return std::unexpected(in_.fail(TextFault::import_after, at, defined_));
    if (!imported) defined_ = space.unknown;
    TRY(module_.bind(space));
    ++space.count;
    return {};
}

// Second pass -----------------------------------------------------------------

Result<void> ModuleParser::field(const Field& field) {
    switch (field.word) {
    case Keyword::import_: TRY(import()); break;
    case Keyword::func: TRY(func()); break;
    case Keyword::table: TRY(table()); break;
    case Keyword::memory: TRY(memory()); break;
    case Keyword::global: TRY(global()); break;
    case Keyword::tag: TRY(tag()); break;
    case Keyword::export_: TRY(export_()); break;
    case Keyword::start: TRY(start()); break;
    case Keyword::elem: TRY(elem()); break;
    case Keyword::data: TRY(data()); break;
    default: return {};  // types came first
    }
    return in_.expect_close();
}

// import ::= '(' 'import' name name '(' kind id? description ')' ')'
Result<void> ModuleParser::import() {
    const std::string module = TRY(in_.name());
    const std::string name = TRY(in_.name());
    imports_.entries.name(module);
    imports_.entries.name(name);
    ++imports_.count;
    TRY(in_.expect(TokenKind::open));
    const ExternKind kind = extern_kind(in_.keyword());
    in_.advance();
    in_.accept(TokenKind::id);
    ++next_[static_cast<usize>(kind)];
    TRY(import_description(kind));
    return in_.expect_close();
}

// '(' 'import' name name ')', in place of a definition.
Result<bool> ModuleParser::inline_import(ExternKind kind) {
    if (!in_.accept_open(Keyword::import_)) return false;
    const std::string module = TRY(in_.name());
    const std::string name = TRY(in_.name());
    TRY(in_.expect_close());
    imports_.entries.name(module);
    imports_.entries.name(name);
    ++imports_.count;
    TRY(import_description(kind));
    return true;
}

Result<void> ModuleParser::import_description(ExternKind kind) {
    Writer& out = imports_.entries;
    out.byte(static_cast<u8>(kind));
    switch (kind) {
    case ExternKind::table: return table_type(out);
    case ExternKind::memory: return memory_type(out);
    case ExternKind::global: return module_.global_type(out);
    case ExternKind::tag: out.byte(0); break;
    case ExternKind::func: break;
    }
    IndexSpace params{.unknown = "local", .duplicate = "local"};
    const TypeUse use = TRY(module_.type_use(&params));
    const u32 type = TRY(module_.resolve(use));
    out.u32_leb(type);
    return {};
}

// ('(' 'export' name ')')*, in front of a definition.
Result<void> ModuleParser::exports(ExternKind kind, u32 index) {
    while (in_.accept_open(Keyword::export_)) {
        const std::string name = TRY(in_.name());
        TRY(in_.expect_close());
        exports_.entries.name(name);
        exports_.entries.byte(static_cast<u8>(kind));
        exports_.entries.u32_leb(index);
        ++exports_.count;
    }
    return {};
}

// export ::= '(' 'export' name '(' kind idx ')' ')'
Result<void> ModuleParser::export_() {
    const std::string name = TRY(in_.name());
    TRY(in_.expect(TokenKind::open));
    const Keyword kind = in_.keyword();
    if (!is_extern(kind)) return std::unexpected(in_.unexpected());
    in_.advance();
    const u32 index = TRY(module_.index(*space_of(kind)));
    TRY(in_.expect_close());
    exports_.entries.name(name);
    exports_.entries.byte(static_cast<u8>(extern_kind(kind)));
    exports_.entries.u32_leb(index);
    ++exports_.count;
    return {};
}

// func ::= '(' 'func' id? export* typeuse local* instr* ')'
//        | '(' 'func' id? export* import typeuse ')'
Result<void> ModuleParser::func() {
    in_.accept(TokenKind::id);
    const u32 index = next_[static_cast<usize>(ExternKind::func)]++;
    TRY(exports(ExternKind::func, index));
    const bool imported = TRY(inline_import(ExternKind::func));
    if (imported) return {};

    IndexSpace locals{.unknown = "local", .duplicate = "local"};
    const TypeUse use = TRY(module_.type_use(&locals));
    const u32 type = TRY(module_.resolve(use));
    funcs_.entries.u32_leb(type);
    ++funcs_.count;
    return code(locals, index);
}

Result<void> ModuleParser::code(IndexSpace& locals, u32 index) {
    Writer body;
    TRY(local_groups(locals, body));
    InstrParser instructions(module_, body, &locals);
    std::vector<BranchHint> hints;
    if (module_.annotations) instructions.place_hints(module_.annotations->hints(), hints);
    TRY(instructions.sequence());
    body.byte(0x0B);
    code_.entries.sized(body);
    ++code_.count;
    if (!locals.names.empty()) local_names_.emplace_back(index, std::move(locals.names));
    if (!instructions.label_names().empty())
        label_names_.emplace_back(index, instructions.label_names());
    if (!hints.empty()) hints_.emplace_back(index, std::move(hints));
    return {};
}

// local ::= '(' 'local' id valtype ')' | '(' 'local' valtype* ')'
// Binary: groups of neighbours of one type.
Result<void> ModuleParser::local_groups(IndexSpace& locals, Writer& out) {
    Writer groups, type, last;
    u32 group_count = 0, run = 0;
    const auto close_group = [&] {
        if (run == 0) return;
        groups.u32_leb(run);
        groups.bytes(last);
        ++group_count;
    };
    const auto one = [&]() -> Result<void> {
        type.clear();
        TRY(module_.value_type(type));
        ++locals.count;
        if (run == 0 || type.view() != last.view()) {
            close_group();
            std::swap(last, type);
            run = 0;
        }
        ++run;
        return {};
    };
    while (in_.accept_open(Keyword::local)) {
        if (in_.kind() == TokenKind::id) {
            TRY(module_.bind(locals));
            TRY(one());
        } else {
            while (in_.kind() != TokenKind::close)
                TRY(one());
        }
        TRY(in_.expect_close());
    }
    close_group();
    out.u32_leb(group_count);
    out.bytes(groups);
    return {};
}

// global ::= '(' 'global' id? export* globaltype instr* ')'
//          | '(' 'global' id? export* import globaltype ')'
Result<void> ModuleParser::global() {
    in_.accept(TokenKind::id);
    TRY(exports(ExternKind::global, next_[static_cast<usize>(ExternKind::global)]++));
    const bool imported = TRY(inline_import(ExternKind::global));
    if (imported) return {};
    TRY(module_.global_type(globals_.entries));
    ++globals_.count;
    return expression(globals_.entries);
}

// tag ::= '(' 'tag' id? export* import? typeuse ')'
Result<void> ModuleParser::tag() {
    in_.accept(TokenKind::id);
    TRY(exports(ExternKind::tag, next_[static_cast<usize>(ExternKind::tag)]++));
    const bool imported = TRY(inline_import(ExternKind::tag));
    if (imported) return {};
    IndexSpace params{.unknown = "local", .duplicate = "local"};
    const TypeUse use = TRY(module_.type_use(&params));
    const u32 type = TRY(module_.resolve(use));
    tags_.entries.byte(0);
    tags_.entries.u32_leb(type);
    ++tags_.count;
    return {};
}

// start ::= '(' 'start' funcidx ')'
Result<void> ModuleParser::start() {
    const Token token = in_.peek();
    start_ = TRY(module_.index(module_.funcs));
    if (has_start_) return std::unexpected(in_.fail(TextFault::multiple_start, token));
    has_start_ = true;
    return {};
}

// instr*, as a constant expression with its end.
Result<void> ModuleParser::expression(Writer& out) {
    Writer body;
    InstrParser instructions(module_, body, nullptr);
    TRY(instructions.sequence());
    out.bytes(body);
    out.byte(0x0B);
    return {};
}

}  // namespace waxwing::text
