#include "text/text.hpp"

#include "text/module_parser.hpp"

namespace waxwing::text {

Result<std::vector<u8>> module_to_binary(std::string_view source, usize begin, usize end,
                                         const TextOptions& options) {
    if (end > Lexer::max_size)
        return std::unexpected(Error(Code::compile, ErrorKind::limit, "text too long"));
    const Tokens tokens = tokenize(source, begin, end, options.annotations);
    ModuleParser parser(tokens);
    ModuleContext& context = parser.context();
    context.u32_limits = options.u32_limits;
    CustomAnnotations annotations(tokens);
    if (options.annotations) {
        TRY(annotations.parse());
        context.annotations = &annotations;
        context.data_count_needed = annotations.data_count();
    }
    TRY(parser.parse());
    return parser.binary(options.emit_names);
}

}  // namespace waxwing::text

namespace waxwing {

Result<std::vector<std::byte>> parse_wat(std::string_view source, const TextOptions& options) {
    const std::vector<u8> bytes = TRY(text::module_to_binary(source, 0, source.size(), options));
    const auto* const data = reinterpret_cast<const std::byte*>(bytes.data());
    return std::vector<std::byte>(data, data + bytes.size());
}

}  // namespace waxwing
