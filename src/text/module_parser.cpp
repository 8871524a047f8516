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

bool ModuleParser::is_field(Keyword word) {
    return space_of(word) || word == Keyword::type || word == Keyword::rec ||
           word == Keyword::import_ || word == Keyword::export_ || word == Keyword::start;
}

Result<void> ModuleParser::parse() {
    wrapped_ = in_.accept_open(Keyword::module_);
    if (wrapped_) {
        if (in_.kind() == TokenKind::id) {
            name_ = in_.peek().offset;
            in_.advance();
        }
        if (const auto name = TRY(module_.annotations.take_name("module"))) name_ = *name;
    }
    const usize first = in_.position();
    const auto go_back = [&] {
        in_.seek(first);
        if (wrapped_) in_.take_annotations(annotation::name);
    };
    TRY(scan());
    go_back();
    in_.forgive(first);
    TRY(types());
    go_back();
    TRY(fields());
    return module_.annotations.finish();
}

// First pass ------------------------------------------------------------------

Result<void> ModuleParser::scan() {
    while (in_.kind() == TokenKind::open) {
        const Keyword word = in_.keyword(1);
        if (!is_field(word)) return std::unexpected(in_.unexpected(in_.peek(1)));
        in_.advance(2);
        TRY(scan_field(word));
        TRY(in_.skip_quickly_to_close());
    }
    if (wrapped_) TRY(in_.expect_close());
    return in_.expect(TokenKind::end);
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
    ++type_fields_;
    if (word == Keyword::type) {
        TRY(module_.bind(space));
        ++space.count;
        return {};
    }
    while (in_.accept_open(Keyword::type)) {
        TRY(module_.bind(space));
        ++space.count;
        TRY(in_.skip_quickly_to_close());
    }
    return {};
}

