// Fields about tables and memories, and their segments.
#include <bit>

#include "text/module_parser.hpp"

namespace waxwing::text {

// addrtype?
bool ModuleParser::address_type_is_64() {
    const bool is_64 = in_.keyword() == Keyword::i64;
    if (is_64 || in_.keyword() == Keyword::i32) in_.advance();
    return is_64;
}

// limits ::= u64 u64?
// Binary: flags (1: maximum, 2: shared, 4: 64 bits, 8: page size), then both.
Result<void> ModuleParser::limits(bool is_64, u8 flags, Writer& out) {
    const unsigned bits = module_.u32_limits && !is_64 ? 32 : 64;
    const u64 min = TRY(in_.natural(bits));
    std::optional<u64> max;
    if (in_.kind() == TokenKind::nat) max = TRY(in_.natural(bits));
    if (max) flags |= 1;
    if (is_64) flags |= 4;
    out.byte(flags);
    out.u64_leb(min);
    if (max) out.u64_leb(*max);
    return {};
}

// '(' 'pagesize' u64 ')', a power of two, as its logarithm.
Result<void> ModuleParser::page_size(u8& log2) {
    TRY(in_.expect_open(Keyword::pagesize));
    const Token token = in_.peek();
    const u64 size = TRY(in_.natural(64));
    if (!std::has_single_bit(size))
        return std::unexpected(in_.fail(TextFault::page_size, token, in_.text(token)));
    log2 = static_cast<u8>(std::countr_zero(size));
    return in_.expect_close();
}

// memtype ::= addrtype? limits 'shared'? ('(' 'pagesize' u64 ')')?
Result<void> ModuleParser::memory_type(Writer& out) {
    const bool is_64 = address_type_is_64();
    const usize flags = out.size();
    TRY(limits(is_64, 0, out));
    if (in_.accept(Keyword::shared)) out.set(flags, out.data()[flags] | 2);
    if (in_.opens(Keyword::pagesize)) {
        u8 log2 = 0;
        TRY(page_size(log2));
        out.set(flags, out.data()[flags] | 8);
        out.byte(log2);
    }
    return {};
}

// memory ::= '(' 'memory' id? export* memtype ')'
//          | '(' 'memory' id? export* import memtype ')'
//          | '(' 'memory' id? export* addrtype? pagesize? '(' 'data' string* ')' ')'
Result<void> ModuleParser::memory() {
    module_.pass_name();
    const u32 index = next_[static_cast<usize>(ExternKind::memory)]++;
    TRY(exports(ExternKind::memory, index));
    const bool imported = TRY(inline_import(ExternKind::memory));
    if (imported) return {};
    ++memories_.count;

    const usize start = in_.position();
    const bool is_64 = address_type_is_64();
    if (in_.kind() == TokenKind::open) return inline_data(index, is_64);
    in_.seek(start);
    return memory_type(memories_.entries);
}

// The memory is just large enough for the data.
Result<void> ModuleParser::inline_data(u32 memory, bool is_64) {
    u8 page_log2 = 16;
    const bool custom_page = in_.opens(Keyword::pagesize);
    if (custom_page) TRY(page_size(page_log2));
    TRY(in_.expect_open(Keyword::data));
    std::string bytes;
    in_.strings(bytes);
    TRY(in_.expect_close());

    const u64 size = bytes.size();
    const u64 pages = (size >> page_log2) + ((size & ((u64{1} << page_log2) - 1)) != 0);
    Writer& out = memories_.entries;
    out.byte(static_cast<u8>(1 | (is_64 ? 4 : 0) | (custom_page ? 8 : 0)));
    out.u64_leb(pages);
    out.u64_leb(pages);
    if (custom_page) out.byte(page_log2);

    Writer& data = datas_.entries;
    data.byte(memory == 0 ? 0 : 2);
    if (memory != 0) data.u32_leb(memory);
    offset_zero(is_64, data);
    data.name(bytes);
    ++datas_.count;
    return {};
}

void ModuleParser::offset_zero(bool is_64, Writer& out) {
    const Opcode op = is_64 ? Opcode::i64_const : Opcode::i32_const;
    out.byte(static_cast<u8>(info(op).encoding));
    out.byte(0);
    out.byte(0x0B);
}

// tabletype ::= addrtype? limits reftype.  Binary: reftype limits.
Result<void> ModuleParser::table_type(Writer& out) {
    const bool is_64 = address_type_is_64();
    Writer bounds;
    TRY(limits(is_64, 0, bounds));
    TRY(module_.ref_type(out));
    out.bytes(bounds);
    return {};
}

// table ::= '(' 'table' id? export* tabletype instr* ')'
//         | '(' 'table' id? export* import tabletype ')'
//         | '(' 'table' id? export* addrtype? reftype '(' 'elem' ... ')' ')'
Result<void> ModuleParser::table() {
    module_.pass_name();
    const u32 index = next_[static_cast<usize>(ExternKind::table)]++;
    TRY(exports(ExternKind::table, index));
    const bool imported = TRY(inline_import(ExternKind::table));
    if (imported) return {};
    ++tables_.count;

    const usize start = in_.position();
    const bool is_64 = address_type_is_64();
    Writer type;
    if (module_.at_ref_type()) {
        TRY(module_.ref_type(type));
        return inline_elem(index, is_64, type);
    }
    in_.seek(start);
    TRY(table_type(type));
    Writer& out = tables_.entries;
    if (in_.kind() == TokenKind::close) {
        out.bytes(type);
        return {};
    }
    // With an initializer: 40 00 tabletype expr.
    out.byte(0x40);
    out.byte(0);
    out.bytes(type);
    return expression(out);
}

// The table is just large enough for the elements.
Result<void> ModuleParser::inline_elem(u32 table, bool is_64, const Writer& type) {
    TRY(in_.expect_open(Keyword::elem));
    const bool is_funcref = type.view() == "\x70";
    const bool indices = in_.kind() != TokenKind::open;
    u32 count = 0;
    Writer items;
    if (indices && is_funcref) {
        TRY(func_indices(items, count));
    } else if (indices) {
        for (; module_.at_index(); ++count) {
            const u32 func = TRY(module_.index(module_.funcs));
            items.byte(static_cast<u8>(info(Opcode::ref_func).encoding));
            items.u32_leb(func);
            items.byte(0x0B);
        }
    } else {
        for (; in_.kind() == TokenKind::open; ++count)
            TRY(elem_item(items));
    }
    TRY(in_.expect_close());

    tables_.entries.bytes(type);
    tables_.entries.byte(static_cast<u8>(1 | (is_64 ? 4 : 0)));
    tables_.entries.u64_leb(count);
    tables_.entries.u64_leb(count);

    // Segment flags: 2: table index given, 4: items are expressions.
    Writer& out = elems_.entries;
    const bool exprs = !(indices && is_funcref);
    const bool explicit_table = table != 0 || (exprs && !is_funcref);
    out.byte(static_cast<u8>((explicit_table ? 2 : 0) | (exprs ? 4 : 0)));
    if (explicit_table) out.u32_leb(table);
    offset_zero(is_64, out);
    if (explicit_table && exprs)
        out.bytes(type);
    else if (explicit_table)
        out.byte(0);
    out.u32_leb(count);
    out.bytes(items);
    ++elems_.count;
    return {};
}

Result<void> ModuleParser::func_indices(Writer& out, u32& count) {
    for (; module_.at_index(); ++count) {
        const u32 func = TRY(module_.index(module_.funcs));
        out.u32_leb(func);
    }
    return {};
}

// elemexpr ::= '(' 'item' instr* ')' | foldedinstr
Result<void> ModuleParser::elem_item(Writer& out) {
    if (in_.accept_open(Keyword::item)) {
        TRY(expression(out));
        return in_.expect_close();
    }
    instrs_.begin(out, nullptr);
    TRY(instrs_.one_folded());
    out.byte(0x0B);
    return {};
}

// offset ::= '(' 'offset' instr* ')' | foldedinstr
Result<void> ModuleParser::offset(Writer& out) {
    if (in_.accept_open(Keyword::offset)) {
        TRY(expression(out));
        return in_.expect_close();
    }
    if (in_.kind() != TokenKind::open) return std::unexpected(in_.unexpected());
    return elem_item(out);
}

// elem ::= '(' 'elem' id? elemlist ')'
//        | '(' 'elem' id? 'declare' elemlist ')'
//        | '(' 'elem' id? ('(' 'table' tableidx ')')? offset elemlist ')'
//        | '(' 'elem' id? offset funcidx* ')'
// Where '(' 'table' tableidx ')' may stand, a bare index is understood as well, as
// it was before passive segments.
// elemlist ::= 'func' funcidx* | reftype elemexpr*
// Binary flags: 1: passive or declarative, 2: declarative, or table index and type
// given, 4: items are expressions.
Result<void> ModuleParser::elem() {
    module_.pass_name();
    ++elems_.count;
    u8 flags = 0;
    u32 table = 0;
    Writer offset_expr;
    bool bare_indices = false;
    if (in_.accept(Keyword::declare)) {
        flags = 3;
    } else if (in_.keyword() == Keyword::func || module_.at_ref_type()) {
        flags = 1;
    } else {
        bool explicit_table = false;
        if (in_.accept_open(Keyword::table)) {
            explicit_table = true;
            table = TRY(module_.index(module_.tables));
            TRY(in_.expect_close());
        } else if (module_.at_index()) {
            table = TRY(module_.index(module_.tables));
        }
        TRY(offset(offset_expr));
        bare_indices = !explicit_table && (module_.at_index() || in_.kind() == TokenKind::close);
    }

    Writer items, type;
    u32 count = 0;
    if (bare_indices || in_.accept(Keyword::func)) {
        TRY(func_indices(items, count));
        if (flags == 0 && table != 0) flags = 2;
        type.byte(0);  // elemkind
    } else {
        TRY(module_.ref_type(type));
        flags |= 4;
        if (flags == 4 && (table != 0 || type.view() != "\x70")) flags = 6;
        for (; in_.kind() == TokenKind::open; ++count)
            TRY(elem_item(items));
    }

    Writer& out = elems_.entries;
    out.byte(flags);
    const bool active = (flags & 1) == 0;
    if (active && (flags & 2)) out.u32_leb(table);
    out.bytes(offset_expr);
    if ((flags & 3) != 0) out.bytes(type);
    out.u32_leb(count);
    out.bytes(items);
    return {};
}

// data ::= '(' 'data' id? string* ')'
//        | '(' 'data' id? ('(' 'memory' memidx ')')? offset string* ')'
// A bare memory index is understood as well.
Result<void> ModuleParser::data() {
    module_.pass_name();
    ++datas_.count;
    Writer& out = datas_.entries;
    if (in_.kind() == TokenKind::open || module_.at_index()) {
        u32 memory = 0;
        if (in_.accept_open(Keyword::memory)) {
            memory = TRY(module_.index(module_.memories));
            TRY(in_.expect_close());
        } else if (module_.at_index()) {
            memory = TRY(module_.index(module_.memories));
        }
        out.byte(memory == 0 ? 0 : 2);
        if (memory != 0) out.u32_leb(memory);
        TRY(offset(out));
    } else {
        out.byte(1);
    }
    std::string bytes;
    in_.strings(bytes);
    out.name(bytes);
    return {};
}

}  // namespace waxwing::text
