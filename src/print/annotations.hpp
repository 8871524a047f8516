// What custom sections say about a module, as annotations: branch hints at their
// instructions, and every section that the parser would not make by itself.
#pragma once

#include <optional>
#include <vector>

#include "print/context.hpp"

namespace waxwing::print {

class Annotations {
public:
    static constexpr std::string_view hints_name = "metadata.code.branch_hint";

    explicit Annotations(const core::Module& module);

    // From here on instructions of this function are asked for.
    void begin_function(u32 func, const core::Code& code);
    // The hint of an instruction. Requires: asked for in order.
    std::optional<bool> take_hint(const Instr& in) {
        return next_ == end_ ? std::nullopt : take_next_hint(in);
    }
    // The annotation, and a space.
    static void put_hint(Output& out, bool likely);

    // True if the parser writes the section of names again just as it is, when
    // `used` names have been printed.
    bool rewrites_names(const core::ModuleNames& names, usize used) const;
    // The same for branch hints, after all functions.
    bool rewrites_hints() const;

    // (@custom "name" (after section) "bytes"), or (after last).
    void put_custom(Output& out, const core::CustomSection& custom, bool after_names) const;

    // The only section of that name; null if there is none or several.
    const core::CustomSection* only(std::string_view name) const;

private:
    struct Hint {
        u32 func;
        u32 offset;  // from the start of the function's locals
        bool likely;
    };
    std::optional<bool> take_next_hint(const Instr& in);

    const core::Module& module_;
    const core::CustomSection* hint_section_;
    std::vector<Hint> hints_;  // in the order of the section
    usize next_ = 0;           // in hints_: those of the function, not yet put
    usize end_ = 0;
    usize used_ = 0;
    u32 func_start_ = 0;
};

}  // namespace waxwing::print
