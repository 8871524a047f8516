#include "text/module_context.hpp"

namespace waxwing::text {

void Signature::write(Writer& out) const {
    out.byte(0x60);
    out.u32_leb(param_count);
    out.bytes(types.view().substr(0, results_at));
    out.u32_leb(result_count);
    out.bytes(results());
}

Result<void> ModuleContext::bind(IndexSpace& space) {
    return bind(space.names, space.count, 0, space.duplicate);
}

Result<void> ModuleContext::bind(NameTable& names, u32 index, u32 scope, const char* duplicate) {
    const Token token = in.peek();
    if (in.accept(TokenKind::id) && !names.add(in.source(), token.offset, index, scope))
        return std::unexpected(in.fail(TextFault::duplicate, token,
                                       std::string(duplicate) + " " + std::string(in.text(token))));
    if (const auto name = TRY(annotations.take_name(duplicate))) names.rename(*name, index, scope);
    return {};
}

void ModuleContext::pass_name() {
    in.accept(TokenKind::id);
    in.take_annotations(annotation::name);
}

Error ModuleContext::unknown(const char* what, const Token& token) {
    return in.fail(TextFault::unknown, token,
                   std::string(what) + " " + std::string(in.text(token)));
}

Result<u32> ModuleContext::index(const IndexSpace& space) {
    return lookup(space.names, 0, space.unknown);
}

Result<u32> ModuleContext::field_index(u32 type) { return lookup(fields, type, "field"); }

Result<u32> ModuleContext::lookup(const NameTable& names, u32 scope, const char* unknown) {
    const Token token = in.peek();
    if (token.kind != TokenKind::id) return in.u32_literal();
    in.advance();
    std::string storage;
    const u32 found = names.find(in.source(), name_of(in.text(token), storage), scope);
    if (found == HashIndex::none) return std::unexpected(this->unknown(unknown, token));
    return found;
}

// heaptype ::= absheaptype | typeidx
Result<void> ModuleContext::heap_type(Writer& out) {
    if (const u8 code = heap_type_code(in.keyword())) {
        in.advance();
        out.byte(code);
        return {};
    }
    if (!at_index()) return std::unexpected(in.unexpected());
    const u32 type = TRY(index(types_space));
    out.s64_leb(type);
    return {};
}

bool ModuleContext::at_ref_type() {
    return in.opens(Keyword::ref) || ref_type_code(in.keyword()) != 0;
}

bool ModuleContext::at_value_type() {
    const u8 code = number_type_code(in.keyword());
    return (code != 0 && code > 0x78) || at_ref_type();
}

Result<void> ModuleContext::ref_type_parts(Writer& heap, bool& nullable) {
    if (const u8 code = ref_type_code(in.keyword())) {
        in.advance();
        nullable = true;
        heap.byte(code);
        return {};
    }
    TRY(in.expect_open(Keyword::ref));
    nullable = in.accept(Keyword::null);
    TRY(heap_type(heap));
    return in.expect_close();
}

// reftype ::= '(' 'ref' 'null'? heaptype ')' | short form.  A nullable abstract
// heap type is written as its one byte, so that equal types have equal bytes.
Result<void> ModuleContext::ref_type(Writer& out) {
    const usize start = out.size();
    out.byte(0);
    bool nullable = false;
    TRY(ref_type_parts(out, nullable));
    const u8 first = out.data()[start + 1];
    const bool is_abstract = out.size() == start + 2 && first >= 0x40 && first < 0x80;
    Writer heap;
    heap.append(out.data() + start + 1, out.size() - start - 1);
    out.truncate(start);
    if (!nullable)
        out.byte(0x64);
    else if (!is_abstract)
        out.byte(0x63);
    out.bytes(heap);
    return {};
}

// valtype ::= numtype | vectype | reftype
Result<void> ModuleContext::value_type(Writer& out) {
    if (at_ref_type()) return ref_type(out);
    if (!at_value_type()) return std::unexpected(in.unexpected());
    out.byte(number_type_code(in.keyword()));
    in.advance();
    return {};
}

// globaltype ::= valtype | '(' 'mut' valtype ')'
Result<void> ModuleContext::global_type(Writer& out) {
    const bool is_mutable = in.accept_open(Keyword::mut);
    TRY(value_type(out));
    if (is_mutable) TRY(in.expect_close());
    out.byte(is_mutable);
    return {};
}

// fieldtype ::= storagetype | '(' 'mut' storagetype ')'
Result<void> ModuleContext::field_type(Writer& out) {
    const bool is_mutable = in.accept_open(Keyword::mut);
    if (in.keyword() == Keyword::i8 || in.keyword() == Keyword::i16) {
        out.byte(number_type_code(in.keyword()));
        in.advance();
    } else {
        TRY(value_type(out));
    }
    if (is_mutable) TRY(in.expect_close());
    out.byte(is_mutable);
    return {};
}

// param  ::= '(' 'param' id valtype ')' | '(' 'param' valtype* ')'
// result ::= '(' 'result' valtype* ')'
Result<void> ModuleContext::signature(Signature& out, IndexSpace* locals) {
    while (in.accept_open(Keyword::param)) {
        if (locals && in.kind() == TokenKind::id) {
            TRY(bind(*locals));
            TRY(value_type(out.types));
            ++out.param_count;
            ++locals->count;
        } else {
            for (; in.kind() != TokenKind::close; ++out.param_count) {
                TRY(value_type(out.types));
                if (locals) ++locals->count;
            }
        }
        TRY(in.expect_close());
    }
    out.results_at = out.types.size();
    while (in.accept_open(Keyword::result)) {
        for (; in.kind() != TokenKind::close; ++out.result_count)
            TRY(value_type(out.types));
        TRY(in.expect_close());
    }
    // Said here, before what was read is compared with a type.
    if (in.opens(Keyword::param) || in.opens(Keyword::type))
        return std::unexpected(in.unexpected(in.peek(1)));
    return {};
}

Result<TypeUse> ModuleContext::type_use(IndexSpace* locals) {
    TypeUse use;
    use.token = in.peek();
    if (in.accept_open(Keyword::type)) {
        use.has_index = true;
        use.token = in.peek();
        use.index = TRY(index(types_space));
        TRY(in.expect_close());
    }
    TRY(signature(use.signature, locals));
    // Without an inline type the parameters are those of the type, and have no names.
    if (locals && use.has_index && use.signature.empty() && use.index < types.size())
        locals->count += types.is_func(use.index) ? types.param_count(use.index) : 0;
    return use;
}

Result<u32> ModuleContext::resolve(const TypeUse& use) {
    if (use.has_index && use.signature.empty()) return use.index;  // validation's business
    Writer key;
    key.reserve(use.signature.types.size() + 16);
    use.signature.write(key);
    if (use.has_index) {
        if (use.index >= types.size()) return std::unexpected(unknown("type", use.token));
        if (!types.equals(use.index, key.view()))
            return std::unexpected(
                in.fail(TextFault::inline_function_type, use.token,
                        "does not match type " + std::string(in.text(use.token))));
        return use.index;
    }
    u32 type = types.find(key.view());
    if (type == HashIndex::none) {
        type = types.size();
        types.add(types.binary().size(), true);
        types.binary().bytes(key);
        types.offer(type);
        ++types.group_count;
    }
    return type;
}

// typedef ::= '(' 'type' id? subtype ')'.  Requires: '(' 'type' is taken.
Result<void> ModuleContext::type_definition() {
    ++types.group_count;
    pass_name();
    TRY(subtype(true));
    return in.expect_close();
}

// The number of types in a rectype.
u32 ModuleContext::count_types() {
    const usize start = in.position();
    u32 count = 0;
    for (; in.accept_open(Keyword::type); ++count)
        if (!in.skip_quickly_to_close()) break;  // said when the type is parsed
    in.seek(start);
    return count;
}

// rectype ::= '(' 'rec' typedef* ')'.  Requires: '(' 'rec' is taken.
// Binary: 4E vec(subtype), or one type alone.
Result<void> ModuleContext::rec_group() {
    ++types.group_count;
    const u32 count = count_types();
    if (count != 1) {
        types.binary().byte(0x4E);
        types.binary().u32_leb(count);
    }
    while (in.opens(Keyword::type)) {
        if (sought && sought->section == 1) sought->offer(types.binary().size(), in.peek().offset);
        in.advance(2);
        pass_name();
        TRY(subtype(count == 1));
        TRY(in.expect_close());
    }
    return in.expect_close();
}

// subtype ::= comptype | '(' 'sub' 'final'? typeidx* comptype ')'
// Binary: 4F for final, 50 for open types; a final type without supertypes is
// its comptype alone. One that is alone in its group too can be used without its index.
Result<void> ModuleContext::subtype(bool alone) {
    Writer supers;
    u32 super_count = 0;
    bool is_final = true;
    const bool sub = in.accept_open(Keyword::sub);
    if (sub) {
        is_final = in.accept(Keyword::final_);
        for (; at_index(); ++super_count) {
            const u32 super = TRY(index(types_space));
            supers.u32_leb(super);
        }
    }
    Writer& out = types.binary();
    const bool plain = is_final && super_count == 0;
    if (!plain) {
        out.byte(is_final ? 0x4F : 0x50);
        out.u32_leb(super_count);
        out.bytes(supers);
    }
    const usize start = out.size();
    const bool is_func = TRY(comp_type(out));
    if (sub) TRY(in.expect_close());
    types.add(start, is_func);
    if (alone && plain && is_func) types.offer(types.size() - 1);
    return {};
}

// comptype ::= '(' 'func' param* result* ')' | '(' 'struct' field* ')'
//            | '(' 'array' fieldtype ')'
// Is it a function type?
Result<bool> ModuleContext::comp_type(Writer& out) {
    const bool is_func = in.accept_open(Keyword::func);
    if (is_func) {
        IndexSpace names{.unknown = "local", .duplicate = "local"};
        Signature type;
        TRY(signature(type, &names));
        type.write(out);
    } else if (in.accept_open(Keyword::struct_)) {
        out.byte(0x5F);
        TRY(struct_fields(out));
    } else {
        TRY(in.expect_open(Keyword::array));
        out.byte(0x5E);
        TRY(field_type(out));
    }
    TRY(in.expect_close());
    return is_func;
}

// field ::= '(' 'field' id fieldtype ')' | '(' 'field' fieldtype* ')'
Result<void> ModuleContext::struct_fields(Writer& out) {
    const u32 type = types.size();
    Writer types_of_fields;
    u32 count = 0;
    while (in.accept_open(Keyword::field)) {
        if (in.kind() == TokenKind::id) {
            TRY(bind(fields, count, type, "field"));
            TRY(field_type(types_of_fields));
            ++count;
        } else {
            for (; in.kind() != TokenKind::close; ++count)
                TRY(field_type(types_of_fields));
        }
        TRY(in.expect_close());
    }
    out.u32_leb(count);
    out.bytes(types_of_fields);
    return {};
}

}  // namespace waxwing::text
