// A module as text: one field after another, in the order of the binary format.
#pragma once

#include "decoder/instr_reader.hpp"
#include "print/annotations.hpp"
#include "print/fold.hpp"
#include "print/instr_printer.hpp"
#include "waxwing/error.hpp"

namespace waxwing::print {

class ModulePrinter {
public:
    // All must outlive the printer.
    ModulePrinter(const core::Module& module, const PrintOptions& options, Output& out);

    // Stops early, without an error, if the output wants no more.
    Result<void> print();

    // The fields of the section with this id; none for those of functions' types and custom ones.
    Result<void> print_section(unsigned id);

private:
    Result<void> fields();
    void types();
    void imports();
    Result<void> tables();
    void memories();
    void tags();
    Result<void> globals();
    void exports();
    void start();
    Result<void> elems();
    Result<void> datas();
    Result<void> functions();
    void customs();

    // Parts of fields
    void table_type(const TableType& type);
    void memory_type(const MemoryType& type, u32 offset, bool imported);
    void global_type(const GlobalType& type);
    void type_use(u32 type, const IdSpace* locals = nullptr);
    void limits(const Limits& limits, AddressType address);
    void place(std::string_view word, const IdSpace& space, u32 index);
    // An expression of one instruction in parentheses; others in those of `word`,
    // which may be empty.
    Result<void> expression(const core::Expr& expr, std::string_view word);
    Result<void> elem_items(const core::ElemSegment& segment);
    void locals(const core::Code& code, const IdSpace& names, u32 params);
    Result<void> flat_body(const core::Code& code, const IdSpace& locals,
                           const core::Names* labels);

    // " $f (;3;)"
    void definition(const IdSpace& space, u32 index) {
        space.put_numbered(out_, index, options_.annotations);
    }

    Context context_;
    const core::Module& module_;
    const PrintOptions& options_;
    Output& out_;
    Lines lines_;
    InstrPrinter instrs_;
    Annotations annotations_;
    bool names_data_ = false;
    usize used_names_ = 0;  // of locals, and of labels in folded bodies
};

}  // namespace waxwing::print
