// The code section: where the functions' instructions and locals are.
#include "core/limits.hpp"
#include "core/try.hpp"
#include "decoder/sections.hpp"
#include "decoder/types.hpp"

namespace waxwing {
namespace {

// locals ::= vec(count:u32 valtype)
Result<void> decode_locals(Reader& in, core::Module& module, core::Code& code) {
    const u32 at = in.offset();
    code.first_group = static_cast<u32>(module.local_groups.size());
    code.group_count = TRY(in.length());
    u64 sum = 0;
    for (u32 i = 0; i < code.group_count; ++i) {
        const u32 count_at = in.offset();
        const u32 count = TRY(in.u32_leb());
        sum += count;
        if (sum > 0xFFFFFFFF)
            return in.fail(Fault::too_many_locals, ": " + std::to_string(sum), count_at);
        module.local_groups.push_back({count, TRY(decode_val_type(in, module.features))});
    }
    if (sum > limits::function_locals) {
        return std::unexpected(limit_error("too many locals: " + std::to_string(sum) + " (limit " +
                                               std::to_string(limits::function_locals) + ")",
                                           at));
    }
    code.local_count = static_cast<u32>(sum);
    return {};
}

// code ::= size:u32 locals expr
Result<core::Code> decode_function(Reader& in, core::Module& module) {
    const u32 size = TRY(in.length());
    Reader body = TRY(in.sub(size));
    core::Code code;
    code.range = {body.offset(), size};
    TRY(decode_locals(body, module, code));
    code.instructions = {body.offset(), body.remaining()};
    return code;
}

}  // namespace

// codesec ::= vec(code)
Result<void> decode_code(Reader& in, core::Module& module) {
    const u32 count = TRY(decode_count(in, 0, limits::functions, "functions"));
    reserve(module.code, count, in, 3);
    for (u32 i = 0; i < count; ++i) {
        Result<core::Code> code = decode_function(in, module);
        if (!code)
            return std::unexpected(
                std::move(code.error().with_function(module.imported_functions + i)));
        module.code.push_back(*code);
    }
    return {};
}

}  // namespace waxwing
