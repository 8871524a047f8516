#include "text/module_context.hpp"

namespace waxwing::text {

std::string Signature::key() const {
    Writer out;
    out.byte(0x60);
    out.u32_leb(param_count);
    out.bytes(params);
    out.u32_leb(result_count);
    out.bytes(results);
    return std::string(out.view());
}

std::string_view ModuleContext::identifier(const Token& token) {
    std::string unescaped;
    const std::string_view name = text::identifier(in.text(token), unescaped);
    if (unescaped.empty()) return name;
    return storage_.emplace_back(std::move(unescaped));
}

Result<void> ModuleContext::bind(IndexSpace& space) {
    const Token token = in.peek();
    if (in.accept(TokenKind::id) && !space.bind(identifier(token)))
        return std::unexpected(
            in.fail(TextFault::duplicate, token,
                    std::string(space.duplicate) + " " + std::string(in.text(token))));
    if (!annotations) return {};
    const auto name = TRY(annotations->take_name(in.position(), space.duplicate));
    if (name) space.rename(*name);
    return {};
}

Error ModuleContext::unknown(const IndexSpace& space, const Token& token) {
    return in.fail(TextFault::unknown, token,
                   std::string(space.unknown) + " " + std::string(in.text(token)));
}

Result<u32> ModuleContext::index(const IndexSpace& space) {
    const Token token = in.peek();
    if (token.kind != TokenKind::id) return in.u32_literal();
    in.advance();
    std::string unescaped;
    const auto found = space.indices.find(text::identifier(in.text(token), unescaped));
    if (found == space.indices.end()) return std::unexpected(unknown(space, token));
    return found->second;
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

bool ModuleContext::at_ref_type() const {
    return in.opens(Keyword::ref) || ref_type_code(in.keyword()) != 0;
}

bool ModuleContext::at_value_type() const {
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
            TRY(value_type(out.params));
            ++out.param_count;
            ++locals->count;
        } else {
            for (; in.kind() != TokenKind::close; ++out.param_count) {
                TRY(value_type(out.params));
                if (locals) ++locals->count;
            }
        }
        TRY(in.expect_close());
    }
    while (in.accept_open(Keyword::result)) {
        for (; in.kind() != TokenKind::close; ++out.result_count)
            TRY(value_type(out.results));
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
        locals->count += types[use.index].param_count;
    return use;
}

Result<u32> ModuleContext::resolve(const TypeUse& use) {
    if (use.has_index) {
        if (use.signature.empty()) return use.index;  // validation's business
        if (use.index >= types.size()) return std::unexpected(unknown(types_space, use.token));
        const TypeEntry& type = types[use.index];
        if (!type.is_func || type.key != use.signature.key())
            return std::unexpected(
                in.fail(TextFault::inline_function_type, use.token,
                        "does not match type " + std::string(in.text(use.token))));
        return use.index;
    }
    std::string key = use.signature.key();
    const auto [entry, added] = func_types.emplace(key, static_cast<u32>(types.size()));
    if (added) {
        rec_types.bytes(key);
        ++rec_type_count;
        types.push_back({true, std::move(key), use.signature.param_count});
    }
    return entry->second;
}

// typedef ::= '(' 'type' id? subtype ')'.  Requires: '(' 'type' is taken.
Result<void> ModuleContext::type_definition() {
    ++rec_type_count;
    if (in.kind() == TokenKind::id) in.advance();
    TRY(subtype(static_cast<u32>(types.size()), true));
    return in.expect_close();
}

// rectype ::= '(' 'rec' typedef* ')'.  Requires: '(' 'rec' is taken.
Result<void> ModuleContext::rec_group() {
    const usize first = types.size();
    const usize start = rec_types.size();
    while (in.accept_open(Keyword::type)) {
        if (in.kind() == TokenKind::id) in.advance();
        TRY(subtype(static_cast<u32>(types.size()), false));
        TRY(in.expect_close());
    }
    TRY(in.expect_close());

    const usize count = types.size() - first;
    ++rec_type_count;
    Writer group;
    group.append(rec_types.data() + start, rec_types.size() - start);
    rec_types.truncate(start);
    if (count != 1) {
        rec_types.byte(0x4E);
        rec_types.u64_leb(count);
    } else if (types[first].is_func && group.view() == types[first].key) {
        func_types.emplace(types[first].key, static_cast<u32>(first));
    }
    rec_types.bytes(group);
    return {};
}

// subtype ::= comptype | '(' 'sub' 'final'? typeidx* comptype ')'
// Binary: 4F for final, 50 for open types; a final type without supertypes is
// its comptype alone.
Result<void> ModuleContext::subtype(u32 type_index, bool singleton) {
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
    const bool plain = is_final && super_count == 0;
    if (!plain) {
        rec_types.byte(is_final ? 0x4F : 0x50);
        rec_types.u32_leb(super_count);
        rec_types.bytes(supers);
    }
    TypeEntry entry;
    TRY(comp_type(type_index, rec_types, entry));
    if (sub) TRY(in.expect_close());
    if (singleton && plain && entry.is_func) func_types.emplace(entry.key, type_index);
    types.push_back(std::move(entry));
    return {};
}

// comptype ::= '(' 'func' param* result* ')' | '(' 'struct' field* ')'
//            | '(' 'array' fieldtype ')'
Result<void> ModuleContext::comp_type(u32 type_index, Writer& out, TypeEntry& entry) {
    if (in.accept_open(Keyword::func)) {
        IndexSpace names{.unknown = "local", .duplicate = "local"};
        Signature type;
        TRY(signature(type, &names));
        entry.is_func = true;
        entry.key = type.key();
        entry.param_count = type.param_count;
        out.bytes(entry.key);
    } else if (in.accept_open(Keyword::struct_)) {
        out.byte(0x5F);
        TRY(struct_fields(type_index, out));
    } else {
        TRY(in.expect_open(Keyword::array));
        out.byte(0x5E);
        TRY(field_type(out));
    }
    return in.expect_close();
}

// field ::= '(' 'field' id fieldtype ')' | '(' 'field' fieldtype* ')'
Result<void> ModuleContext::struct_fields(u32 type_index, Writer& out) {
    Writer types_of_fields;
    IndexSpace names{.unknown = "field", .duplicate = "field"};
    while (in.accept_open(Keyword::field)) {
        if (in.kind() == TokenKind::id) {
            TRY(bind(names));
            TRY(field_type(types_of_fields));
            ++names.count;
        } else {
            for (; in.kind() != TokenKind::close; ++names.count)
                TRY(field_type(types_of_fields));
        }
        TRY(in.expect_close());
    }
    out.u32_leb(names.count);
    out.bytes(types_of_fields);
    if (!names.names.empty()) fields.emplace(type_index, std::move(names));
    return {};
}

}  // namespace waxwing::text
