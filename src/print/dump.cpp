#include "print/dump.hpp"

#include <algorithm>
#include <charconv>

#include "core/try.hpp"
#include "decoder/instr_reader.hpp"
#include "decoder/module_decoder.hpp"
#include "print/instr_printer.hpp"
#include "print/literals.hpp"
#include "print/module_printer.hpp"

namespace waxwing::print {
namespace {

constexpr unsigned offset_digits = 6;
constexpr u32 bytes_per_line = 8;  // of an instruction
constexpr unsigned function_section = 3;
constexpr unsigned code_section = 10;

}  // namespace

Dump::Dump(core::Module module, const TextSink& sink)
    : module_(std::move(module)), context_(module_), out_(&sink) {}

Result<std::unique_ptr<Dump>> Dump::read(std::span<const std::byte> module, const TextSink& sink) {
    core::Module decoded = TRY(decode_module(core::ModuleBytes::borrowed(module), Features::all()));
    return std::make_unique<Dump>(std::move(decoded), sink);
}

std::optional<u32> Dump::find_function(std::string_view which) const {
    const auto own = [&](u32 func) -> std::optional<u32> {
        if (func < module_.imported_functions || func >= module_.functions.size()) return {};
        return func;
    };
    u32 index = 0;
    const char* const end = which.data() + which.size();
    const auto [last, error] = std::from_chars(which.data(), end, index);
    if (last == end && error == std::errc()) return own(index);
    if (which.starts_with('$')) which.remove_prefix(1);
    const auto named =
        std::ranges::find(context_.names.funcs, which, &core::Names::value_type::second);
    if (named != context_.names.funcs.end()) return own(named->first);
    for (const core::Export& exported : module_.exports)
        if (exported.kind == ExternKind::func && exported.name == which) return own(exported.index);
    return std::nullopt;
}

// "func 7 $f (param i32), 36 bytes at 0x1b0"
void Dump::function_head(u32 func) {
    const core::Code& code = module_.code[func - module_.imported_functions];
    out_.put("func ");
    out_.number(u64{func});
    context_.funcs.put_definition(out_, func, false);
    if (const FuncType* type = context_.type_of(func)) put_signature(out_, context_, *type);
    out_.put(", ");
    out_.number(u64{code.range.size});
    out_.put(code.range.size == 1 ? " byte at " : " bytes at ");
    out_.hex(code.range.offset);
    for (const core::LocalGroup& group : module_.locals(code)) {
        out_.line();
        out_.put("  local ");
        out_.number(u64{group.count});
        out_.put(" x ");
        put_type(out_, context_, group.type);
    }
    out_.line();
}

// "000043: 39 03 08", as many bytes as fit on a line.
void Dump::instruction_bytes(u32 begin, u32 end) {
    out_.hex_digits(begin, offset_digits);
    out_.put(':');
    const u32 shown = std::min(end, begin + bytes_per_line);
    for (u32 at = begin; at < shown; ++at) {
        out_.put(' ');
        out_.hex_digits(module_.bytes.data()[at], 2);
    }
}

Result<void> Dump::function(u32 func) {
    function_head(func);
    IdSpace locals;
    const auto find = [&](const core::NestedNames& lists) -> const core::Names* {
        const auto place =
            std::ranges::lower_bound(lists, func, {}, &core::NestedNames::value_type::first);
        return place != lists.end() && place->first == func ? &place->second : nullptr;
    };
    if (const core::Names* list = find(context_.names.locals))
        locals.assign(*list, context_.local_count(func));
    InstrPrinter instrs(context_, out_);
    instrs.begin(&locals, find(context_.names.labels));

    InstrReader in(module_, module_.code[func - module_.imported_functions].instructions);
    Instr instr{};
    while (!in.done() && !out_.stopped()) {
        if (const Result<void> next = in.next(instr); !next)
            return std::unexpected(std::move(Error(next.error()).with_function(func)));
        instruction_bytes(instr.offset, in.offset());
        const u32 first = std::min(in.offset() - instr.offset, bytes_per_line);
        out_.spaces(3 * (bytes_per_line - first) + 2);
        const bool outdented = instr.op == Opcode::end || instr.op == Opcode::else_;
        const usize depth = instrs.depth();
        out_.indent(outdented && depth != 0 ? depth - 1 : depth);
        instrs.print(instr);
        out_.line();
        for (u32 at = instr.offset + bytes_per_line; at < in.offset(); at += bytes_per_line) {
            instruction_bytes(at, in.offset());
            out_.line();
        }
    }
    return {};
}

Result<void> Dump::functions() {
    for (u32 i = 0; i < module_.code.size() && !out_.stopped(); ++i) {
        if (i != 0) out_.line();
        TRY(function(module_.imported_functions + i));
    }
    return {};
}

Result<void> Dump::section(unsigned id) {
    if (id == code_section || id == function_section) out_.line();
    if (id == code_section) return functions();
    if (id == function_section) {
        for (u32 i = module_.imported_functions; i < module_.functions.size(); ++i)
            declaration(i);
        return {};
    }
    const PrintOptions options{.offsets = true};
    ModulePrinter printer(module_, options, out_);
    TRY(printer.print_section(id));
    out_.line();
    return {};
}

// "0001b0: func 7 $f (type 1)"
void Dump::declaration(u32 func) {
    out_.hex_digits(module_.functions[func].offset, offset_digits);
    out_.put(": func ");
    out_.number(u64{func});
    context_.funcs.put_definition(out_, func, false);
    out_.put(" (type ");
    context_.types.put(out_, module_.functions[func].type);
    out_.put(')');
    out_.line();
}

void Dump::bytes(usize offset, usize size) {
    constexpr usize width = 16;
    for (const usize end = offset + size; offset < end && !out_.stopped(); offset += width) {
        out_.hex_digits(offset, offset_digits);
        out_.put(": ");
        const usize count = std::min(width, end - offset);
        for (usize i = 0; i < width; ++i) {
            if (i < count)
                out_.hex_digits(module_.bytes.data()[offset + i], 2);
            else
                out_.spaces(2);
            out_.put(' ');
        }
        out_.put(' ');
        for (usize i = 0; i < count; ++i) {
            const auto c = static_cast<char>(module_.bytes.data()[offset + i]);
            out_.put(c >= 0x20 && c < 0x7F ? c : '.');
        }
        out_.line();
    }
}

}  // namespace waxwing::print
