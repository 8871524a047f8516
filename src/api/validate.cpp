#include "api/validate.hpp"

#include "api/walk.hpp"
#include "core/try.hpp"
#include "decoder/module_decoder.hpp"

namespace waxwing {

Result<void> validate_const_exprs(const ModuleValidator& module, FuncValidator& validator) {
    NoListener none;
    for (const ConstExpr& expr : module.const_exprs()) {
        TRY(validator.begin_const(expr));
        TRY(walk_body(module.module(), expr.body, &validator, none, InstrReader::Body::constant));
    }
    return {};
}

Result<core::Module> decode_and_validate(core::ModuleBytes bytes, Features features) {
    core::Module module = TRY(decode_module(std::move(bytes), features));
    ModuleValidator module_validator(module);
    TRY(module_validator.check());
    FuncValidator validator(module_validator);
    TRY(validate_const_exprs(module_validator, validator));
    NoListener none;
    for (u32 i = 0; i < module.code.size(); ++i) {
        TRY(validator.begin_function(module.imported_functions + i));
        TRY(walk_body(module, module.code[i].instructions, &validator, none));
    }
    return module;
}

}  // namespace waxwing
