#include "text/text.hpp"

#include "core/guard.hpp"
#include "text/module_parser.hpp"

namespace waxwing::text {

Result<std::vector<std::byte>> module_to_binary(std::string_view source, usize begin, usize end,
                                                const TextOptions& options) {
    if (end > Lexer::max_size)
        return std::unexpected(Error(Code::compile, ErrorKind::limit, "text too long"));
    ModuleParser parser(source, begin, end);
    parser.context().u32_limits = options.u32_limits;
    if (options.annotations) parser.context().in.heed_annotations();
    TRY(parser.parse());
    return parser.binary(options.emit_names);
}

}  // namespace waxwing::text

namespace waxwing {

Result<std::vector<std::byte>> parse_wat(std::string_view source, const TextOptions& options) {
    return guard(Code::compile,
                 [&] { return text::module_to_binary(source, 0, source.size(), options); });
}

}  // namespace waxwing