// A definition may be an import in disguise, and may bring a segment with it.
Result<void> ModuleParser::scan_definition(Keyword word) {
    const usize start = in_.position();
    const Token at = in_.peek();
    in_.accept(TokenKind::id);
    while (in_.accept_open(Keyword::export_))
        TRY(in_.skip_quickly_to_close());
    const bool imported = in_.opens(Keyword::import_);
    in_.seek(start);
    TRY(define(*space_of(word), imported, at));
    if (imported || (word != Keyword::table && word != Keyword::memory)) return {};

    const Keyword segment = word == Keyword::table ? Keyword::elem : Keyword::data;
    while (in_.kind() != TokenKind::close && in_.kind() != TokenKind::end) {
        if (in_.opens(segment)) ++space_of(segment)->count;
        const bool nested = in_.kind() == TokenKind::open;
        in_.advance();
        if (nested) TRY(in_.skip_quickly_to_close());
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

// All types come first, wherever they stand.
Result<void> ModuleParser::types() {
    for (u32 left = type_fields_; left != 0;) {
        in_.take_annotations(annotation::custom);
        const Keyword word = in_.keyword(1);
        mark_field(in_.peek().offset);
        in_.advance(2);
        if (word != Keyword::type && word != Keyword::rec) {
            TRY(in_.skip_quickly_to_close());
            continue;
        }
        TRY(word == Keyword::type ? module_.type_definition() : module_.rec_group());
        --left;
    }
    return {};
}

Result<void> ModuleParser::fields() {
    TRY(module_.annotations.take_customs());
    while (in_.kind() == TokenKind::open) {
        const Keyword word = in_.keyword(1);
        mark_field(in_.peek().offset);
        in_.advance(2);
        if (word == Keyword::type || word == Keyword::rec) {
            TRY(in_.skip_quickly_to_close());
        } else {
            TRY(field(word));
            TRY(in_.expect_close());
            settle();
        }
        TRY(module_.annotations.take_customs());
    }
    if (wrapped_) in_.advance();
    return {};
}

Result<void> ModuleParser::field(Keyword word) {
    switch (word) {
    case Keyword::import_: return import();
    case Keyword::func: return func();
    case Keyword::table: return table();
    case Keyword::memory: return memory();
    case Keyword::global: return global();
    case Keyword::tag: return tag();
    case Keyword::export_: return export_();
    case Keyword::start: return start();
    case Keyword::elem: return elem();
    default: return data();
    }
}

// If a place in the body that comes next is looked for.
SoughtPlace* ModuleParser::sought_body() {
    SoughtPlace* const sought = module_.sought;
    return sought && sought->section == 10 && sought->body == code_.count ? sought : nullptr;
}

// A field stands there in the text.
void ModuleParser::mark_field(u32 place) {
    SoughtPlace* const sought = module_.sought;
    if (!sought) return;
    const auto offer = [&](const Section& section) { sought->offer(section.size(), place); };
    switch (sought->section) {
    case 1: sought->offer(module_.types.binary().size(), place); break;
    case 2: offer(imports_); break;
    case 3: offer(funcs_); break;
    case 4: offer(tables_); break;
    case 5: offer(memories_); break;
    case 6: offer(globals_); break;
    case 7: offer(exports_); break;
    case 8:
        if (!has_start_) sought->offer(0, place);
        break;
    case 9: offer(elems_); break;
    case 10:
        if (code_.count == sought->body) sought->offer(0, place);
        break;
    case 11: offer(datas_); break;
    case 13: offer(tags_); break;
    default: break;
    }
}

void ModuleParser::settle() {
    for (Section* section : {&imports_, &funcs_, &tables_, &memories_, &tags_, &globals_, &exports_,
                             &elems_, &datas_, &code_, &local_names_, &label_names_, &hints_})
        section->settle();
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
    module_.pass_name();
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
    locals_.clear();
    const TypeUse use = TRY(module_.type_use(&locals_));
    const u32 type = TRY(module_.resolve(use));
    out.u32_leb(type);
    return {};
}

// ('(' 'export' name ')')*, in front of a definition.
Result<void> ModuleParser::exports(ExternKind kind, u32 index) {
    while (in_.opens(Keyword::export_)) {
        if (module_.sought && module_.sought->section == 7)
            module_.sought->offer(exports_.size(), in_.peek().offset);
        in_.advance(2);
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
    const std::string_view id =
        in_.kind() == TokenKind::id ? in_.text(in_.peek()) : std::string_view();
    module_.pass_name();
    const u32 index = next_[static_cast<usize>(ExternKind::func)]++;
    TRY(exports(ExternKind::func, index));
    const bool imported = TRY(inline_import(ExternKind::func));
    if (imported) return {};

    locals_.clear();
    const TypeUse use = TRY(module_.type_use(&locals_));
    const u32 type = TRY(module_.resolve(use));
    funcs_.entries.u32_leb(type);
    ++funcs_.count;
    if (SoughtPlace* const sought = sought_body()) sought->func_name = id;
    return code(index);
}

// The size stands before the body and is known behind it: one byte is kept for it, and
// the body moved if that is not enough.
Result<void> ModuleParser::code(u32 index) {
    Writer& out = code_.entries;
    out.byte(0);
    const usize start = out.size();
    instrs_.begin(out, &locals_);
    SoughtPlace* const sought = sought_body();
    if (sought) instrs_.seek_place(*sought);
    TRY(local_groups(locals_, out));
    TRY(instrs_.sequence());
    if (sought) sought->offer(out.size() - start, in_.peek().offset);
    out.byte(0x0B);
    ++code_.count;

    usize size = out.size() - start;
    const usize extra = leb_size(size) - 1;
    if (extra != 0) out.insert(start, extra);
    for (usize at = start - 1; at < start + extra; ++at, size >>= 7)
        out.set(at, static_cast<int>((size & 0x7F) | (at + 1 < start + extra ? 0x80 : 0)));

    if (!locals_.names.empty()) {
        ++local_names_.count;
        local_names_.entries.u32_leb(index);
        locals_.names.write(in_.source(), 0, local_names_);
    }
    write_labels(index);
    write_hints(index);
    return {};
}

void ModuleParser::write_labels(u32 func) {
    const Blocks<NamedIndex>& names = instrs_.label_names();
    if (names.empty()) return;
    ++label_names_.count;
    Writer& out = label_names_.entries;
    out.u32_leb(func);
    out.u64_leb(names.size());
    std::string storage;
    for (usize i = 0; i < names.size(); ++i) {
        out.u32_leb(names[i].index);
        out.name(name_at(in_.source(), names[i].offset, storage));
        label_names_.settle();
    }
}

void ModuleParser::write_hints(u32 func) {
    const Blocks<BranchHint>& hints = instrs_.hints();
    if (hints.empty()) return;
    ++hints_.count;
    Writer& out = hints_.entries;
    out.u32_leb(func);
    out.u64_leb(hints.size());
    for (usize i = 0; i < hints.size(); ++i) {
        out.u32_leb(hints[i].offset);
        out.byte(1);
        out.byte(hints[i].likely);
        hints_.settle();
    }
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
    module_.pass_name();
    TRY(exports(ExternKind::global, next_[static_cast<usize>(ExternKind::global)]++));
    const bool imported = TRY(inline_import(ExternKind::global));
    if (imported) return {};
    TRY(module_.global_type(globals_.entries));
    ++globals_.count;
    return expression(globals_.entries);
}

// tag ::= '(' 'tag' id? export* import? typeuse ')'
Result<void> ModuleParser::tag() {
    module_.pass_name();
    TRY(exports(ExternKind::tag, next_[static_cast<usize>(ExternKind::tag)]++));
    const bool imported = TRY(inline_import(ExternKind::tag));
    if (imported) return {};
    locals_.clear();
    const TypeUse use = TRY(module_.type_use(&locals_));
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
    instrs_.begin(out, nullptr);
    TRY(instrs_.sequence());
    out.byte(0x0B);
    return {};
}

}  // namespace waxwing::text
