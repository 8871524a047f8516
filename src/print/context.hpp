// What all printers of one module share: the module and its identifiers.
#pragma once

#include <unordered_map>

#include "core/instr.hpp"
#include "core/module.hpp"
#include "print/id_space.hpp"

namespace waxwing::print {

// Requires: `module` outlives this.
struct Context {
    explicit Context(const core::Module& module);

    const core::Module& module;
    core::ModuleNames names;
    IdSpace types, funcs, tables, memories, globals, tags, elems, datas;
    std::unordered_map<u32, IdSpace> fields;  // by type

    const IdSpace& space(ExternKind kind) const;
    // Of a function type; null if there is no such type or it is none.
    const FuncType* func_type(u32 type) const;
    // Of a function; null likewise.
    const FuncType* type_of(u32 func) const;
    // Parameters and locals of a function. Null in `locals` names: none.
    u32 local_count(u32 func) const;
};

void put_heap_type(Output& out, const Context& context, HeapType type);
void put_type(Output& out, const Context& context, ValType type);
// " (param ...) (result ...)", with the names of parameters if there are any.
void put_signature(Output& out, const Context& context, const FuncType& type,
                   const IdSpace* locals = nullptr, bool annotate = false);
// "(func ...)", "(sub $t (struct ...))".
void put_sub_type(Output& out, const Context& context, u32 index, bool annotate);

// Operands taken and results given, for layout only: nothing depends on it being
// right. Zeros where the module does not make sense.
struct Arity {
    u32 inputs = 0;
    u32 outputs = 0;
};
// `label` tells how many values the label `in.index` wants; `results` those of
// the function.
Arity arity_of(const Context& context, const Instr& in, u32 label, u32 results);
// Of a block: what it takes and leaves.
Arity arity_of(const Context& context, const BlockType& block);

}  // namespace waxwing::print
