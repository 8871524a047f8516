// A module as a listing: offsets, bytes, and what they mean. For people; nothing
// reads it back.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "print/context.hpp"
#include "waxwing/error.hpp"

namespace waxwing::print {

class Dump {
public:
    // Decodes the module, all features being on. Errors as Module::load() has them.
    // Both must outlive this.
    static Result<std::unique_ptr<Dump>> read(std::span<const std::byte> module,
                                              const TextSink& sink);

    // An index, or a name from the name section or the exports; none: no such
    // function of the module's own.
    std::optional<u32> find_function(std::string_view which) const;
    // Requires one that find_function() knows.
    Result<void> function(u32 func);
    Result<void> functions();
    // Lines that begin where the line written so far ends: the fields of the section
    // of this id, each behind its offset; for id 10 functions().
    Result<void> section(unsigned id);
    // Sixteen bytes a line, in hexadecimal and as characters. Requires: within the module.
    void bytes(usize offset, usize size);

    void text(std::string_view line) { out_.put(line); }
    void flush() { out_.flush(); }

    Dump(core::Module module, const TextSink& sink);

private:
    void instruction_bytes(u32 begin, u32 end);
    void declaration(u32 func);
    void function_head(u32 func);

    core::Module module_;
    Context context_;
    Output out_;
};

}  // namespace waxwing::print
