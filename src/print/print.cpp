#include "print/module_printer.hpp"

#include <algorithm>

#include "core/guard.hpp"
#include "core/try.hpp"
#include "decoder/module_decoder.hpp"

namespace waxwing {

Result<void> print_wat(std::span<const std::byte> module, const PrintOptions& options,
                       const TextSink& sink) {
    return guard(Code::compile, [&]() -> Result<void> {
        const core::Module decoded =
            TRY(decode_module(core::ModuleBytes::borrowed(module), Features::all()));
        print::Output out(&sink);
        print::ModulePrinter printer(decoded, options, out);
        TRY(printer.print());
        out.flush();
        return {};
    });
}

Result<std::string> print_wat(std::span<const std::byte> module, const PrintOptions& options) {
    constexpr usize always_allowed = 64 << 20;
    const usize most = std::max(always_allowed, 100 * module.size());
    std::string text;
    bool complete = true;
    return guard(Code::compile, [&]() -> Result<std::string> {
        TRY(print_wat(module, options, [&](std::string_view piece) {
            complete = complete && text.size() + piece.size() <= most;
            if (complete) text += piece;
            return complete;
        }));
        if (!complete)
            return std::unexpected(
                Error(Code::compile, ErrorKind::limit,
                      "text too long: more than " + std::to_string(most) + " bytes"));
        return std::move(text);
    });
}

}  // namespace waxwing
