#include "print/annotations.hpp"

#include <algorithm>
#include <array>

#include "core/try.hpp"
#include "decoder/reader.hpp"
#include "print/literals.hpp"

namespace waxwing::print {
namespace {

// By section id: what a custom section stands behind.
constexpr std::array<std::string_view, 14> places = {
    "(before first)", "(after type)",   "(after import)",    "(after func)",  "(after table)",
    "(after memory)", "(after global)", "(after export)",    "(after start)", "(after elem)",
    "(after code)",   "(after data)",   "(after datacount)", "(after tag)",
};

std::string_view text(std::span<const u8> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

const core::CustomSection* Annotations::only(std::string_view name) const {
    const auto is_it = [&](const core::CustomSection& custom) { return custom.name == name; };
    if (std::ranges::count_if(module_.customs, is_it) != 1) return nullptr;
    return &*std::ranges::find_if(module_.customs, is_it);
}

// metadata.code.branch_hint ::= vec(funcidx vec(offset 01 likely))
// What is malformed leaves no hints.
Annotations::Annotations(const core::Module& module)
    : module_(module), hint_section_(only(hints_name)) {
    if (!hint_section_) return;
    Reader in(module.bytes, hint_section_->payload);
    const auto read = [&]() -> Result<void> {
        const u32 funcs = TRY(in.length());
        for (u32 i = 0; i < funcs; ++i) {
            const u32 func = TRY(in.u32_leb());
            const u32 count = TRY(in.length());
            for (u32 k = 0; k < count; ++k) {
                const u32 offset = TRY(in.u32_leb());
                TRY(in.byte());
                const u8 likely = TRY(in.byte());
                hints_.push_back({func, offset, likely != 0});
            }
        }
        return {};
    };
    if (!read() || !in.at_end()) hints_.clear();
    if (!std::ranges::is_sorted(hints_, {}, &Hint::func)) hints_.clear();
}

void Annotations::begin_function(u32 func, const core::Code& code) {
    for (next_ = end_; next_ != hints_.size() && hints_[next_].func < func;)
        ++next_;
    for (end_ = next_; end_ != hints_.size() && hints_[end_].func == func;)
        ++end_;
    func_start_ = code.range.offset;
}

std::optional<bool> Annotations::take_next_hint(const Instr& in) {
    if (in.op != Opcode::if_ && in.op != Opcode::br_if) return std::nullopt;
    const u32 offset = in.offset - func_start_;
    while (next_ != end_ && hints_[next_].offset < offset)
        ++next_;
    if (next_ == end_ || hints_[next_].offset != offset) return std::nullopt;
    ++used_;
    return hints_[next_++].likely;
}

void Annotations::put_hint(Output& out, bool likely) {
    out.put("(@metadata.code.branch_hint \"\\0");
    out.put(likely ? '1' : '0');
    out.put("\") ");
}

// The parser writes the section right before the code.
bool Annotations::rewrites_hints() const {
    if (hints_.empty() || used_ != hints_.size()) return false;
    const u32 code = module_.code.front().range.offset;
    const auto* next = hint_section_ + 1;
    const bool follows_custom = next != module_.customs.data() + module_.customs.size();
    if (hint_section_->offset > code || (follows_custom && next->offset < code)) return false;

    Writer functions;
    u32 count = 0;
    for (usize i = 0; i < hints_.size(); ++count) {
        Writer list;
        const u32 func = hints_[i].func;
        u32 listed = 0;
        for (; i < hints_.size() && hints_[i].func == func; ++i, ++listed) {
            list.u32_leb(hints_[i].offset);
            list.byte(1);
            list.byte(hints_[i].likely);
        }
        functions.u32_leb(func);
        functions.u32_leb(listed);
        functions.bytes(list);
    }
    Writer contents;
    contents.u32_leb(count);
    contents.bytes(functions);
    return contents.view() == text(module_.view(hint_section_->payload));
}

// The parser writes the section behind all others that are not custom.
bool Annotations::rewrites_names(const core::ModuleNames& names, usize used) const {
    const core::CustomSection* section = only("name");
    if (!section) return false;
    usize total = 0;
    for (const core::Names* list : {&names.funcs, &names.types, &names.tables, &names.memories,
                                    &names.globals, &names.elems, &names.datas, &names.tags})
        total += list->size();
    for (const core::NestedNames* lists : {&names.locals, &names.labels, &names.fields})
        for (const auto& [index, list] : *lists)
            total += list.size();
    if (used != total) return false;

    const core::Range payload = section->payload;
    if (payload.size == 0) return false;  // nobody writes that
    const u32 end = payload.offset + payload.size;
    Reader in(module_.bytes, {end, static_cast<u32>(module_.bytes.size()) - end});
    while (!in.at_end()) {
        const auto id = in.byte();
        const auto size = in.length();
        if (!id || *id != 0 || !size || !in.take(*size)) return false;
    }
    Writer contents;
    core::write_names(names, contents);
    return contents.view() == text(module_.view(payload));
}

void Annotations::put_custom(Output& out, const core::CustomSection& custom,
                             bool after_names) const {
    out.put("(@custom ");
    put_name(out, custom.name);
    out.put(' ');
    out.put(after_names ? "(after last)" : places[custom.after_section]);
    const std::string_view bytes = text(module_.view(custom.payload));
    if (!bytes.empty()) put_long_bytes(out, bytes, 2);
    out.put(')');
}

}  // namespace waxwing::print
